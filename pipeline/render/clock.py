"""How long ago something was used, on a machine whose clock may be set.

Files carry times of the wall clock, which people and time servers move. What was used a moment ago
must not look old when the clock leaps forward, so every offset between the wall clock and one that
nobody sets is kept for as long as it matters.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FUTURE_SECONDS = 2.0
"""How far ahead of now a time stamp may be: file systems and machines differ by a little."""

_STEP_SECONDS = 1.0
"""Less than this is a clock being slowed or hurried, not set."""

_MOST_READINGS = 100


@dataclass(frozen=True, slots=True)
class Now:
    """One look at both clocks, in seconds: the one on the wall, and the time since the machine was started."""

    wall: float
    steady: float

    @property
    def offset(self) -> float:
        return self.wall - self.steady


def look() -> Now:
    """Both clocks. The steady one goes on while the machine sleeps, where the system has such a one."""
    steady = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
    return Now(time.time(), steady)


def started() -> str:
    """Names this start of this machine; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


class Clock:
    """Remembers how the wall clock was set during the last `seconds`.

    `recall` and `remember` keep a small list for other processes; what it holds is judged.
    """

    def __init__(self, seconds: float, recall: Callable[[str], Any], remember: Callable[[str, Any], None]) -> None:
        self._seconds, self._recall, self._remember = seconds, recall, remember
        self._key = f"clock:{started()}"
        self._readings: list[tuple[float, float]] = []

    def mark(self) -> Now:
        """Look at the clocks, and write down when they have come to differ from what is known."""
        now = look()
        known = _judged(self._recall(self._key), now) or [each for each in self._readings if each[1] <= now.steady]
        # A reading held until the next was made; it matters until that is long ago.
        ends = [*(since for _, since in known[1:]), now.steady]
        kept = [each for each, end in zip(known, ends, strict=False) if now.steady - end <= self._seconds]
        if not kept or abs(kept[-1][0] - now.offset) > _STEP_SECONDS:
            kept.append((now.offset, now.steady))
        kept = kept[-_MOST_READINGS:]
        if kept != known:
            self._remember(self._key, kept)
        self._readings = kept
        return now

    def horizon(self, now: Now) -> float:
        """Time stamps of the wall clock below this were set more than `seconds` ago, however it was moved since."""
        return min([now.offset, *(offset for offset, _ in self._readings)]) + now.steady - self._seconds


def _judged(kept: Any, now: Now) -> list[tuple[float, float]]:
    """Readings as we write them, in order and not of the future; anything else is none."""
    try:
        readings = [(float(offset), float(since)) for offset, since in kept]
    except (TypeError, ValueError):
        return []
    sinces = [since for _, since in readings]
    whole = (
        len(readings) <= _MOST_READINGS and sinces == sorted(sinces) and all(since <= now.steady for since in sinces)
    )
    return readings if whole and all(abs(offset) < 1e12 for offset, _ in readings) else []
