"""The last file is a ZIP, so a second end record stands before the directory."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("task.zip", zip_bytes([Item("a.txt", b"a")]))]))
