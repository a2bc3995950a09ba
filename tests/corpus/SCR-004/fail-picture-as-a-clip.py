"""The script shows as a clip what is a picture."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.unit.checks.lesson_with_clip import lesson_with_clip

PICTURE = Path(__file__).parents[1] / "PIC-006" / "pass-a-third-of-the-screen.png"


def make(folder: Path) -> Path:
    lesson = lesson_with_clip(folder, seconds=8, to=8)
    (lesson / "teacher.mp4").unlink()
    shutil.copyfile(PICTURE, lesson / "graph.png")
    script = lesson / "lesson.yaml"
    script.write_text(script.read_text("utf-8").replace("clip: teacher.mp4", "clip: graph.png"), "utf-8")
    return lesson
