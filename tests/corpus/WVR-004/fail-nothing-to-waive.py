"""The file has no such finding any more."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.waived_work import CAPTIONS, waived_work, waiver


def make(folder: Path) -> Path:
    return waived_work(folder, waiver(rule="CAP-001", path="work/speech.srt", content=CAPTIONS), notes=None)
