"""A journal that is bytes of something else."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> Path:
    (folder / ".telesabaq/journal/000001-abcd.jsonl").parent.mkdir(parents=True, exist_ok=True)
    (folder / ".telesabaq/journal/000001-abcd.jsonl").write_bytes(b'{"' + bytes(range(256)))
    return folder
