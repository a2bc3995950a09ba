"""Files and folders with the rights that Unix stores."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item("img/", central={"attributes": 0o040755 << 16 | 0x10}),
                Item("img/a.txt", b"a", central={"attributes": 0o100644 << 16}),
            ]
        ),
    )
