"""Looks for flashes in moving pictures: a screening after ITU-R BT.1702, never a certificate.

A flash is a pair of opposing changes of light; it counts where the lightness changes by a tenth of the screen's most
and the darker state is below 0.8 of it, or where a saturated red comes and goes. General limits: at most three in any
second, on at most a quarter of the picture.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHANGE, DARKER = 0.1, 0.8
"""Of the relative luminance of white."""
RED_SHARE, RED_CHANGE = 0.8, 20.0 / 320
"""Red's share of linear light that makes it saturated, and the change of R - G - B that counts."""
SECOND = 1000


def most_flashes(frames: Iterable[tuple[int, NDArray[np.uint8]]], *, area: float) -> int:
    """The most flashes in any second that cover more than `area` (a share) of the picture at once.

    Frames come as (milliseconds shown, picture) with pictures of shape (height, width, 3), sRGB, all of one size.
    A few dozen pixels each way are enough.
    """
    light, red = _Changes(CHANGE, DARKER), _Changes(RED_CHANGE, float("inf"))
    now = 0
    counts = [_Count(), _Count(), _Count(), _Count()]
    for shown, picture in frames:
        linear = _linear(picture)
        luminance = linear @ _weights()
        up, down = light.step(luminance)
        red_up, red_down = red.step(_redness(linear))
        for count, changed in zip(counts, (up, down, red_up, red_down), strict=True):
            if changed > area:
                count.at(now)
        now += shown
    return max(count.most for count in counts)


class _Count:
    """Edges of one direction: how many fall into the busiest second."""

    def __init__(self) -> None:
        self.most = 0
        self._recent: deque[int] = deque()

    def at(self, now: int) -> None:
        self._recent.append(now)
        while self._recent[0] <= now - SECOND:
            self._recent.popleft()
        self.most = max(self.most, len(self._recent))


class _Changes:
    """Follows every pixel between its turning points. A change counts once it is `least` away from the last one."""

    def __init__(self, least: float, darker: float) -> None:
        self._least, self._darker = least, darker
        self._low: NDArray[np.float32] | None = None
        self._high: NDArray[np.float32] | None = None
        self._turned: NDArray[np.int8] | None = None
        """Which way each pixel turned last: 1 up, -1 down, 0 not yet."""

    def step(self, value: NDArray[np.float32]) -> tuple[float, float]:
        """The shares of the picture that turned up and down with this frame."""
        import numpy as np

        if self._low is None or self._high is None or self._turned is None:
            self._low, self._high = value.copy(), value.copy()
            self._turned = np.zeros(value.shape, dtype=np.int8)
            return 0.0, 0.0
        low, high = np.minimum(self._low, value), np.maximum(self._high, value)
        up = (self._turned != 1) & (value - low >= self._least) & (low < self._darker)
        down = (self._turned != -1) & (high - value >= self._least) & (value < self._darker)
        self._turned = np.where(up, 1, np.where(down, -1, self._turned)).astype(np.int8)
        # Behind a turn the extreme towards which a pixel goes begins anew.
        self._low, self._high = np.where(down, value, low), np.where(up, value, high)
        return float(up.mean()), float(down.mean())


def _linear(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    import numpy as np

    share = picture.astype(np.float32) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _weights() -> NDArray[np.float32]:
    import numpy as np

    return np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def _redness(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """R - G - B where red is saturated, else 0: what comes and goes with a saturated red."""
    import numpy as np

    red, rest = linear[..., 0], linear[..., 1] + linear[..., 2]
    saturated = red >= RED_SHARE * (red + rest + 1e-6)
    return np.where(saturated, np.maximum(red - rest, 0), 0).astype(np.float32)
