"""A slide of the lesson is a program that draws: a lesson that is handed in may not carry code."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_clip import LESSON


def make(folder: Path) -> Path:
    (folder / "draw.py").write_text("print(1)\n", encoding="utf-8")
    slide = "  - slide: Запомните\n    text: При кристаллизации тело отдаёт столько же тепла.\n"
    script = folder / "lesson.yaml"
    animation = "  - animation: draw.py\n    source: own\n"
    script.write_text(LESSON.replace(slide, animation), encoding="utf-8")
    return script
