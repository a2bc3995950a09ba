"""More files than anybody looks through."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), *(Item(f"d/{number}.txt", b"1") for number in range(20_001))]))
