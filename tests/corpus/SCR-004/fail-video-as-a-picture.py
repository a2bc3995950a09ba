"""The script shows as a picture what is a video."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_clip import lesson_with_clip


def make(folder: Path) -> Path:
    lesson = lesson_with_clip(folder, seconds=8, to=8)
    script = lesson / "lesson.yaml"
    text = script.read_text("utf-8")
    slide = "  - slide: Запомните\n"
    script.write_text(text.replace(slide, f"{slide}    picture: teacher.mp4\n    source: own\n"), "utf-8")
    return lesson
