"""A document of the old form with macros, without its extension."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import ole
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("plan.dat", ole(["WordDocument", "Macros/VBA/dir"]))]))
