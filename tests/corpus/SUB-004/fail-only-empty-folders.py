"""Folders, and no file in any of them."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> Path:
    work = folder / "submission"
    (work / "media" / "pictures").mkdir(parents=True)
    return work
