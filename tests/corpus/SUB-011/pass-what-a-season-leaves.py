"""What a build of many lessons leaves, its journal cut off by a power cut."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> Path:
    (folder / "cues.csv").write_bytes(
        b"track,start,end,start_frame,frames,seconds,part,kind,content\n"
        b"picture,00:00:00:00,00:00:05:00,0,125,5.0,title,title,'-5 + 3\n"
    )
    (folder / "batch.json").write_bytes(b'{"format": 1, "run": {}, "totals": {}, "notes": [], "lessons": []}')
    (folder / ".telesabaq/lease.json").parent.mkdir(parents=True, exist_ok=True)
    (folder / ".telesabaq/lease.json").write_bytes(
        b'{"pid": 7, "host": "a", "driver": "b", "since": "c", "lessons": 1}'
    )
    (folder / ".telesabaq/journal/000001-abcd.jsonl").parent.mkdir(parents=True, exist_ok=True)
    (folder / ".telesabaq/journal/000001-abcd.jsonl").write_bytes(
        b'{"n": 1, "at": "x", "t": 0.1, "event": "run-started"}\n{"n": 2, "at'
    )
    return folder
