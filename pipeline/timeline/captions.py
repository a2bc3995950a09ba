"""Captions of speech: SRT and WebVTT in, one cue list on the film's clock, sidecars out (pysubs2)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.errors import LessonError, Place
from pipeline.timeline.model import Cue

MAX_BYTES = 2_000_000


def read_cues(path: Path, name: str, place: Place) -> list[Cue]:
    """Cues of an .srt or .vtt file, on the file's own clock, in order. Raises LessonError."""
    import pysubs2

    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise LessonError.of("captions.too-big", place, name=name, limit=MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LessonError.of("captions.encoding", place, name=name, line=line) from error
    wanted = "vtt" if text.lstrip().startswith("WEBVTT") else "srt"
    try:
        events: list[Any] = list(pysubs2.SSAFile.from_string(text, format_=wanted))
    except (pysubs2.exceptions.Pysubs2Error, ValueError) as error:
        raise LessonError.of("captions.unreadable", place, name=name, reason=str(error)) from error
    cues = [Cue(event.start, event.end, _plain(event)) for event in events if event.end > event.start]
    if not any(cue.text for cue in cues):
        raise LessonError.of("captions.empty", place, name=name)
    return sorted((cue for cue in cues if cue.text), key=lambda cue: (cue.start_ms, cue.end_ms))


def _plain(event: Any) -> str:
    lines = (" ".join(line.split()) for line in event.plaintext.splitlines())
    return "\n".join(line for line in lines if line)


def place_cues(cues: Sequence[Cue], source_start: Fraction, film_start: Fraction, seconds: Fraction) -> list[Cue]:
    """The cues that sound inside a shot, moved to the film's clock and cut at the shot's ends."""
    shift = round((film_start - source_start) * 1000)
    first, last = round(film_start * 1000), round((film_start + seconds) * 1000)
    moved = (Cue(max(cue.start_ms + shift, first), min(cue.end_ms + shift, last), cue.text) for cue in cues)
    return [cue for cue in moved if cue.end_ms - cue.start_ms >= 40]


def write_captions(cues: Sequence[Cue], form: str) -> str:
    """The cues as the text of a sidecar file; `form` is "vtt" or "srt"."""
    if not cues:
        return "WEBVTT\n" if form == "vtt" else ""
    import pysubs2

    events = [pysubs2.SSAEvent(cue.start_ms, cue.end_ms, cue.text.replace("\n", "\\N")) for cue in cues]
    file = pysubs2.SSAFile()
    file.events = events
    return file.to_string(form)
