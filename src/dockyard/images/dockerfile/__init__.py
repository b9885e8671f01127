"""Dockerfiles, as BuildKit 0.34 reads them, for what they depend on. Pure.

`lines` takes a text apart into instructions, `words` expands variables, `stages` knows the stages and what each takes from
elsewhere, `needs` says what a target depends on. BuildKit's own answers are the expected results (tests/cases/dockerfiles).
"""
