"""A ZIP inside the package under the name of a picture."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("img/apple.png", zip_bytes([Item("a.txt", b"a")]))]))
