"""Typesetting: what a child sees on screen when it is not footage."""
