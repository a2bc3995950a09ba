"""A file that is not the listed one."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import known_bad
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("a.txt", known_bad() + b"\n")]))
