"""A whole archive lies in the comment: it depends on the program which one opens."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index()], comment=zip_bytes([Item("other.txt", b"other")])))
