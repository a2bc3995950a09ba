"""A file called like data that begins with noise; its end is an archive, and opens as one."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    hidden = zip_bytes([Item("notes.txt", b"notes")], prefix=b"noise " * 20)
    return write(folder, zip_bytes([index(), Item("data/x.dat", hidden)]))
