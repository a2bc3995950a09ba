"""A shortcut of Windows."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item("data.bin", bytes.fromhex("4c0000000114020000000000c000000000000046") + bytes(60)),
            ]
        ),
    )
