"""Words in the comment, and markup that acts when a page shows them."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index()], comment=b"words <img src=x onerror=alert(1)>"))
