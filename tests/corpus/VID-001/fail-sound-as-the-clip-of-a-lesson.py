"""The clip of a lesson is an MP3 called .mp4: told of the file, and not of the script as well."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.unit.checks.corpus import CORPUS
from tests.unit.checks.lesson_with_clip import LESSON


def make(folder: Path) -> Path:
    lesson = folder / "lesson"
    lesson.mkdir()
    shutil.copy(CORPUS / "VID-001" / "fail-mp3.mp4", lesson / "teacher.mp4")
    clip = "    seconds: 114\n  - clip: teacher.mp4\n    to: 0:01\n    source: own\n"
    (lesson / "lesson.yaml").write_text(LESSON.replace("    seconds: 115\n", clip), encoding="utf-8")
    return lesson
