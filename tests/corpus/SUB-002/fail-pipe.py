"""A named pipe: opening it would wait for ever."""

from __future__ import annotations

import os
from pathlib import Path


def make(folder: Path) -> Path:
    work = folder / "submission"
    work.mkdir()
    (work / "speech.srt").write_text("1\n00:00:00,500 --> 00:00:02,500\nСабақты бастаймыз.\n", encoding="utf-8")
    os.mkfifo(work / "sound.mp3")
    return work
