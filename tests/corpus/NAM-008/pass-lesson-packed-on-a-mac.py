"""A lesson packed on a Mac: its script finds the picture, whose й is stored in two pieces."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.unit.checks.corpus import CORPUS
from tests.unit.checks.lesson_with_clip import LESSON

PICTURE = CORPUS / "SUB-001" / "pass-picture-and-captions" / "picture.png"


def make(folder: Path) -> Path:
    target = folder / "lesson.zip"
    picture = "    seconds: 115\n    picture: йод.png\n    source: own\n"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lesson.yaml", LESSON.replace("    seconds: 115\n", picture))
        archive.writestr("\u0438\u0306од.png", PICTURE.read_bytes())
    return target
