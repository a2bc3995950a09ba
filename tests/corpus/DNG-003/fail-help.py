"""Compiled help."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("data.bin", b"ITSF\3\0\0\0" + bytes(60))]))
