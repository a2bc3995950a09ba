"""A Flash film under another name: a warning."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("intro.dat", b"FWS\x0a" + bytes(60))]))
