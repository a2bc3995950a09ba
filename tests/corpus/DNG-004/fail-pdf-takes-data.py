"""A form that fills itself from another file."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import pdf
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    document = pdf("/OpenAction 4 0 R", "<< /S /ImportData /F (data.fdf) >>")
    return write(folder, zip_bytes([index(), Item("plan.pdf", document)]))
