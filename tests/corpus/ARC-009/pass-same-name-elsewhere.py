"""The same name in two folders."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder, zip_bytes([index(), Item("one/a.txt", b"a"), Item("two/a.txt", b"b"), Item("one/"), Item("two/")])
    )
