"""A program handed in as a picture."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import windows_program
from tests.unit.checks.hostile_zip import write


def make(folder: Path) -> Path:
    return write(folder, windows_program(), "apple.png")
