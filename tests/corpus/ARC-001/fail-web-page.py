"""The page that a download site showed instead of the file."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import write


def make(folder: Path) -> Path:
    return write(folder, b"<!doctype html><html><title>Sign in</title><p>Sign in to download</html>")
