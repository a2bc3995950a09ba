"""A waiver of the last century."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.waived_work import CAPTIONS, waived_work, waiver


def make(folder: Path) -> Path:
    return waived_work(folder, waiver(path="work/speech.srt", content=CAPTIONS, expires="1999-12-31"), notes=None)
