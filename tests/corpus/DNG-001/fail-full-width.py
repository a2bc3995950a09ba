"""Full-width letters, which become plain ones."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import windows_program
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("game.ｅｘｅ", windows_program())]))
