"""A hundred and twenty million zeros in a hundred and twenty thousand bytes."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import DEFLATED, Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("zeros.txt", bytes(120_000_000), DEFLATED)]))
