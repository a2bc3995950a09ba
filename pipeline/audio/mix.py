"""The mix: voices and bed added block by block, limited where a peak would be too high."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import log10
from typing import TYPE_CHECKING

from pipeline.audio import limiter
from pipeline.audio.bed import Bed, Span
from pipeline.audio.pcm import CHANNELS, PcmFile, to_gain
from pipeline.timecode import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.audio.pcm import Samples

_BLOCK = 2 * SAMPLE_RATE
_ACTIVITY_WINDOW = SAMPLE_RATE // 50
_ACTIVITY_BLOCK = 500 * _ACTIVITY_WINDOW


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice in place: its first sample falls on film sample `start`; gain in dB, fades in samples."""

    pcm: PcmFile
    start: int
    gain: float
    fade: int

    @property
    def stop(self) -> int:
        return self.start + self.pcm.samples

    def samples(self, start: int, stop: int) -> Samples:
        """The voice from film sample `start` to `stop`, both within it."""
        import numpy as np

        sound = self.pcm.read(start - self.start, stop - self.start) * np.float32(to_gain(self.gain))
        fade = min(self.fade, self.pcm.samples // 2)
        if fade and (start < self.start + fade or stop > self.stop - fade):
            at = np.arange(start, stop)
            nearest = np.minimum(at - self.start, self.stop - 1 - at)
            sound *= (np.sin(np.clip(nearest / fade, 0.0, 1.0) * np.pi / 2) ** 2).astype(np.float32)[:, None]
        return sound

    def active(self, threshold: float) -> list[Span]:
        """Spans of the film in which the voice, after its gain, is louder than `threshold` (dBFS, RMS of 20 ms)."""
        import numpy as np

        spans: list[Span] = []
        power = to_gain(threshold - self.gain) ** 2
        for begin in range(0, self.pcm.samples, _ACTIVITY_BLOCK):
            end = min(begin + _ACTIVITY_BLOCK, self.pcm.samples)
            whole = end - (end - begin) % _ACTIVITY_WINDOW
            windows = self.pcm.read(begin, whole).reshape(-1, _ACTIVITY_WINDOW * CHANNELS)
            for index in np.flatnonzero(np.mean(windows**2, axis=1) > power):
                at = self.start + begin + int(index) * _ACTIVITY_WINDOW
                if spans and spans[-1][1] == at:
                    spans[-1] = (spans[-1][0], at + _ACTIVITY_WINDOW)
                else:
                    spans.append((at, at + _ACTIVITY_WINDOW))
        return spans


@dataclass(slots=True)
class Reductions:
    """The deepest dip of the limiter, in dB, within each voice and in the whole film."""

    voices: Sequence[Voice]
    film: float = 0.0
    each: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.each = [0.0] * len(self.voices)

    def note(self, start: int, curve: NDArray[np.float64]) -> None:
        """Take in the limiter's gain from film sample `start` on."""
        self.film = max(self.film, _depth(curve))
        for index, voice in enumerate(self.voices):
            part = curve[max(0, voice.start - start) : max(0, voice.stop - start)]
            if part.size:
                self.each[index] = max(self.each[index], _depth(part))


def _depth(curve: NDArray[np.float64]) -> float:
    return -20 * log10(float(curve.min()))


@dataclass(frozen=True, slots=True)
class Mix:
    """The whole film's sound of `total` samples, as a pure function of a range."""

    voices: Sequence[Voice]
    bed: Bed | None
    total: int

    def samples(self, start: int, stop: int) -> Samples:
        """The mix from sample `start` to `stop`, silent outside the film."""
        import numpy as np

        block = np.zeros((stop - start, CHANNELS), np.float32)
        for part in self._parts():
            first, last = max(start, part.start, 0), min(stop, part.stop, self.total)
            if first < last:
                block[first - start : last - start] += part.samples(first, last)
        return block

    def _parts(self) -> Iterator[Voice | Bed]:
        yield from self.voices
        if self.bed is not None:
            yield self.bed

    def blocks(self, gain: float, ceiling: float, reductions: Reductions) -> Iterator[bytes]:
        """The film block by block, `gain` dB louder, no true peak above `ceiling` dBTP."""
        import numpy as np

        factor, limit = np.float32(to_gain(gain)), to_gain(ceiling)
        for start in range(0, self.total, _BLOCK):
            stop = min(start + _BLOCK, self.total)
            around = self.samples(start - limiter.MARGIN, stop + limiter.MARGIN) * factor
            block = around[limiter.MARGIN : -limiter.MARGIN]
            curve = limiter.gain_curve(around, limit)
            if curve is not None:
                curve = curve[limiter.MARGIN : -limiter.MARGIN]
                reductions.note(start, curve)
                block = (block * curve[:, None]).astype(np.float32)
            yield block.astype("<f4").tobytes()
