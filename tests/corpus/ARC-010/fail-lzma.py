"""Packed with LZMA."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.unit.checks.hostile_zip import PAGE


def make(folder: Path) -> Path:
    path = folder / "app.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("index.html", PAGE, zipfile.ZIP_LZMA)
    return path
