"""A packed program of Java, called like a book."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item("book.epub", zip_bytes([Item("META-INF/MANIFEST.MF"), Item("Game.class")])),
            ]
        ),
    )
