"""The only clip says that the name is not shown."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_clip import lesson_with_clip


def make(folder: Path) -> Path:
    return lesson_with_clip(folder, seconds=8, to=8, name_caption=False)
