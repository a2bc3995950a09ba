"""A picture of the lesson is a link out of the submission: told once, of the link, and not of the script again."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_clip import LESSON


def make(folder: Path) -> Path:
    lesson = folder / "lesson"
    lesson.mkdir()
    (lesson / "ice.svg").symlink_to("/etc/hostname")
    picture = "    seconds: 115\n    picture: ice.svg\n    source: own\n"
    (lesson / "lesson.yaml").write_text(LESSON.replace("    seconds: 115\n", picture), encoding="utf-8")
    return lesson
