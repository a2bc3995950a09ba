"""The script is the one that the film was made from."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_film import lesson_with_film


def make(folder: Path) -> Path:
    return lesson_with_film(folder)
