"""A program in a table in a presentation."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import windows_program
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes
from tests.unit.checks.office_documents import pptx, xlsx


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item(
                    "plan.pptx", pptx({"ppt/embeddings/table.xlsx": xlsx({"xl/media/image1.png": windows_program()})})
                ),
            ]
        ),
    )
