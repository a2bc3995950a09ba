"""A cell that starts a program."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes
from tests.unit.checks.office_documents import xlsx

LINK = b'<externalLink><ddeLink ddeService="cmd"/></externalLink>'


def make(folder: Path) -> Path:
    table = xlsx({"xl/externalLinks/externalLink2.xml": LINK})
    return write(folder, zip_bytes([index(), Item("plan.xlsx", table)]))
