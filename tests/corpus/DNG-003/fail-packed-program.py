"""A program packed with gzip."""

from __future__ import annotations

import gzip
from pathlib import Path

from tests.unit.checks.hostile_documents import windows_program
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("data.gz", gzip.compress(windows_program(), mtime=0))]))
