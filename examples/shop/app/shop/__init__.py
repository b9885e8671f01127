"""A shop that takes orders, and ships them when there is stock."""
