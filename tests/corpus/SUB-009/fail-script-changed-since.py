"""A question was corrected, and no film made of it."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_film import lesson_with_film


def make(folder: Path) -> Path:
    lesson = lesson_with_film(folder)
    script = lesson / "lesson.yaml"
    written = script.read_text(encoding="utf-8").replace("2 кг льда", "3 кг льда")
    script.write_text(written, encoding="utf-8")
    return lesson
