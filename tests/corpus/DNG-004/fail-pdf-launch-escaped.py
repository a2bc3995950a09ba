"""A PDF that starts a program and spells it otherwise."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import pdf
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("plan.pdf", pdf("/OpenAction << /S /L#61unch /F (cmd.exe) >>"))]))
