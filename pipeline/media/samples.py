"""The sample tables of a track (ISO/IEC 14496-12, 8.6 to 8.8): how many samples, how long, where they end.

Runs stay runs: a table of twelve bytes may speak of four thousand million samples.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pipeline.media.boxes import Box, child

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_EXPANDED = 2_000_000
"""Samples that are looked at one by one; ten minutes at 240 frames a second have 144,000."""

SMALLEST_GAP = 32
"""Bytes between samples: fewer are fillers."""

_BIG = ">u4"


@dataclass(slots=True)
class Samples:
    """`lengths` and `offsets` are runs (count, ticks): the length of samples and how much later they are shown."""

    count: int = 0
    """Samples that have a size: those that are really there, if the file is whole."""
    lengths: list[NDArray[np.int64]] = field(default_factory=list)
    offsets: list[NDArray[np.int64]] = field(default_factory=list)
    end: int = 0
    """The last byte of the file that the index speaks of, plus one."""
    spans: list[NDArray[np.int64]] = field(default_factory=list)
    """Where samples lie in the file: rows of a first byte and the one behind the last."""
    contradiction: bool = False
    """The tables do not agree about how many samples there are."""

    @property
    def timed(self) -> int:
        """Samples that have a length."""
        return sum(_counted(run) for run in self.lengths)

    @property
    def ticks(self) -> int:
        """The length of all samples."""
        # As floats: whole numbers up to 2^53 stay exact, and what a liar writes cannot overflow.
        return sum(int((run[:, 0].astype(float) * run[:, 1]).sum()) for run in self.lengths)

    @property
    def usual(self) -> int:
        """The length of most samples, in ticks; 0 where there are none."""
        import numpy as np

        if not self.timed:
            return 0
        runs = np.concatenate(self.lengths)
        lengths, which = np.unique(runs[:, 1], return_inverse=True)
        return int(lengths[np.bincount(which, runs[:, 0]).argmax()])

    @property
    def latest(self) -> int:
        """How much later the first sample is shown than decoded, in ticks."""
        return int(self.offsets[0][0][1]) if self.offsets and len(self.offsets[0]) else 0

    def shown_at(self) -> NDArray[np.int64] | None:
        """When each sample is shown, in ticks, in the order of showing; None where there are too many to look at."""
        import numpy as np

        if not 0 < self.timed <= MOST_EXPANDED:
            return None
        lengths = np.concatenate([np.repeat(run[:, 1], run[:, 0]) for run in self.lengths])
        at: NDArray[np.int64] = np.cumsum(lengths) - lengths
        if self.offsets and sum(_counted(run) for run in self.offsets) <= MOST_EXPANDED:
            late = np.concatenate([np.repeat(run[:, 1], run[:, 0]) for run in self.offsets])
            known = min(len(at), len(late))
            at[:known] += late[:known]
        at.sort()
        return at


def read_samples(data: bytes, table: Box) -> Samples:
    """The tables of an `stbl` box in `data`."""
    samples = Samples()
    if (times := child(data, b"stts", table.body, table.end)) is not None:
        samples.lengths.append(_runs(data, times))
    if (shifts := child(data, b"ctts", table.body, table.end)) is not None:
        samples.offsets.append(_runs(data, shifts, signed=True))
    samples.count, same, sizes = _sizes(data, table)
    samples.contradiction = _disagree(samples.timed, samples.count)
    _place(data, table, samples, same, sizes)
    return samples


def _counted(run: NDArray[np.int64]) -> int:
    return int(run[:, 0].sum())


def _disagree(one: int, other: int) -> bool:
    # Cameras that are switched off lose the last entry or two of a table.
    return abs(one - other) > max(3, max(one, other) // 100)


def _table(data: bytes, box: Box, width: int, skip: int = 8) -> NDArray[Any]:
    """The entries of a full box: as many as declared, but never more than its bytes hold."""
    import numpy as np

    if box.end - box.body < skip:
        return np.zeros((0, width), np.int64)
    declared = int.from_bytes(data[box.body + skip - 4 : box.body + skip], "big")
    held = (box.end - box.body - skip) // (4 * width)
    entries = np.frombuffer(data, _BIG, min(declared, held) * width, box.body + skip)
    return entries.reshape(-1, width).astype(np.int64)


def _runs(data: bytes, box: Box, *, signed: bool = False) -> NDArray[Any]:
    runs = _table(data, box, 2)
    if signed:
        # Version 0 counts from 0, but QuickTime writes negative offsets there as well.
        runs[:, 1] -= (runs[:, 1] >> 31) << 32
    return runs


def _sizes(data: bytes, table: Box) -> tuple[int, int, NDArray[Any] | None]:
    """Samples in all, the size they share (0: each its own), and the sizes one by one."""
    if (box := child(data, b"stsz", table.body, table.end)) is not None:
        same, count = (int.from_bytes(data[box.body + at : box.body + at + 4], "big") for at in (4, 8))
        if same:
            return count, same, None
        sizes = _table(data, box, 1, 12)[:, 0]
        return len(sizes), 0, sizes
    if (box := child(data, b"stz2", table.body, table.end)) is not None:
        return _small_sizes(data, box)
    return 0, 0, None


def _small_sizes(data: bytes, box: Box) -> tuple[int, int, NDArray[Any] | None]:
    import numpy as np

    bits = data[box.body + 7] if box.end - box.body >= 12 else 0
    if bits not in {8, 16}:
        return 0, 0, None
    count = int.from_bytes(data[box.body + 8 : box.body + 12], "big")
    held = (box.end - box.body - 12) * 8 // bits
    sizes = np.frombuffer(data, f">u{bits // 8}", min(count, held), box.body + 12).astype(np.int64)
    return len(sizes), 0, sizes


def _place(data: bytes, table: Box, samples: Samples, same: int, sizes: NDArray[Any] | None) -> None:
    """Where the last chunk ends, and whether the chunks hold as many samples as have a size."""
    import numpy as np

    starts = _chunk_starts(data, table)
    box = child(data, b"stsc", table.body, table.end)
    if box is None or not len(starts):
        samples.contradiction |= samples.count > 0
        return
    groups = _table(data, box, 3)
    firsts = groups[:, 0] - 1
    if not len(firsts) or firsts[0] != 0 or (np.diff(firsts) <= 0).any():
        samples.contradiction = True
        return
    lasts = np.minimum(np.append(firsts[1:], len(starts)), len(starts))
    held = np.repeat(groups[:, 1], np.maximum(lasts - np.minimum(firsts, len(starts)), 0))
    ends = np.cumsum(held)
    samples.contradiction |= _disagree(int(ends[-1]) if len(ends) else 0, samples.count)
    if sizes is None:
        # The rows of old QuickTime sound count a byte for a sample: never more than is there.
        lengths = np.minimum(held, 1 << 30) * min(same, 1 << 30)
    else:
        total = np.concatenate(([0], np.cumsum(sizes)))
        last = np.minimum(ends, len(sizes))
        lengths = total[last] - total[np.minimum(ends - held, len(sizes))]
    starts = starts[: len(lengths)]
    samples.spans.append(np.stack((starts, starts + lengths), axis=1))
    samples.end = max(0, int((starts + lengths).max()))


def _chunk_starts(data: bytes, table: Box) -> NDArray[Any]:
    import numpy as np

    if (box := child(data, b"stco", table.body, table.end)) is not None:
        return _table(data, box, 1)[:, 0]
    if (box := child(data, b"co64", table.body, table.end)) is not None:
        pairs = _table(data, box, 2)
        # A chunk past 2^61 is past the end of any file; the cap keeps the sums whole.
        starts: NDArray[Any] = (np.minimum(pairs[:, 0], 1 << 29) << 32) | pairs[:, 1]
        return starts
    return np.zeros(0, np.int64)


def gaps(tracks: Iterable[Samples], start: int, end: int) -> list[tuple[int, int]]:
    """The pieces between two bytes of a file in which no sample of these tracks lies."""
    import numpy as np

    spans = [each for track in tracks for each in track.spans]
    rows = np.concatenate([np.zeros((0, 2), np.int64), *spans])
    rows = rows[(rows[:, 1] > start) & (rows[:, 0] < end)]
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    begins = np.concatenate(([start], np.maximum.accumulate(rows[:, 1])))
    ends = np.concatenate((rows[:, 0], [end]))
    return [(int(begins[each]), int(ends[each])) for each in np.flatnonzero(ends - begins >= SMALLEST_GAP)]


def seconds(ticks: int, timescale: int) -> Fraction:
    """Ticks of a clock as seconds; 0 where the clock does not tick."""
    return Fraction(ticks, timescale) if timescale > 0 else Fraction(0)
