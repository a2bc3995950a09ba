"""Only files count, not the folders above them."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("www.example.com/a.txt", b"a"), Item("game.exe.txt", b"a")]))
