"""Sixty kilobytes in the comment that are no text."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index()], comment=bytes(each * 7 % 251 for each in range(60_000))))
