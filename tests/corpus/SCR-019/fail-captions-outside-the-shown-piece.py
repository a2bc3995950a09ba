"""All captions lie after the piece of the clip that is shown."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_clip import lesson_with_clip


def make(folder: Path) -> Path:
    return lesson_with_clip(folder, seconds=8, to=4, captions={"teacher.vtt": [(5, 7)]})
