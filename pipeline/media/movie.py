"""The index of an MP4 or MOV file (`moov`, `moof`): tracks, edits, sample tables, without decoding anything."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import atan2, degrees
from pathlib import Path
from typing import IO

from pipeline.media.boxes import MOST_BYTES, Box, Layout, brands, child, children, content, layout
from pipeline.media.fragments import add_fragment, defaults
from pipeline.media.samples import Samples, read_samples, seconds

PROTECTED = {b"encv", b"enca", b"enct", b"encs", b"drms", b"drmi", b"p608"}
"""Sample entries of encrypted tracks (ISO/IEC 14496-12, 8.12; FairPlay)."""

MOST_TRACKS = 100


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of a track as shown: ticks of the movie's clock, and where in the media it begins (-1: nothing)."""

    length: int
    start: int


@dataclass(slots=True)
class Track:
    """One track."""

    id: int = 0
    handler: bytes = b""
    timescale: int = 0
    rotation: int = 0
    """Degrees clockwise that a player turns the picture: 0, 90, 180, 270."""
    formats: tuple[bytes, ...] = ()
    protected: bool = False
    outside: tuple[bytes, ...] = ()
    """Kinds of references to other files that hold the samples."""
    edits: tuple[Edit, ...] = ()
    samples: Samples = field(default_factory=Samples)
    chapter_of: frozenset[int] = frozenset()
    """Tracks that this one names as its chapters."""

    @property
    def stored(self) -> Fraction:
        """Seconds of all samples in the file."""
        return seconds(self.samples.ticks, self.timescale)

    def shown(self, clock: int) -> Fraction:
        """Seconds that a player shows: what the edit list (in ticks of the movie's `clock`) leaves of the samples."""
        if not self.edits or clock <= 0 or self.timescale <= 0:
            return self.stored
        end = seconds(self.samples.ticks + self.samples.latest, self.timescale)
        total = Fraction(0)
        for edit in self.edits:
            length = seconds(edit.length, clock)
            if edit.start >= 0:
                rest = max(Fraction(0), end - seconds(edit.start, self.timescale))
                length = min(length, rest) if length else rest
            total += length
        return total


@dataclass(frozen=True, slots=True)
class Movie:
    """What the boxes of a file say."""

    layout: Layout
    brands: tuple[bytes, ...]
    """Major brand first; empty in old QuickTime files."""
    clock: int = 0
    declared: Fraction | None = None
    """Seconds by the movie header; None where it leaves them open."""
    tracks: tuple[Track, ...] = ()
    indexed: bool = False
    """There is an index at all."""
    compressed: bool = False
    """The index is packed with zlib, as QuickTime once did."""
    fragmented: bool = False
    fast_start: bool = False
    outside: bool = False
    """A reference movie: it points to other files as a whole."""

    def pictures(self) -> list[Track]:
        """Picture tracks; the little pictures of a chapter list are none."""
        chapters = {id_ for track in self.tracks for id_ in track.chapter_of}
        return [track for track in self.tracks if track.handler == b"vide" and track.id not in chapters]

    def auxiliary(self) -> list[str]:
        """Handlers of tracks of pictures that no player shows: an alpha channel, a depth map."""
        return [track.handler.decode("latin-1") for track in self.tracks if track.handler in {b"auxv", b"pict"}]

    def sounds(self) -> list[Track]:
        return [track for track in self.tracks if track.handler == b"soun"]


def read_movie(path: Path) -> Movie:
    """What the boxes of a file say. Raises OSError, and MemoryError for an index past all measure."""
    size = path.stat().st_size
    with path.open("rb") as file:
        boxes = layout(file, size)
        kind = boxes.first(b"ftyp")
        movie = Movie(boxes, brands(content(file, kind)) if kind is not None and kind.end - kind.body < 65_536 else ())
        index = boxes.first(b"moov")
        if index is None:
            return movie
        data = content(file, index)
        media = boxes.first(b"mdat")
        movie = replace(movie, indexed=True, fast_start=media is None or index.start < media.start)
        return _read_index(movie, data, file)


def _read_index(movie: Movie, data: bytes, file: IO[bytes]) -> Movie:
    packed = child(data, b"cmov")
    if packed is not None:
        data = _unpacked(data, packed)
        movie = replace(movie, compressed=True)
    clock, declared = _movie_header(data)
    tracks = [_track(data, box) for box in children(data) if box.type == b"trak"][:MOST_TRACKS]
    fragments = [box for box in movie.layout.boxes if box.type == b"moof"]
    extends = child(data, b"mvex")
    if fragments:
        by_id = {track.id: track.samples for track in tracks}
        usual = defaults(data, extends)
        for box in fragments:
            add_fragment(content(file, box), box.start, by_id, usual)
    return replace(
        movie,
        clock=clock,
        declared=declared if not fragments else None,
        tracks=tuple(tracks),
        fragmented=bool(fragments) or (extends is not None and not any(each.samples.count for each in tracks)),
        outside=child(data, b"rmra") is not None,
    )


def _unpacked(data: bytes, packed: Box) -> bytes:
    method = child(data, b"dcom", packed.body, packed.end)
    bytes_ = child(data, b"cmvd", packed.body, packed.end)
    if method is None or bytes_ is None or data[method.body : method.body + 4] != b"zlib":
        return b""
    unpack = zlib.decompressobj()
    try:
        index = unpack.decompress(data[bytes_.body + 4 : bytes_.end], MOST_BYTES)
    except zlib.error:
        return b""
    inner = child(index, b"moov")
    return index[inner.body : inner.end] if inner is not None else index


def _number(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "big")


def _clock_and_length(data: bytes, box: Box) -> tuple[int, int | None]:
    """Ticks a second and length in ticks of an mvhd or mdhd box; None where all bits are set."""
    wide = data[box.body : box.body + 1] == b"\x01"
    at, width = (box.body + 20, 8) if wide else (box.body + 12, 4)
    length = _number(data, at + 4, width)
    return _number(data, at, 4), None if length == (1 << 8 * width) - 1 else length


def _movie_header(data: bytes) -> tuple[int, Fraction | None]:
    box = child(data, b"mvhd")
    if box is None:
        return 0, None
    clock, length = _clock_and_length(data, box)
    return clock, seconds(length, clock) if length else None


def _track(data: bytes, box: Box) -> Track:
    track = Track()
    if (header := child(data, b"tkhd", box.body, box.end)) is not None:
        wide = data[header.body : header.body + 1] == b"\x01"
        track.id = _number(data, header.body + (20 if wide else 12), 4)
        track.rotation = _rotation(data, header.body + (52 if wide else 40), header.end)
    track.edits = _edits(data, child(data, b"edts/elst", box.body, box.end))
    track.chapter_of = _chapters(data, child(data, b"tref/chap", box.body, box.end))
    media = child(data, b"mdia", box.body, box.end)
    if media is not None:
        _read_media(data, media, track)
    return track


def _read_media(data: bytes, media: Box, track: Track) -> None:
    if (header := child(data, b"mdhd", media.body, media.end)) is not None:
        track.timescale, _ = _clock_and_length(data, header)
    if (handler := child(data, b"hdlr", media.body, media.end)) is not None:
        track.handler = data[handler.body + 8 : handler.body + 12]
    if (references := child(data, b"minf/dinf/dref", media.body, media.end)) is not None:
        track.outside = _outside(data, references)
    if (table := child(data, b"minf/stbl", media.body, media.end)) is not None:
        track.samples = read_samples(data, table)
        if (entries := child(data, b"stsd", table.body, table.end)) is not None:
            listed = list(children(data, entries.body + 8, entries.end))
            track.formats = tuple(each.type for each in listed)
            track.protected = any(
                each.type in PROTECTED or b"sinf" in data[each.body : min(each.end, each.body + 4096)]
                for each in listed
            )


def _rotation(data: bytes, at: int, end: int) -> int:
    if at + 36 > end:
        return 0
    a, b = (int.from_bytes(data[at + each : at + each + 4], "big", signed=True) for each in (0, 4))
    return round(degrees(atan2(b, a)) / 90) * 90 % 360


def _edits(data: bytes, box: Box | None) -> tuple[Edit, ...]:
    if box is None:
        return ()
    width = 8 if data[box.body : box.body + 1] == b"\x01" else 4
    step = 2 * width + 4
    count = min(_number(data, box.body + 4, 4), (box.end - box.body - 8) // step)
    return tuple(
        Edit(_number(data, at, width), int.from_bytes(data[at + width : at + 2 * width], "big", signed=True))
        for at in range(box.body + 8, box.body + 8 + count * step, step)
    )


def _chapters(data: bytes, box: Box | None) -> frozenset[int]:
    if box is None:
        return frozenset()
    return frozenset(_number(data, at, 4) for at in range(box.body, min(box.end, box.body + 400) - 3, 4))


def _outside(data: bytes, references: Box) -> tuple[bytes, ...]:
    """Entries of `dref` that are not "in this same file" (bit 0 of their flags)."""
    return tuple(
        each.type
        for each in children(data, references.body + 8, references.end)
        if each.end - each.body > 4 and not _number(data, each.body + 3, 1) & 1
    )
