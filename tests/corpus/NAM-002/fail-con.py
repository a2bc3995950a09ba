"""A device of Windows, whatever its ending."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> Path:
    work = folder / "submission"
    work.mkdir()
    speech = "1\n00:00:00,500 --> 00:00:02,500\nСабақты бастаймыз.\n"
    for name in ("con.srt",):
        target = work / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(speech, encoding="utf-8")
    return work
