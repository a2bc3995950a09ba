"""How far a batch is: what the engine tells, and to whom."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Protocol

from pipeline.batch.model import BAD, LessonResult
from pipeline.batch.pace import Pace

NEWS_KEPT = 10_000
"""Lines that wait for a terminal that does not take any (Ctrl-S); the oldest go first."""


class Watcher(Protocol):
    """Is told how a batch goes. Called from any thread; every method returns at once and raises nothing."""

    def planning(self, done: int, total: int) -> None:
        """Scripts read so far, of all."""

    def planned(self, lessons: int, frames: int, unchanged: int, segments: int, missing: int, shared: int) -> None:
        """The whole batch: lessons of it, of these unchanged or left alone, segments of the rest, missing among them.

        `frames` are to be encoded, those of the `shared` segments (needed by several lessons) counted once.
        """

    def lesson(self, lesson_id: str, stage: str, done: int, frames: int) -> None:
        """A lesson is being worked on: frames encoded for it so far, of those to encode. May go back after a loss.

        `stage`: encode, sound, join, check or publish. A segment that several lessons share counts for the one it is
        made for, and only there: all frames of all lessons are those of `planned`.
        """

    def ended(self, result: LessonResult) -> None:
        """Once a lesson; those counted as unchanged in `planned` may be told here as well, before it or after."""

    def note(self, code: str, /, **fields: object) -> None:
        """Something worth a line (a retry, a worker that was lost): a message code and its fields."""

    def workers(self, count: int) -> None:
        """How many tasks can run at once from now on."""


class Quiet:
    """A watcher that tells nobody."""

    def planning(self, done: int, total: int) -> None: ...

    def planned(self, lessons: int, frames: int, unchanged: int, segments: int, missing: int, shared: int) -> None: ...

    def lesson(self, lesson_id: str, stage: str, done: int, frames: int) -> None: ...

    def ended(self, result: LessonResult) -> None: ...

    def note(self, code: str, /, **fields: object) -> None: ...

    def workers(self, count: int) -> None: ...


@dataclass(slots=True)
class Running:
    """A lesson that is being worked on. Times are of the board's clock."""

    id: str
    stage: str
    since: float
    """When its stage began."""
    heard: float
    done: int = 0
    frames: int = 0
    marks: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=10))

    def fps(self, now: float) -> float:
        """Frames a second over the last ten seconds or so."""
        if not self.marks or now <= self.marks[0][0]:
            return 0.0
        then, before = self.marks[0]
        return max(self.done - before, 0) / (now - then)


@dataclass(frozen=True, slots=True)
class Note:
    """A line for people: a message code and its fields."""

    code: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Plan:
    """What `planned` told."""

    lessons: int
    frames: int
    unchanged: int
    segments: int
    missing: int
    shared: int


class Board:
    """A watcher that keeps the state of the batch for whoever shows it. Safe to use from several threads."""

    IDLE = 60.0
    """Seconds after which a lesson nothing was heard of gives its row to another."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.pace = Pace(clock)
        self.lock = threading.RLock()
        self.began = clock()
        self.scripts = (0, 0)
        self.plan: Plan | None = None
        self.count: int | None = None
        """Tasks that can run at once; None until it was told."""
        self.outcomes: Counter[str] = Counter()
        self._running: dict[str, Running] = {}
        self._over: set[str] = set()
        self._rows: list[str] = []
        self._news: deque[LessonResult | Note | Plan] = deque(maxlen=NEWS_KEPT)
        self._last: Note | None = None
        self._dropped = 0
        """Frames of the plan that turned out not to be needed: their lessons failed."""

    def planning(self, done: int, total: int) -> None:
        with self.lock:
            self.scripts = done, total

    def planned(self, lessons: int, frames: int, unchanged: int, segments: int, missing: int, shared: int) -> None:
        with self.lock:
            self.plan = Plan(lessons, frames, unchanged, segments, missing, shared)
            self.pace.begin(frames, lessons - self._ended)
            self._news.append(self.plan)

    def lesson(self, lesson_id: str, stage: str, done: int, frames: int) -> None:
        with self.lock:
            if lesson_id in self._over:
                return
            now = self.clock()
            each = self._running.get(lesson_id)
            if each is None:
                # Frames that were there when it was first heard of are no one's speed.
                self.pace.owed(-done)
                each = self._running[lesson_id] = Running(lesson_id, stage, now, now, done)
            elif stage != each.stage:
                each.since = now
            if stage == "encode":
                self.pace.paused(lesson_id)
            else:
                self.pace.finishing(lesson_id)
            each.stage, each.heard, each.frames = stage, now, frames
            self._encoded(each, done, now)

    def ended(self, result: LessonResult) -> None:
        with self.lock:
            each = self._running.pop(result.id, None)
            if each or result.outcome not in BAD:
                self._over.add(result.id)
            before = self._ended
            self.outcomes[result.outcome] += 1
            self._news.append(result)
            if self._ended == before or self.plan is None:
                return
            rest = max(each.frames - each.done, 0) if each else 0
            if each is None and result.outcome in BAD:
                # How many frames it would have had nobody said: as many as others.
                rest = self.plan.frames // max(self.plan.lessons - self.plan.unchanged, 1)
            self.pace.owed(-rest)
            self._dropped += rest if result.outcome == "failed" else 0
            self.pace.ended(result.id, finished=result.outcome in {"made", "refused"})

    def note(self, code: str, /, **fields: object) -> None:
        note = Note(code, fields)
        with self.lock:
            if note != self._last:
                self._news.append(note)
            self._last = note

    def workers(self, count: int) -> None:
        with self.lock:
            self.count = max(count, 0)
            self.pace.workers(count)

    @property
    def lessons(self) -> tuple[int, int]:
        """Lessons that ended, of all."""
        return self._ended, max(self.plan.lessons if self.plan else self.scripts[1], self._ended)

    @property
    def frames(self) -> tuple[int, int]:
        """Frames that were encoded, of those that have to be."""
        whole = max(self.plan.frames - self._dropped, 0) if self.plan else 0
        return min(max(whole - self.pace.frames_left, 0), whole), whole

    @property
    def share(self) -> float:
        """How much of the work is done, 0..1, never less than before; 1 only at the end."""
        ended, lessons = self.lessons
        return 1.0 if self.plan and ended == lessons else min(self.pace.share(), 0.999)

    def take_news(self) -> list[LessonResult | Note | Plan]:
        """What was told since the last time and wants a line."""
        with self.lock:
            news = list(self._news)
            self._news.clear()
            return news

    def rows(self, most: int) -> tuple[list[Running], int]:
        """At most so many of the running lessons, and how many more there are.

        A lesson keeps its row as long as it is heard of; free rows go to those that were heard of last.
        """
        with self.lock:
            now = self.clock()
            if len(self._running) <= most:
                self._rows = list(self._running)
            else:
                kept = [each for each in self._rows if each in self._running and self._is_heard(each, now)][:most]
                others = [each for each in self._running if each not in kept]
                last = nlargest(most - len(kept), others, key=lambda each: self._running[each].heard)
                self._rows = kept + [each for each in others if each in last]
            return [self._running[each] for each in self._rows], len(self._running) - len(self._rows)

    def _is_heard(self, lesson_id: str, now: float) -> bool:
        return now - self._running[lesson_id].heard < self.IDLE

    def _encoded(self, each: Running, done: int, now: float) -> None:
        if done > each.done:
            self.pace.encoded(done - each.done)
        elif done < each.done:
            self.pace.owed(each.done - done)
            each.marks.clear()
        each.done = done
        if not each.marks or now - each.marks[-1][0] >= 1:
            each.marks.append((now, done))

    @property
    def unchanged(self) -> int:
        """Lessons that were found to be unchanged, told one by one or only counted."""
        return self._untouched - self.outcomes["left-alone"]

    @property
    def _untouched(self) -> int:
        return max(self._told_untouched, self.plan.unchanged if self.plan else 0)

    @property
    def _told_untouched(self) -> int:
        return self.outcomes["unchanged"] + self.outcomes["left-alone"]

    @property
    def _ended(self) -> int:
        # What was not run is not done.
        return self.outcomes.total() - self.outcomes["not-run"] - self._told_untouched + self._untouched
