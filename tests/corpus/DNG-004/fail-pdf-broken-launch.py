"""A PDF that starts a program and that only some readers open."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("plan.pdf", b"%PDF-1.7\n<< /S /Launch /F (cmd.exe) >>")]))
