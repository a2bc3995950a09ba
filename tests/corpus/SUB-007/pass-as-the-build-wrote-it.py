"""The manifest as it is."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_film import lesson_with_film


def make(folder: Path) -> Path:
    return lesson_with_film(folder)
