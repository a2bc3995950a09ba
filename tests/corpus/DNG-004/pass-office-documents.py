"""A letter, a table and slides with what teachers paste into them."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes
from tests.unit.checks.office_documents import docx, pptx, xlsx


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("a.docx", docx()), Item("b.xlsx", xlsx()), Item("c.pptx", pptx())]))
