"""A ZIP in a ZIP in a ZIP, which is not looked into any more."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tests.unit.checks.lesson_with_clip import LESSON


def make(folder: Path) -> Path:
    packed = LESSON.encode()
    for name in ("lesson.yaml", "monday.zip", "april.zip"):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
            opened.writestr(name, packed)
        packed = archive.getvalue()
    target = folder / "spring.zip"
    target.write_bytes(packed)
    return target
