"""Archives inside each other like dolls."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    inside = zip_bytes([Item("a.txt", b"a")])
    for _ in range(3):
        inside = zip_bytes([Item("doll.zip", inside)])
    return write(folder, zip_bytes([index(), Item("doll.zip", inside)]))
