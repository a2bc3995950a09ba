"""The file was changed after somebody answered for it."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.waived_work import waived_work, waiver


def make(folder: Path) -> Path:
    return waived_work(folder, waiver(rule="CAP-001", path="work/speech.srt", content="before"), notes=None)
