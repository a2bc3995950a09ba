"""UTF-8 letters without the mark, packed on Windows, where they are taken for others."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("сабақ.txt".encode(), b"a", central={"host": 0})]))
