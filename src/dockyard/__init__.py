"""Dockyard: one application, described once in Compose; tested, delivered, dispatched and operated."""

__version__ = "0.1.0"
