"""A table that only begins as a cue sheet does."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> Path:
    (folder / "cues.csv").write_bytes(b"track,start,end,mark\na,b,c,5\n")
    return folder
