"""The arithmetic of the time that a batch still takes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from math import exp


class _Rate:
    """An amount over a weight, where what is long past counts for little: after `memory` seconds, a third."""

    def __init__(self, memory: float) -> None:
        self._memory, self._amount, self._weight = memory, 0.0, 0.0

    def pass_by(self, seconds: float, weight: float) -> None:
        fading = exp(-seconds / self._memory)
        self._amount *= fading
        self._weight = self._weight * fading + weight

    def add(self, amount: float) -> None:
        self._amount += amount

    @property
    def value(self) -> float:
        return self._amount / self._weight if self._weight > 0 else 0.0


class Pace:
    """Time left, from speeds measured in this run.

    Work is counted in worker-seconds: of encoding, by the frame; of finishing (sound, joining, check, publishing), by
    the lesson. A worker is busy finishing one of the lessons that are being finished, or else encodes. What is left
    is shared by the workers there are now, so that a worker lost or won shows at once.
    """

    MEMORY = 300.0
    """Seconds after which what was measured fades: several lessons, so that clips and cards even out."""
    SPEED_MEMORY = 15.0
    """The same for the speed that people see."""
    FRAME_GUESS = 0.01
    """Worker-seconds to encode a frame, as long as none was."""
    ENOUGH = 10.0
    """Worker-seconds of encoding before which nothing is foretold."""
    FINISH_GUESS = 8.0
    """Worker-seconds to finish a lesson, as long as none was finished."""
    RECENT = 3.0
    """Seconds for which frames that came mean that somebody encodes, even if all workers known are finishing."""
    STILL = 30.0
    """Seconds without any news after which nobody is taken to work: the scheduler is away, the machine slept."""
    FINISHES_KEPT = 20
    """Lessons over which finishing is averaged."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at = clock()
        self._workers: int | None = None
        self._begun = self._working = False
        self._whole = 0, 0
        self._share = 0.0
        self.frames_left = 0
        self.lessons_left = 0
        self._encoding = _Rate(self.MEMORY)
        self._speed = _Rate(self.SPEED_MEMORY)
        self._worked = 0.0
        self._encoded = 0
        self._encoded_at = self._heard_at = self._at
        self._each = 0.0
        self._finishing: dict[str, float] = {}
        self._put_by: dict[str, float] = {}
        self._finishes: deque[float] = deque(maxlen=self.FINISHES_KEPT)
        self._shown: tuple[float, float] | None = None

    def begin(self, frames: int, lessons: int) -> None:
        """Work to do: frames to encode, lessons to finish."""
        self._advance()
        self.frames_left, self.lessons_left = max(frames, 0), max(lessons, 0)
        self._whole = self.frames_left, self.lessons_left
        self._begun = True

    def workers(self, count: int) -> None:
        self._advance()
        self._workers = max(count, 0)

    def encoded(self, frames: int) -> None:
        """So many frames more were encoded."""
        self._encoded_at = self._hear()
        self._encoded += frames
        self.frames_left -= frames
        self._encoding.add(frames)
        self._speed.add(frames)

    def owed(self, frames: int) -> None:
        """So many more are to be encoded than was known; less than none: they need not be any more."""
        self._advance()
        self.frames_left += frames

    def finishing(self, lesson_id: str) -> None:
        """From now on a worker is busy with the end of this lesson."""
        self._hear()
        self._finishing.setdefault(lesson_id, self._each - self._put_by.pop(lesson_id, 0.0))

    def paused(self, lesson_id: str) -> None:
        """It is not, for now: frames of the lesson are encoded again."""
        self._hear()
        if lesson_id in self._finishing:
            self._put_by[lesson_id] = self._each - self._finishing.pop(lesson_id)

    def ended(self, lesson_id: str, *, finished: bool) -> None:
        """Nothing is left to do for this lesson; `finished` says whether its end tells what others will take."""
        self.lessons_left = max(self.lessons_left - 1, 0)
        self.paused(lesson_id)
        took = self._put_by.pop(lesson_id, None)
        if finished and took is not None:
            self._finishes.append(took)

    @property
    def fps(self) -> float:
        """Frames a second now, all workers together."""
        self._advance()
        return self._speed.value

    def share(self) -> float:
        """How much of the work is done, 0..1, as far as is known what it takes; never less than before."""
        frame = 1 / self._encoding.value if self._encoding.value > 0 else self.FRAME_GUESS
        finish = self._finish() or self.FINISH_GUESS
        frames, lessons = self._whole
        whole = frames * frame + lessons * finish
        left = max(self.frames_left, 0) * frame + self.lessons_left * finish
        self._share = max(self._share, 1 - left / whole) if whole > 0 else self._share
        return self._share

    def left(self) -> float | None:
        """Seconds until the last lesson ends, never negative; None while too little was seen, or nobody works."""
        now = self._advance()
        raw = self._raw()
        if raw is None or raw <= 0 or self._shown is None:
            self._shown = None if raw is None else (now, raw)
            return raw
        then, before = self._shown
        # A countdown that drifts to what is measured, faster as the end comes near.
        drift = exp(-(now - then) / max(2.0, min(15.0, raw / 10)))
        self._shown = now, max(raw + (before - (now - then) - raw) * drift, 0.0)
        return self._shown[1]

    def _raw(self) -> float | None:
        if not self._begun:
            return None
        if not self.lessons_left:
            return 0.0
        finish = self._finish()
        if self._workers == 0 or finish is None:
            return None
        encode = 0.0
        if self.frames_left > 0:
            if self._worked < self.ENOUGH or self._encoding.value <= 0:
                return None
            encode = self.frames_left / self._encoding.value
        slots = self._slots
        # Who takes longer than others so far will not be done in no time either.
        running = [max(finish - (self._each - since), finish / 10) for since in self._finishing.values()]
        waiting = max(self.lessons_left - len(running), 0)
        last = encode / slots + finish if waiting else max(running, default=0.0)
        return max((encode + waiting * finish + sum(running)) / slots, last)

    def _finish(self) -> float | None:
        if self._finishes:
            return sum(self._finishes) / len(self._finishes)
        return self.FINISH_GUESS if self._encoded else None

    @property
    def _slots(self) -> int:
        return max(self._workers or 1, 1)

    def _hear(self) -> float:
        """Somebody works."""
        now = self._heard_at = self._advance()
        self._working = True
        return now

    def _advance(self) -> float:
        """Book the time since the last call as work of those who were busy."""
        now = self._clock()
        span = max(now - self._at, 0.0)
        self._at = now
        # Until the first sign of work the engine gets ready; that is nobody's speed.
        if not self._working or not span:
            return now
        self._speed.pass_by(span, span)
        span = max(min(span, self._heard_at + self.STILL - (now - span)), 0.0)
        busy, slots = len(self._finishing), self._slots
        encoding = float(max(slots - busy, 0)) if self.frames_left > 0 else 0.0
        if not encoding and now - self._encoded_at <= self.RECENT:
            encoding = slots / (busy + 1)
        if busy:
            self._each += span * min(slots - encoding, busy) / busy
        self._worked += span * encoding
        self._encoding.pass_by(span if encoding else 0.0, span * encoding)
        return now
