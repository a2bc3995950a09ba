"""Foreign bytes in front."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index()], prefix=b"GIF89a" + b"picture " * 50))
