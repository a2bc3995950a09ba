"""Thirty million zeros in thirty thousand bytes."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import DEFLATED, Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("zeros.txt", bytes(30_000_000), DEFLATED)]))
