"""Marked as UTF-8 and is not."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item("урок.txt".encode("cp866"), b"a", local={"flags": 0x800}, central={"flags": 0x800}),
            ]
        ),
    )
