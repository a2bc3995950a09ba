"""Bytes that are no archive at all."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import write


def make(folder: Path) -> Path:
    return write(folder, bytes(range(7, 251)) * 20)
