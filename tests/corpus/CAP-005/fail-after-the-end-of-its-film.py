"""A film of three seconds with captions up to the tenth."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_clip import film, webvtt


def make(folder: Path) -> Path:
    case = folder / "film"
    case.mkdir()
    film(case / "lesson.mp4", 3)
    (case / "lesson.kk.vtt").write_text(webvtt([(1, 3), (8, 10)]), encoding="utf-8")
    return case
