"""Joins segments, sound and captions packet by packet into one file; nothing is encoded here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.errors import InternalError
from pipeline.media.container import open_own
from pipeline.render.house import REORDER
from pipeline.render.segments import Use
from pipeline.specs import Profile
from pipeline.timeline.model import Chapter

LANGUAGE_CODES = {"kk": "kaz", "ru": "rus"}
"""ISO 639-2 codes, as MP4 and MOV files write languages."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A finished segment file and which of its packets the film uses."""

    path: Path
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """What the file says about itself."""

    title: str
    artist: str
    language: str
    description: str
    chapters: tuple[Chapter, ...]


def stitch(
    pieces: Sequence[Piece],
    sound: Path,
    captions: Path | None,
    labels: Labels,
    profile: Profile,
    fps: Fraction,
    target: Path,
) -> int:
    """Write the film and return its number of frames.

    Raises InternalError when a segment does not have the house format's parameter sets.
    """
    import av

    options = {"movflags": "+faststart", "use_editlist": "1", "fflags": "+bitexact"}
    with ExitStack() as opened:
        film = opened.enter_context(av.open(str(target), "w", format=profile.container, options=options))
        first = opened.enter_context(av.open(str(pieces[0].path))).streams.video[0]
        picture = film.add_stream_from_template(first)
        picture.time_base = 1 / fps
        streams: list[Any] = [picture]
        followers = []
        for path in (sound, captions):
            if path is not None:
                container: Any = opened.enter_context(open_own(path))
                source = container.streams[0]
                streams.append(film.add_stream_from_template(source))
                followers.append(_Follower(container, source, streams[-1], fps))
        for stream in streams:
            stream.metadata["language"] = LANGUAGE_CODES[labels.language]
        _label(film, labels, fps)
        frames = 0
        for packet in _picture_packets(pieces, picture, bytes(first.codec_context.extradata or b""), fps):
            for follower in followers:
                follower.write_until(film, frames)
            film.mux(packet)
            frames += 1
        for follower in followers:
            follower.write_until(film, None)
    return frames


def stitch_picture(pieces: Sequence[Piece], fps: Fraction, target: Path) -> int:
    """Join only the picture, to look at it or measure it; the number of frames."""
    import av

    with av.open(str(target), "w", format="mp4") as film, av.open(str(pieces[0].path)) as first:
        source = first.streams.video[0]
        stream = film.add_stream_from_template(source)
        frames = 0
        for packet in _picture_packets(pieces, stream, bytes(source.codec_context.extradata or b""), fps):
            film.mux(packet)
            frames += 1
    return frames


def _label(film: Any, labels: Labels, fps: Fraction) -> None:
    for key, value in (
        ("title", labels.title),
        ("artist", labels.artist),
        ("language", LANGUAGE_CODES[labels.language]),
        ("description", labels.description),
    ):
        if value:
            film.metadata[key] = value
    film.set_chapters(
        [
            {
                "id": number,
                "start": chapter.start,
                "end": chapter.start + chapter.frames,
                "time_base": 1 / fps,
                "metadata": {"title": chapter.title},
            }
            for number, chapter in enumerate(labels.chapters)
        ]
    )


def _picture_packets(pieces: Sequence[Piece], stream: Any, extradata: bytes, fps: Fraction) -> Iterator[Any]:
    import av

    at = 0
    for piece in pieces:
        with open_own(piece.path) as container:
            source: Any = container.streams.video[0]
            if bytes(source.codec_context.extradata or b"") != extradata:
                raise InternalError.of("render.segment-not-house-format", name=piece.path.name)
            found: list[Any] = [packet for packet in container.demux(source) if packet.size]
            step = int(1 / fps / source.time_base)
            shown = [packet.pts // step for packet in found]
            data = [(bytes(packet), packet.is_keyframe) for packet in found]
        base = 1 / fps
        for use in piece.uses:
            if use.first + use.count > len(data) or not data[use.first][1]:
                expected = use.first + use.count
                raise InternalError.of(
                    "render.segment-too-short", name=piece.path.name, frames=len(data), expected=expected
                )
            for _ in range(use.repeat):
                for index in range(use.first, use.first + use.count):
                    packet = av.Packet(data[index][0])
                    packet.stream = stream
                    packet.time_base = base
                    packet.pts = at + shown[index] - use.first
                    packet.dts = at + index - use.first - REORDER
                    packet.duration = 1
                    packet.is_keyframe = data[index][1]
                    yield packet
                at += use.count


class _Follower:
    """Copies another track's packets into the film, never running ahead of the picture."""

    def __init__(self, container: Any, source: Any, stream: Any, fps: Fraction) -> None:
        self._packets = (packet for packet in container.demux(source) if packet.dts is not None)
        self._stream = stream
        self._ticks = 1 / fps / source.time_base
        self._next = next(self._packets, None)

    def write_until(self, film: Any, frame: int | None) -> None:
        """Write packets up to the time of that frame; all that are left when it is None."""
        until = None if frame is None else int(frame * self._ticks)
        while self._next is not None and (until is None or self._next.dts <= until):
            self._next.stream = self._stream
            film.mux(self._next)
            self._next = next(self._packets, None)
