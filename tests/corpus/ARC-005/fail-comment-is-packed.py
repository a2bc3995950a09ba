"""Something written in the letters of base64 in the comment."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index()], comment=b"note " + b"TVqQAAMAAAAEAAAA" * 100))
