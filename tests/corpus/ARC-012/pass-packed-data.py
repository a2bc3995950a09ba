"""Data packed with gzip, as game engines ship them."""

from __future__ import annotations

import gzip
from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("Build/game.data.gz", gzip.compress(bytes(5000), mtime=0))]))
