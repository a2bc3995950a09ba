"""The manifest names a film that is not there."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_film import NAME, lesson_with_film


def make(folder: Path) -> Path:
    lesson = lesson_with_film(folder, film=b"film")
    (lesson / "out" / NAME / f"{NAME}.mp4").unlink()
    return lesson
