"""MP3 frames (ISO/IEC 11172-3, 13818-3): counted one by one, beside what the Xing, Info or VBRI header says of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from mmap import mmap

_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_BIT_RATES = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s by (MPEG-1?, layer) and the index in a frame's header, which counts from 1."""

START_WITHIN = 65_536
"""Bytes before the first frame that may be something else: fillers, and what a cut through a stream leaves."""

_ALIKE = 0xFFFE0C00
"""Sync, version, layer and sampling rate: equal in all frames of a stream."""

_SAID = 0xFFFFFEC0
"""The bits that `frame` reads."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the four bytes of a frame's header say; `size` in bytes, `samples` of each channel."""

    layer: int
    rate: int
    bit_rate: int
    channels: int
    size: int
    samples: int
    mpeg1: bool


@dataclass(frozen=True, slots=True)
class Frames:
    """A whole stream. Counts leave out the frame that carries the Xing, Info or VBRI header."""

    first: Frame
    start: int
    end: int
    """Positions of the first frame and after the last whole one, tags left aside."""
    count: int
    bytes: int
    """Of all frames, that of the header too."""
    declared: int | None
    declared_bytes: int | None
    junk: int
    """Bytes between frames that belong to none."""
    junk_at: int
    """Frames before the first such place."""
    broken_end: bool
    """The last frame begins but does not end."""
    varies: bool
    """The bit rate changes on the way."""

    @property
    def seconds(self) -> float:
        return self.count * self.first.samples / self.first.rate


@cache
def frame(header: int) -> Frame | None:
    """What a header of 32 bits says; None for none, and for the free bit rates that nobody plays."""
    version, layer = header >> 19 & 3, 4 - (header >> 17 & 3)
    index, rate_index, padding = header >> 12 & 15, header >> 10 & 3, header >> 9 & 1
    if header >> 21 != 0x7FF or version == 1 or layer == 4 or rate_index == 3 or index in {0, 15}:
        return None
    mpeg1 = version == 3
    rate = _RATES[version][rate_index]
    bit_rate = _BIT_RATES[mpeg1, layer][index - 1] * 1000
    if layer == 1:
        samples, size = 384, (12 * bit_rate // rate + padding) * 4
    else:
        samples = 576 if layer == 3 and not mpeg1 else 1152
        size = samples // 8 * bit_rate // rate + padding
    return Frame(layer, rate, bit_rate, 1 if header >> 6 & 3 == 3 else 2, size, samples, mpeg1)


def read_frames(data: bytes | mmap, start: int, end: int) -> Frames | None:
    """The stream between two positions of a file (tags lie outside); None where no two frames follow each other."""
    view = memoryview(data)
    first_at = _next_frame(view, start, min(end, start + START_WITHIN), end)
    if first_at is None:
        return None
    alike = _header(view, first_at) & _ALIKE
    first = frame(_header(view, first_at) & _SAID)
    assert first is not None
    at, count, total, junk, junk_at, varies, broken = first_at, 0, 0, 0, 0, False, False
    while at < end - 3:
        header = _header(view, at)
        each = frame(header & _SAID) if header & _ALIKE == alike else None
        if each is None:
            following = _next_frame(view, at, end, end, alike)
            if following is None:
                break
            if not junk:
                junk_at = count
            junk += following - at
            at = following
            continue
        if at + each.size > end:
            broken = True
            break
        varies |= count > 1 and each.bit_rate != first.bit_rate
        at, count, total = at + each.size, count + 1, total + each.size
    declared, declared_bytes, is_header = _declared(bytes(view[first_at : first_at + 256]), first)
    return Frames(
        first, first_at, at, count - is_header, total, declared, declared_bytes, junk, junk_at, broken, varies
    )


def _header(view: memoryview, at: int) -> int:
    return int.from_bytes(view[at : at + 4], "big")


def _next_frame(view: memoryview, start: int, last: int, end: int, alike: int | None = None) -> int | None:
    """Where the next frame begins that another one (or the end) follows."""
    at = start
    block = 1 << 16
    while at < last:
        piece = bytes(view[at : min(last, at + block)])
        offset = piece.find(b"\xff")
        while offset >= 0:
            if _followed(view, at + offset, end, alike):
                return at + offset
            offset = piece.find(b"\xff", offset + 1)
        at += block
    return None


def _followed(view: memoryview, at: int, end: int, alike: int | None) -> bool:
    header = _header(view, at)
    each = frame(header & _SAID) if at + 4 <= end else None
    if each is None or (alike is not None and header & _ALIKE != alike):
        return False
    following = at + each.size
    if following == end:
        return True
    return following + 4 <= end and (_header(view, following) & _ALIKE) == header & _ALIKE


def _declared(head: bytes, first: Frame) -> tuple[int | None, int | None, bool]:
    """Frames and bytes that the first frame declares, and whether it is a header and no sound."""
    if head[36:40] == b"VBRI":
        return int.from_bytes(head[50:54], "big"), int.from_bytes(head[46:50], "big"), True
    side = (32 if first.channels == 2 else 17) if first.mpeg1 else (17 if first.channels == 2 else 9)
    at = 4 + side
    if head[at : at + 4] not in {b"Xing", b"Info"}:
        return None, None, False
    flags, at = int.from_bytes(head[at + 4 : at + 8], "big"), at + 8
    frames = size = None
    if flags & 1:
        frames, at = int.from_bytes(head[at : at + 4], "big"), at + 4
    if flags & 2:
        size = int.from_bytes(head[at : at + 4], "big")
    return frames, size, True
