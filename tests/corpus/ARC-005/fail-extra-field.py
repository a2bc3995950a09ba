"""An archive in the service field of a file."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder, zip_bytes([index(), Item("a.txt", b"a", central={"extra": b"XX\xa0\0" + b"PK\3\4" + bytes(156)})])
    )
