"""A film built into a PDF."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import pdf
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    document = pdf("/Annots [4 0 R]", "<< /Type /Annot /Subtype /RichMedia /Rect [0 0 9 9] >>")
    return write(folder, zip_bytes([index(), Item("plan.pdf", document)]))
