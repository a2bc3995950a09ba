"""Foreign bytes behind the packed data of a file."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import DEFLATED, Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item("a.txt", b"a" * 50, DEFLATED, data=Item("a.txt", b"a" * 50, DEFLATED).packed() + b"payload"),
            ]
        ),
    )
