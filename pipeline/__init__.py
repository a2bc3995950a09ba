"""telesabaq: TV lessons, made and judged."""

__version__ = "0.1.0"
