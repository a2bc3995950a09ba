"""A template that is fetched when the document is opened."""

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
                    docx(
                        {
                            "word/_rels/settings.xml.rels": relations(
                                ("attachedTemplate", "https://example.com/t.dotm", True)
                            )
                        }
                    ),
                ),
            ]
        ),
    )
