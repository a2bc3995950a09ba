"""A folder of version control: told as a whole, its files are not judged."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> Path:
    work = folder / "submission"
    (work / ".git" / "objects").mkdir(parents=True)
    (work / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (work / ".git" / "objects" / "pack").write_bytes(b"PACK")
    (work / "speech.srt").write_text("1\n00:00:00,500 --> 00:00:02,500\nСабақты бастаймыз.\n", encoding="utf-8")
    return work
