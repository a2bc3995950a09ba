"""A 7z inside the package, under the name of data."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("more.dat", bytes.fromhex("377abcaf271c0004") + bytes(200))]))
