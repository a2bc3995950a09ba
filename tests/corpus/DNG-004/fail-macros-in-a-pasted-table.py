"""Macros in an old table in a document."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import ole
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes
from tests.unit.checks.office_documents import docx


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes([index(), Item("plan.docx", docx({"word/embeddings/old.xls": ole(["_VBA_PROJECT_CUR/VBA/dir"])}))]),
    )
