"""A table that fetches another when it is opened."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("marks.iqy", b"WEB\n1\nhttps://example.com\n")]))
