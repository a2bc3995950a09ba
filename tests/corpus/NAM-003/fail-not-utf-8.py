"""A name in the letters of old Windows."""

from __future__ import annotations

import os
from pathlib import Path


def make(folder: Path) -> Path:
    work = folder / "submission"
    work.mkdir()
    name = os.fsdecode("сабақ.srt".encode("kz1048"))
    (work / name).write_text("1\n00:00:00,500 --> 00:00:02,500\nСабақты бастаймыз.\n", encoding="utf-8")
    return work
