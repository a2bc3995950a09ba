"""Encrypted with AES."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes

AES = {"flags": 1, "extra": b"\x01\x99\x07\0\2\0AE\3\0\0"}


def make(folder: Path) -> Path:
    return write(
        folder, zip_bytes([index(), Item("a.txt", b"a" * 20, 99, data=bytes(range(40)), local=AES, central=AES)])
    )
