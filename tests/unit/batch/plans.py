"""Lessons as a planning worker describes them, with the true answers in the names of their pieces."""

from __future__ import annotations

from pipeline.batch.model import Piece, Planned, Source


def planned(
    name: str, pieces: dict[str, int], *, there: tuple[str, ...] = (), up_to_date: bool = False, lesson_id: str = ""
) -> Planned:
    """A lesson `name` of pieces (key -> frames to encode), each shown once, with the sound "sound of <name>"."""
    return Planned(
        source=Source(f"/season/{name}/lesson.yaml", f"season/{name}/lesson.yaml"),
        id=lesson_id or name,
        build=f"build of {name}",
        facts={"language": "kk", "grade": 8, "subject": {"id": "algebra", "name": "Алгебра"}, "topic": name},
        pieces=tuple(Piece(key, "clip", frames, frames) for key, frames in pieces.items()),
        sound=f"sound of {name}",
        there=frozenset(there),
        inputs={"lesson.yaml": "0" * 64},
        input_bytes=0,
        up_to_date=up_to_date,
    )
