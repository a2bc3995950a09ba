"""A ZIP of ZIPs, a lesson in each: what is in them is judged as in a folder."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tests.unit.checks.lesson_with_clip import LESSON


def make(folder: Path) -> Path:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lesson.yaml", LESSON)
        archive.writestr("plan.txt", "Жоспар\n")
    outer = folder / "season.zip"
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("melting.zip", inner.getvalue())
    return outer
