"""An archive inside a submission's ZIP that would be let through alone: inside another it multiplies."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path


def make(folder: Path) -> Path:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("lesson.yaml", "#" * 20_000_000)
    target = folder / "season.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lesson.zip", inner.getvalue())
    return target
