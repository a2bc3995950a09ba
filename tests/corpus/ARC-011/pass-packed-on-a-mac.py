"""UTF-8 letters without the mark, as macOS and Linux pack them."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("сабақ.txt".encode(), b"a", central={"host": 3})]))
