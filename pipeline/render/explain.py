"""Why a segment was made again, in terms of what an author changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pipeline.render.cache import Cache
from pipeline.render.segments import Segment
from pipeline.timecode import clock


@dataclass(frozen=True, slots=True)
class Remade:
    """A segment that was encoded in this build. `reason` is a message code of specs/messages, with fields."""

    segment: Segment
    reason: str
    before: str = ""
    after: str = ""

    def to_json(self, fps: Fraction) -> dict[str, Any]:
        """Plain data, the place in the film as a clock shows it."""
        segment = self.segment
        about = {"at": clock(segment.start / fps), "label": segment.label, "frames": segment.frames}
        return about | {"reason": self.reason, "before": self.before, "after": self.after}


def explain(segments: Sequence[Segment], missing: Sequence[Segment], lesson_id: str, cache: Cache) -> list[Remade]:
    """Compare the missing segments with what the lesson's last build had in their place."""
    stored = cache.recall(_key(lesson_id))
    last = {entry["start"]: entry for entry in stored or []}
    known = {entry["key"] for entry in stored or []}
    return [_reason(segment, last.get(segment.start), known) for segment in missing]


def remember(segments: Sequence[Segment], lesson_id: str, cache: Cache) -> None:
    """Keep what the film was made of, for the next build's explanation."""
    cache.remember(
        _key(lesson_id),
        [{"start": each.start, "key": each.key, "parts": _plain(each.parts), "about": each.about} for each in segments],
    )


def _reason(segment: Segment, last: dict[str, dict[str, object]] | None, known: set[str]) -> Remade:
    if last is None:
        return Remade(segment, "explain.first")
    if segment.key in known:
        return Remade(segment, "explain.dropped")
    before, after = last["about"].get("text"), segment.about.get("text")
    if before != after:
        return Remade(segment, "explain.text", str(before or ""), str(after or ""))
    parts = _plain(segment.parts)
    changed = [name for name in parts if parts[name] != last["parts"].get(name)]
    for name, reason in _REASONS.items():
        if name in changed:
            return Remade(segment, reason)
    return Remade(segment, "explain.other", after=", ".join(changed))


_REASONS = {
    "step": "explain.place",
    "ffmpeg": "explain.ffmpeg",
    "version": "explain.version",
    "encoder": "explain.encoder",
    "file": "explain.file",
    "window": "explain.times",
    "groups": "explain.times",
    "overlays": "explain.caption",
    "plates": "explain.caption",
    "picture": "explain.look",
}


def _plain(parts: dict[str, object]) -> dict[str, object]:
    plain: dict[str, object] = json.loads(json.dumps(parts, default=str))
    return plain


def _key(lesson_id: str) -> str:
    return f"made-of:{lesson_id}"
