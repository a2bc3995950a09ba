"""A RAR archive under the name of a ZIP."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import write


def make(folder: Path) -> Path:
    return write(folder, b"Rar!\x1a\x07\x01\0" + bytes(200))
