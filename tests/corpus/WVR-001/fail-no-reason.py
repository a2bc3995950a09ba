"""A waiver that nobody gave a reason for."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.waived_work import waived_work, waiver


def make(folder: Path) -> Path:
    return waived_work(folder, waiver().replace("    reason: Мұрағатта қалуы керек\n", ""), notes=None)
