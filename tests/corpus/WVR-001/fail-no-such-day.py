"""A date that is in no calendar."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.waived_work import waived_work, waiver


def make(folder: Path) -> Path:
    return waived_work(folder, waiver(expires="2026-02-30"), notes=None)
