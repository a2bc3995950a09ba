"""A folder with nothing in it."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> Path:
    work = folder / "submission"
    work.mkdir()
    return work
