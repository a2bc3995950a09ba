"""A link that leads nowhere."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> Path:
    work = folder / "submission"
    work.mkdir()
    (work / "speech.srt").write_text("1\n00:00:00,500 --> 00:00:02,500\nСабақты бастаймыз.\n", encoding="utf-8")
    (work / "picture.png").symlink_to("gone.png")
    return work
