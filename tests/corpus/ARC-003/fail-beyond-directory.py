"""A file that would reach into the directory."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes

LONG = {"size": 5000, "packed": 5000}


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("a.txt", b"a", local=LONG, central=LONG)]))
