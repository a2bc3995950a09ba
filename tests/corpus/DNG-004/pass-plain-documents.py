"""Documents without programs."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import ole, pdf
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item(
                    "plan.docx",
                    zip_bytes(
                        [
                            Item("[Content_Types].xml"),
                            Item("word/document.xml"),
                            Item("word/embeddings/table.xls", ole(["Workbook"])),
                        ]
                    ),
                ),
                Item("plan.pdf", pdf("/OpenAction [3 0 R /Fit]")),
                Item("plan.rtf", b"{\\rtf1 text}"),
            ]
        ),
    )
