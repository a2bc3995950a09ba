"""Encrypted the old way."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item("a.txt", b"a" * 20, data=bytes(range(32)), local={"flags": 1}, central={"flags": 1}),
            ]
        ),
    )
