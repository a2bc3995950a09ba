"""A program where the tables lie that were pasted into a document."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import windows_program
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes
from tests.unit.checks.office_documents import docx


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("plan.docx", docx({"word/embeddings/run.exe": windows_program()}))]))
