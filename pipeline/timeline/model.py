"""The conformed film: shots and sounds in whole frames from the film's start."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import Place
from pipeline.specs import Structure


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says, as plain JSON data: the typesetter and the cache key need nothing else.

    Common keys of `data`: language, grade, subject {id, name}, topic (text data),
    part {id, name, index, count}, item {index, count, name} or None.
    `pictures` maps the names used in `data` to files.
    """

    kind: Literal["title", "slide", "picture", "question", "exercise", "resource", "link", "closing"]
    data: dict[str, Any]
    pictures: dict[str, Path]
    place: Place


@dataclass(frozen=True, slots=True)
class CardShot:
    """A still card. `bar` lists (frames, step, steps): how long each state of the time bar stands."""

    start: int
    frames: int
    part: str
    card: Card
    bar: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class NameCaption:
    """The teacher's name over a clip. Frames from the clip's start in the film."""

    start: int
    frames: int


@dataclass(frozen=True, slots=True)
class ClipShot:
    """Footage on screen. `source_start` in seconds of the file; the last `held` frames repeat the last picture."""

    start: int
    frames: int
    part: str
    file: Path
    name: str
    source_start: Fraction
    held: int
    credit: str | None
    captions: tuple[NameCaption, ...]
    place: Place


Shot = CardShot | ClipShot


@dataclass(frozen=True, slots=True)
class Sound:
    """A voice: a clip's own sound, a narration file, or a draft reading. Frames of the film."""

    start: int
    frames: int
    kind: Literal["clip", "narration", "draft"]
    file: Path | None
    source_start: Fraction
    text: str
    """What a draft voice reads; empty otherwise."""
    place: Place


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption of speech. Milliseconds from the film's start."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Chapter:
    start: int
    frames: int
    title: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that happens in the film, in order, without gaps on the picture track."""

    structure: Structure
    language: Literal["kk", "ru"]
    shots: tuple[Shot, ...]
    sounds: tuple[Sound, ...]
    bed: Path | None
    cues: tuple[Cue, ...]
    chapters: tuple[Chapter, ...]

    @property
    def frames(self) -> int:
        return self.structure.frames
