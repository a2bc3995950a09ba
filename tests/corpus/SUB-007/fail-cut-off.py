"""The end of the manifest was lost."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_film import NAME, lesson_with_film


def make(folder: Path) -> Path:
    lesson = lesson_with_film(folder)
    out = lesson / "out" / NAME
    manifest = out / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8")[:900], encoding="utf-8")
    return lesson
