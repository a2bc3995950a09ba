"""Written with the records for large archives though it is small."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.unit.checks.hostile_zip import PAGE


def make(folder: Path) -> Path:
    path = folder / "app.zip"
    info = zipfile.ZipInfo("index.html", (2020, 4, 6, 9, 0, 0))
    with zipfile.ZipFile(path, "w") as archive, archive.open(info, "w", force_zip64=True) as page:
        page.write(PAGE.encode())
    return path
