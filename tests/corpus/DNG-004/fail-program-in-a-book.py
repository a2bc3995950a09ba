"""A program in an e-book."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("book.epub", zip_bytes([Item("mimetype"), Item("OEBPS/game.exe")]))]))
