"""In an archive in an archive."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import standard_virus
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item("a.zip", zip_bytes([Item("b.zip", zip_bytes([Item("c.txt", standard_virus())]))])),
            ]
        ),
    )
