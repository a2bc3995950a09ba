"""A document whose two lists of parts differ: nobody can tell what is in it."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item("plan.docx", zip_bytes([Item("word/document.xml", b"a", local={"name": b"word/other.xml"})])),
            ]
        ),
    )
