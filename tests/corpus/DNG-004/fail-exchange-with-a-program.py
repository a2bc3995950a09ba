"""A field that starts a program, cut into pieces."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes
from tests.unit.checks.office_documents import docx, text


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes([index(), Item("plan.docx", docx({"word/document.xml": text(" DDE", "AUTO cmd.exe ", "/k calc")}))]),
    )
