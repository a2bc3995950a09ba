"""A file of three million bytes is announced as three."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import DEFLATED, Item, index, write, zip_bytes

SMALL = {"size": 3}


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("a.txt", b"0" * 3_000_000, DEFLATED, local=SMALL, central=SMALL)]))
