"""A 7z archive under the name of a ZIP."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import write


def make(folder: Path) -> Path:
    return write(folder, bytes.fromhex("377abcaf271c0004") + bytes(200))
