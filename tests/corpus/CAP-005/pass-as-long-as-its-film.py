"""A film of three seconds with captions to its end."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_clip import film, webvtt


def make(folder: Path) -> Path:
    case = folder / "film"
    case.mkdir()
    film(case / "lesson.mp4", 3)
    (case / "lesson.vtt").write_text(webvtt([(1, 3)]), encoding="utf-8")
    return case
