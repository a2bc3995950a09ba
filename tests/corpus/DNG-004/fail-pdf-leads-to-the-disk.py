"""A link to a file on the disk of whoever reads it."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import pdf
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    document = pdf("/OpenAction 4 0 R", "<< /S /URI /URI (file:///C:/Windows/win.ini) >>")
    return write(folder, zip_bytes([index(), Item("plan.pdf", document)]))
