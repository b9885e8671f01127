"""The family tree of images: what is built on what, what is stale, what a change of a base would cause."""
