"""The music bed: looped with a cross-fade, low under speech, a little higher where nobody speaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.audio.pcm import PcmFile
from pipeline.timecode import SAMPLE_RATE

if TYPE_CHECKING:
    from pipeline.audio.pcm import Samples

LONG_GAP = 3 * SAMPLE_RATE
"""Silence between two voices that lets the bed rise; shorter ones would make it pump between sentences."""

_DOWN = round(0.4 * SAMPLE_RATE)
_UP = round(1.2 * SAMPLE_RATE)
_CROSS_FADE = 2 * SAMPLE_RATE
_FADE_IN = SAMPLE_RATE
_FADE_OUT = round(2.5 * SAMPLE_RATE)

Span = tuple[int, int]
"""First sample and the one after the last."""


def speech_spans(spans: Iterable[Span]) -> list[Span]:
    """Spans of speech in order, those with no long gap between them as one."""
    merged: list[Span] = []
    for start, stop in sorted(spans):
        if merged and start - merged[-1][1] < LONG_GAP:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


@dataclass(frozen=True, slots=True)
class Bed:
    """The bed under a whole film of `stop` samples; `speech` as from `speech_spans`, gains in dB."""

    pcm: PcmFile
    stop: int
    speech: Sequence[Span]
    under_voice: float
    alone: float
    start: int = 0

    def samples(self, start: int, stop: int) -> Samples:
        """The bed as it sounds in the film from sample `start` to `stop`, both within the film."""
        import numpy as np

        sound = self._looped(start, stop) * self._level(start, stop)
        if start < _FADE_IN or stop > self.stop - _FADE_OUT:
            at = np.arange(start, stop)
            fades = np.minimum(at / _FADE_IN, (self.stop - 1 - at) / _FADE_OUT).clip(0.0, 1.0)
            sound *= fades.astype(np.float32)[:, None]
        return sound

    def _level(self, start: int, stop: int) -> Samples:
        """The gain from sample `start` to `stop`, shape (samples, 1), or (1, 1) where it stays the same."""
        import numpy as np

        points: list[tuple[int, float]] = []
        for begin, end in self.speech:
            points += [
                (begin - _DOWN, self.alone),
                (begin, self.under_voice),
                (end, self.under_voice),
                (end + _UP, self.alone),
            ]
        times, levels = zip(*points, strict=True) if points else ((start,), (self.alone,))
        first, last = np.interp([start, stop - 1], times, levels)
        flat = first == last and not any(start < time < stop for time in times)
        at = np.array([start]) if flat else np.arange(start, stop)
        level: Samples = (10.0 ** (np.interp(at, times, levels) / 20.0)).astype(np.float32)[:, None]
        return level

    def _looped(self, start: int, stop: int) -> Samples:
        """The music from film sample `start` to `stop`, each round cross-faded into the next at equal power."""
        import numpy as np

        length = self.pcm.samples
        overlap = 0 if length >= self.stop else min(_CROSS_FADE, length // 4)
        period = length - overlap
        block = np.zeros((stop - start, 2), np.float32)
        for turn in range(max(0, (start - length) // period), stop // period + 1):
            origin = turn * period
            first, last = max(start, origin), min(stop, origin + length)
            if first >= last:
                continue
            music = self.pcm.read(first - origin, last - origin)
            if overlap:
                _fade_round(music, first - origin, length, overlap, opening=turn > 0)
            block[first - start : last - start] += music
        return block


def _fade_round(music: Samples, first: int, length: int, overlap: int, *, opening: bool) -> None:
    """Fade, in place, what of one round's first and last `overlap` samples lies in `music`, which starts at `first`."""
    import numpy as np

    at = np.arange(first, first + len(music))
    if opening and first < overlap:
        music *= np.sin(np.minimum(at / overlap, 1.0) * np.pi / 2).astype(np.float32)[:, None]
    if first + len(music) > length - overlap:
        music *= np.sin(np.minimum((length - at) / overlap, 1.0) * np.pi / 2).astype(np.float32)[:, None]
