"""A text about it that quotes it."""

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
                Item("readme.txt", b"The test file is " + standard_virus() + b" and does no harm."),
            ]
        ),
    )
