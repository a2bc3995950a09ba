"""Written by an ordinary tool to a pipe: sizes stand behind the data."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import BinaryIO

from tests.unit.checks.hostile_zip import PAGE


def make(folder: Path) -> Path:
    path = folder / "app.zip"
    with path.open("wb") as file, zipfile.ZipFile(_Pipe(file), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("index.html", (2020, 4, 6, 9, 0, 0)), PAGE, zipfile.ZIP_DEFLATED)
    return path


class _Pipe:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, content: bytes) -> int:
        return self._file.write(content)

    def flush(self) -> None:
        self._file.flush()
