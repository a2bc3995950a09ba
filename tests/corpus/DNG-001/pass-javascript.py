"""A package is made of it."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import PAGE, Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    page = PAGE.replace("</body>", '<script src="count.js"></script></body>')
    return write(folder, zip_bytes([index(page), Item("count.js", b"document.title = 1;\n")]))
