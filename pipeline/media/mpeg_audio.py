"""MP3 frames (ISO/IEC 11172-3, 13818-3): counted one by one, beside what the Xing, Info or VBRI header says of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from mmap import mmap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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

MOST_HOLES = 10_000
"""Places between frames that belong to none; what stands behind so many is no sound any more."""

_FIRST_BLOCK, _LARGEST_BLOCK = 1 << 12, 1 << 19
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
    holes = 0
    while at < end - 3 and holes < MOST_HOLES:
        header = _header(view, at)
        each = frame(header & _SAID) if header & _ALIKE == alike else None
        if each is None:
            following = _next_frame(view, at, end, end, alike)
            if following is None:
                break
            if not junk:
                junk_at = count
            junk, holes = junk + following - at, holes + 1
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
    """Where the next frame begins that another one (or the end) follows. `alike` is what its header must have.

    All candidates of a block are tried at once: a stranger's file may have one at every fourth byte.
    """
    import numpy as np

    data, sizes, same = np.frombuffer(view, np.uint8), _sizes(), _ALIKE >> 8 & 0xFFFF
    at, length = start, _FIRST_BLOCK
    while at < last:
        piece = data[at : min(last, at + length, end - 3) + 2]
        candidates = at + np.flatnonzero(piece[:-2] == 0xFF)
        said = data[candidates + 1].astype(np.int64) << 8 | data[candidates + 2]
        fit = sizes[said] > 0
        if alike is not None:
            fit &= said & same == alike >> 8 & same
        candidates, said = candidates[fit], said[fit]
        following = candidates + sizes[said]
        whole = following + 4 <= end
        # Where a frame ends with the sound nothing can follow; the others are compared with what does.
        beyond = np.where(whole, following, 0)
        again = data[beyond + 1].astype(np.int64) << 8 | data[beyond + 2]
        followed = whole & (data[beyond] == 0xFF) & (again & same == said & same)
        found = np.flatnonzero(followed | (following == end))
        if len(found):
            return int(candidates[found[0]])
        at, length = at + length, min(2 * length, _LARGEST_BLOCK)
    return None


@cache
def _sizes() -> NDArray[np.int64]:
    """The second and third byte of a header -> the size of its frame; 0 for what is no header."""
    import numpy as np

    frames = (frame(0xFF000000 | said << 8 & _SAID) for said in range(1 << 16))
    return np.array([each.size if each is not None else 0 for each in frames], np.int64)


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
