"""Extra fields may differ: ordinary tools write longer ones in front of the file."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item(
                    "a.txt", b"a", local={"extra": b"UT\x09\0\3" + bytes(8)}, central={"extra": b"UT\5\0\3" + bytes(4)}
                ),
            ]
        ),
    )
