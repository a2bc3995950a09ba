"""The film was made of another lesson."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_film import CAPTIONS, NAME, lesson_with_film, write_manifest


def make(folder: Path) -> Path:
    lesson = lesson_with_film(folder)
    out = lesson / "out" / NAME
    write_manifest(
        out,
        {"lesson.yaml": b"another"},
        {f"{NAME}.srt": CAPTIONS.encode(), "poster.jpg": (out / "poster.jpg").read_bytes()},
        topic="Испарение",
        description="Ученики узнают, от чего зависит скорость испарения.",
    )
    return lesson
