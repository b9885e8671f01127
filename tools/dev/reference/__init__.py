"""Generators of docs/reference: each module here has `PAGE` and `render() -> str`; see dev/docs.py."""
