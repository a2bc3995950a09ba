"""An author who waives rules for his own work."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.waived_work import waived_work, waiver


def make(folder: Path) -> Path:
    return waived_work(folder, waiver(path="notes.txt"), notes=None, inside=True)
