"""Boxes of an ISO base media file (ISO/IEC 14496-12, QuickTime): where they lie and what the small ones hold.

Nothing is believed: a size is compared with the bytes that are there, and what `mdat` holds is never read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

MOST_BOXES = 250_000
"""At the top of one file: a fragment for every frame of ten minutes at 120 frames a second needs fewer."""

MOST_CHILDREN = 20_000
"""Inside one box; films have a handful."""

MOST_BYTES = 64_000_000
"""Of one index read into memory; that of a film at the limits has one or two million."""


AT_THE_TOP = {b"ftyp", b"moov", b"mdat", b"moof", b"free", b"skip", b"wide", b"uuid", b"mfra", b"sidx", b"styp",
              b"meta", b"udta", b"pnot", b"PICT", b"emsg", b"prft"}  # fmt: skip
"""Boxes that may be cut off; anything else that goes on after the end of the file is no box."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box: four letters, and byte positions of its first byte, its content and its declared end."""

    type: bytes
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The boxes at the top of a file. `foreign` is where something begins that is no box (None: nothing does)."""

    boxes: tuple[Box, ...]
    size: int
    foreign: int | None

    def first(self, type_: bytes) -> Box | None:
        return next((box for box in self.boxes if box.type == type_), None)

    @property
    def cut_off(self) -> bool:
        """The last box says it goes on after the end of the file."""
        return bool(self.boxes) and self.boxes[-1].end > self.size


def layout(file: IO[bytes], size: int) -> Layout:
    """The boxes at the top of a file of `size` bytes."""
    boxes: list[Box] = []
    at = 0
    while at < size and len(boxes) < MOST_BOXES:
        file.seek(at)
        box = _box(file.read(16), at, size)
        if box is None or (box.end > size and box.type not in AT_THE_TOP):
            return Layout(tuple(boxes), size, at)
        boxes.append(box)
        at = box.end
    return Layout(tuple(boxes), size, at if at < size else None)


def children(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes inside a piece of `data`; it ends at the first thing that is none or that does not fit."""
    at, end = start, len(data) if end is None else min(end, len(data))
    for _ in range(MOST_CHILDREN):
        box = _box(data[at : at + 16], at, end)
        if box is None or box.end > end:
            return
        yield box
        at = box.end


def child(data: bytes, path: bytes, start: int = 0, end: int | None = None) -> Box | None:
    """The first box at a path such as b"mdia/minf/stbl"."""
    found: Box | None = None
    for type_ in path.split(b"/"):
        found = next((box for box in children(data, start, end) if box.type == type_), None)
        if found is None:
            return None
        start, end = found.body, found.end
    return found


def content(file: IO[bytes], box: Box) -> bytes:
    """The bytes inside a box of a file, as many as are there. Raises MemoryError past MOST_BYTES."""
    if box.end - box.body > MOST_BYTES:
        file.seek(0, 2)
        if file.tell() - box.body > MOST_BYTES:
            raise MemoryError
    file.seek(box.body)
    return file.read(min(box.end - box.body, MOST_BYTES))


def brands(data: bytes) -> tuple[bytes, ...]:
    """What `ftyp` holds: the major brand first, then the compatible ones."""
    return (data[:4], *(data[at : at + 4] for at in range(8, min(len(data), 1024) - 3, 4)))


def _box(head: bytes, at: int, end: int) -> Box | None:
    if len(head) < 8:
        return None
    size, type_ = struct.unpack_from(">I4s", head)
    body = at + 8
    if not _is_type(type_):
        return None
    if size == 1:
        if len(head) < 16:
            return None
        size = int.from_bytes(head[8:16], "big")
        body = at + 16
    elif size == 0:
        size = end - at
    return Box(type_, at, body, at + size) if size >= body - at else None


def _is_type(type_: bytes) -> bool:
    # QuickTime writes user data under letters that begin with a copyright sign of Mac Roman.
    return all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in type_)
