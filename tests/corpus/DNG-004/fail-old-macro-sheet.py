"""A sheet of the macros that Excel had before Basic."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes
from tests.unit.checks.office_documents import xlsx


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("plan.xlsx", xlsx({"xl/macrosheets/sheet1.xml": b"<macrosheet/>"}))]))
