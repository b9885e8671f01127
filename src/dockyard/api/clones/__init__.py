"""Fresh data for each test: clones of a database inside the server that an environment has already.

`opening` is the way in, `pool` keeps clones ready, `postgres` and `mysql` make them, `credentials` finds out who may.
"""
