"""A RAR inside the package."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("more.rar", b"Rar!\x1a\x07\x01\0" + bytes(200))]))
