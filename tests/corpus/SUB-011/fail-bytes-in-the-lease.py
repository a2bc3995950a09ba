"""A lease that nobody holds."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> Path:
    (folder / ".telesabaq/lease.json").parent.mkdir(parents=True, exist_ok=True)
    (folder / ".telesabaq/lease.json").write_bytes(b'{"x' + b"A" * 300)
    return folder
