"""A link from one folder of the lesson to another: what it leads to is used all the same."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.unit.checks.corpus import CORPUS
from tests.unit.checks.lesson_with_clip import LESSON


def make(folder: Path) -> Path:
    lesson = folder / "lesson"
    (lesson / "pictures").mkdir(parents=True)
    shutil.copy(CORPUS / "SUB-001" / "pass-picture-and-captions" / "picture.png", lesson / "pictures" / "ice.png")
    (lesson / "media").symlink_to("pictures")
    picture = "    seconds: 115\n    picture: media/ice.png\n    source: own\n"
    (lesson / "lesson.yaml").write_text(LESSON.replace("    seconds: 115\n", picture), encoding="utf-8")
    return lesson
