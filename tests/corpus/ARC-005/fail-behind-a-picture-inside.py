"""A picture of the package is an archive at its end: it shows, and it opens."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.exports import PIXEL
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    hidden = zip_bytes([Item("notes.txt", b"notes")], prefix=PIXEL)
    return write(folder, zip_bytes([index(), Item("img/pixel.gif", hidden)]))
