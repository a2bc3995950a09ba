"""A program of macOS for two processors."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("data.bin", bytes.fromhex("cafebabe00000002") + bytes(60))]))
