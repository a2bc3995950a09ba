"""Captions were edited behind the build."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_film import NAME, lesson_with_film


def make(folder: Path) -> Path:
    lesson = lesson_with_film(folder)
    out = lesson / "out" / NAME
    captions = out / f"{NAME}.srt"
    captions.write_text(captions.read_text(encoding="utf-8").replace("ребята", "друзья"), encoding="utf-8")
    return lesson
