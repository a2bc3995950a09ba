"""Announces three thousand million bytes."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import DEFLATED, Item, index, write, zip_bytes

HUGE = {"size": 3_000_000_000}


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("film.txt", b"0" * 2_000_000, DEFLATED, local=HUGE, central=HUGE)]))
