"""A field of no known program in front of a file, full of noise."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    field = b"\x99\x99\x2c\1" + bytes(each * 7 % 251 + 1 for each in range(300))
    return write(folder, zip_bytes([index(), Item("a.txt", b"a", local={"extra": field})]))
