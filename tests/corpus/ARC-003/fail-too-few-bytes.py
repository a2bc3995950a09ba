"""A file unpacks to less than is announced."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import DEFLATED, Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("a.txt", b"ten", DEFLATED, local={"size": 9}, central={"size": 9})]))
