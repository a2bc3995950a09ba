"""Packed with gzip."""

from __future__ import annotations

import gzip
from pathlib import Path

from tests.unit.checks.hostile_documents import standard_virus
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("data.gz", gzip.compress(standard_virus(), mtime=0))]))
