"""A packed tar inside the package."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    inside = io.BytesIO()
    with tarfile.open(fileobj=inside, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return write(folder, zip_bytes([index(), Item("more.tgz", gzip.compress(inside.getvalue(), mtime=0))]))
