"""A true-peak limiter: a look at the peaks between the samples, and one smooth dip of gain around each.

The gain at any sample depends only on the few milliseconds around it, so blocks can be
limited one by one, in any order, with the same result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.audio.pcm import Samples

_REACH = 1024
"""Samples over which a dip of gain opens and closes (21 ms): slow enough to leave speech undistorted."""

_TAPS = 24
"""Length of each interpolation filter, in samples (BS.1770-5 annex 2 asks for 12 or more)."""

MARGIN = 2 * _REACH + _TAPS
"""Samples that a caller adds on both sides of a block, so that the block's own gain is final."""


def gain_curve(sound: Samples, ceiling: float) -> NDArray[np.float64] | None:
    """The gain that keeps every true peak of `sound` at or under `ceiling` (linear).

    One value a sample, both channels alike; None where nothing needs limiting.
    Values nearer than MARGIN to the ends are not final.
    """
    import numpy as np

    # No real sound peaks 6 dB above the samples beside the peak: quieter places need no closer look.
    if max(sound.max(), -sound.min()) <= ceiling / 2:
        return None
    hot = np.flatnonzero(_loudest(sound) > ceiling / 2)
    peaks = _true_peaks(sound, hot)
    if peaks.max() <= ceiling:
        return None
    needed = ceiling / np.maximum(peaks, ceiling)
    return _smooth(_lowest_around(needed))


def _true_peaks(sound: Samples, hot: NDArray[np.intp]) -> NDArray[np.float64]:
    """Per sample: the highest absolute value at it or in the gaps beside it (0 where no sample nearby is loud)."""
    import numpy as np

    peaks = np.zeros(len(sound))
    peaks[hot] = _loudest(sound[hot])
    gaps = np.union1d(hot - 1, hot)
    gaps = gaps[(gaps >= _TAPS // 2 - 1) & (gaps < len(sound) - _TAPS // 2)]
    if not gaps.size:
        return peaks
    between = np.zeros(len(gaps))
    for channel in range(sound.shape[1]):
        windows = np.lib.stride_tricks.sliding_window_view(sound[:, channel], _TAPS)
        values = windows[gaps - (_TAPS // 2 - 1)] @ _interpolators()
        between = np.maximum(between, np.abs(values).max(axis=1))
    peaks[gaps] = np.maximum(peaks[gaps], between)
    peaks[gaps + 1] = np.maximum(peaks[gaps + 1], between)
    return peaks


def _loudest(sound: Samples) -> Samples:
    """The higher absolute value of both channels, per sample."""
    import numpy as np

    return np.maximum(np.abs(sound[:, 0]), np.abs(sound[:, 1]))


def _interpolators() -> NDArray[np.float64]:
    """Windowed-sinc filters for the points at 1/4, 1/2 and 3/4 between the two middle taps. Shape (taps, 3)."""
    import numpy as np

    taps = np.arange(_TAPS)[:, None] - (_TAPS // 2 - 1)
    distance = taps - np.array([0.25, 0.5, 0.75])
    filters = np.sinc(distance) * np.cos(np.pi * distance / (_TAPS + 1)) ** 2
    normalised: NDArray[np.float64] = filters / filters.sum(axis=0)
    return normalised


def _lowest_around(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """The least gain within half a reach before to half a reach after each sample."""
    import numpy as np

    half = _REACH // 2
    lowest = np.pad(gain, (half, half - 1), constant_values=1.0)
    width = 1
    while width < _REACH:
        lowest = np.minimum(lowest[:-width], lowest[width:])
        width *= 2
    return lowest


def _smooth(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Averaged with a triangle one reach wide: never above what was needed at the middle."""
    import numpy as np

    box = _REACH // 2
    for before in (box // 2, box - 1 - box // 2):
        sums = np.concatenate(([0.0], np.cumsum(np.pad(gain, (before, box - 1 - before), constant_values=1.0))))
        gain = (sums[box:] - sums[:-box]) / box
    return gain
