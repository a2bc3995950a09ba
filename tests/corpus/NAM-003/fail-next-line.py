"""A control character from behind the Latin letters: a line ends in the middle of the name."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> Path:
    work = folder / "submission"
    work.mkdir()
    speech = "1\n00:00:00,500 --> 00:00:02,500\nСабақты бастаймыз.\n"
    (work / "a\u0085b.srt").write_text(speech, encoding="utf-8")
    return work
