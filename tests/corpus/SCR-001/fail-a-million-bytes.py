"""A script far larger than any lesson: it is not read to its end."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> Path:
    script = folder / "lesson.yaml"
    script.write_bytes(b"keywords: [" + b"word, " * 3_000_000 + b"]\n")
    return script
