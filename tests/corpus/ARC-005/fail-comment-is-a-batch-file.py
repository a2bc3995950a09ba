"""A batch file in the comment."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index()], comment=b"\r\n@echo off\r\ncalc\r\n"))
