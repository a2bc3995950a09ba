"""A tar archive under the name of a ZIP."""

from __future__ import annotations

import tarfile
from pathlib import Path


def make(folder: Path) -> Path:
    path = folder / "app.zip"
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("index.html"))
    return path
