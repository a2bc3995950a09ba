"""A package of a hundred and one archives."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    inside = zip_bytes([Item("a.txt", b"a")])
    return write(folder, zip_bytes([index(), *(Item(f"{number}.zip", inside) for number in range(101))]))
