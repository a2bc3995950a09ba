"""What the film is stitched from: segments, each made by one encoder run and named by its content."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import Place

OnFrame = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Use:
    """Packets of a segment in the film: `count` frames from frame `first` of the segment, `repeat` times over."""

    first: int
    count: int
    repeat: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One encoder run.

    `frames` are encoded, `shown` are its frames in the film (a still's group repeats);
    `parts` is everything that shapes the bytes, for the key and for `--explain`.
    `encode` writes the file and returns what ffmpeg complained about.
    """

    key: str
    label: str
    frames: int
    start: int
    uses: tuple[Use, ...]
    parts: dict[str, object]
    encode: Callable[[Path, OnFrame, threading.Event], str]

    place: Place | None = None
    about: dict[str, object] = field(default_factory=dict)
    """What an author would recognise it by; not part of the key."""

    @property
    def shown(self) -> int:
        return sum(use.count * use.repeat for use in self.uses)
