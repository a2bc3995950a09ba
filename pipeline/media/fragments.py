"""Fragments of an MP4 file (`moof`, ISO/IEC 14496-12, 8.8): their samples added to those of the tracks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.media.boxes import Box, child, children
from pipeline.media.samples import Samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BASE, _DESCRIPTION, _LENGTH, _SIZE, _FLAGS = 0x1, 0x2, 0x8, 0x10, 0x20
"""Optional fields of `tfhd`, by its flags."""

_DATA, _FIRST, _OWN_LENGTH, _OWN_SIZE, _OWN_FLAGS, _OFFSET = 0x1, 0x4, 0x100, 0x200, 0x400, 0x800
"""Optional fields of `trun`, by its flags."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What a sample has that does not say otherwise: ticks and bytes."""

    length: int = 0
    size: int = 0


def defaults(data: bytes, extends: Box | None) -> Mapping[int, Usual]:
    """Track id -> what its samples usually have (`mvex/trex`)."""
    if extends is None:
        return {}
    found = {}
    for box in children(data, extends.body, extends.end):
        if box.type == b"trex" and box.end - box.body >= 24:
            id_, length, size = (_number(data, box.body + at) for at in (4, 12, 16))
            found[id_] = Usual(length, size)
    return found


def add_fragment(data: bytes, start: int, tracks: Mapping[int, Samples], usual: Mapping[int, Usual]) -> None:
    """Add the samples of one `moof`, whose content is `data` and whose first byte lies at `start` of the file."""
    for box in children(data):
        header = child(data, b"tfhd", box.body, box.end) if box.type == b"traf" else None
        if header is None:
            continue
        samples = tracks.get(_number(data, header.body + 4))
        if samples is None:
            continue
        base, each = _header(data, header, start, usual.get(_number(data, header.body + 4), Usual()))
        for run in children(data, box.body, box.end):
            if run.type == b"trun":
                base = _add_run(data, run, samples, each, base, start)


def _number(data: bytes, at: int, width: int = 4) -> int:
    return int.from_bytes(data[at : at + width], "big")


def _header(data: bytes, box: Box, start: int, each: Usual) -> tuple[int, Usual]:
    flags, at, base = _number(data, box.body + 1, 3), box.body + 8, start
    if flags & _BASE:
        base, at = _number(data, at, 8), at + 8
    if flags & _DESCRIPTION:
        at += 4
    length, size = each.length, each.size
    if flags & _LENGTH:
        length, at = _number(data, at), at + 4
    if flags & _SIZE:
        size = _number(data, at)
    return base, Usual(length, size)


def _add_run(data: bytes, box: Box, samples: Samples, each: Usual, base: int, start: int) -> int:
    """Adds a run; returns where the next one begins that does not say so itself."""
    import numpy as np

    flags, count = _number(data, box.body + 1, 3), _number(data, box.body + 4)
    at = box.body + 8
    if flags & _DATA:
        offset = int.from_bytes(data[at : at + 4], "big", signed=True)
        base, at = start + offset, at + 4
    if flags & _FIRST:
        at += 4
    own = [flag for flag in (_OWN_LENGTH, _OWN_SIZE, _OWN_FLAGS, _OFFSET) if flags & flag]
    if not own:
        samples.lengths.append(np.array([[count, each.length]], np.int64))
        samples.count += count
        end = base + count * each.size
    else:
        count = min(count, max(0, box.end - at) // (4 * len(own)))
        fields = np.frombuffer(data, ">u4", count * len(own), at).reshape(-1, len(own)).astype(np.int64)
        columns = {flag: fields[:, number] for number, flag in enumerate(own)}
        end = base + _add_columns(samples, columns, count, each)
    # A stranger's numbers may be past the end of any file, and of any row.
    samples.spans.append(np.array([[min(max(at, 0), 1 << 62) for at in (base, end)]], np.int64))
    samples.end = max(samples.end, end)
    return end


def _add_columns(samples: Samples, columns: Mapping[int, NDArray[Any]], count: int, each: Usual) -> int:
    """Adds samples that say something of their own; returns their bytes."""
    import numpy as np

    ones = np.ones(count, np.int64)
    lengths = columns.get(_OWN_LENGTH, ones * each.length)
    samples.lengths.append(np.stack((ones, lengths), axis=1))
    if _OFFSET in columns:
        late = columns[_OFFSET] - ((columns[_OFFSET] >> 31) << 32)
        samples.offsets.append(np.stack((ones, late), axis=1))
    samples.count += count
    sizes = columns.get(_OWN_SIZE)
    return count * each.size if sizes is None else int(sizes.sum())
