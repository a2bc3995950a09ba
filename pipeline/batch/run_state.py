"""What is known of a run of a batch, as its journal adds up to it. Plain data; `pipeline.batch.fold` fills it in."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from pipeline.batch.model import Outcome

State = Literal["running", "complete", "incomplete", "stopped", "interrupted"]
Stage = Literal["waiting", "encode", "sound", "join", "check", "publish"]

KEPT = 10
"""Failures, retries and slow lessons that are kept, of each the ones that tell most."""


@dataclass(slots=True)
class LessonState:
    """A lesson in the making. `frames`: to encode for it; `done`: of these, those that are there."""

    id: str
    segments: int = 0
    frames: int = 0
    done: int = 0
    stage: Stage = "waiting"
    over: bool = False


@dataclass(slots=True)
class WorkerState:
    """What a worker did: segments and frames encoded, lessons finished, seconds of work, of these seconds encoding; and
    the last it was heard of: lesson and stage.
    """

    address: str
    segments: int = 0
    frames: int = 0
    lessons: int = 0
    busy: float = 0.0
    encoding: float = 0.0
    lesson: str = ""
    stage: str = ""
    there: bool = True

    @property
    def speed(self) -> float | None:
        """Frames a second while it encodes, None before it has."""
        return self.frames / self.encoding if self.encoding >= 1 else None


@dataclass(slots=True)
class RunState:
    """Everything about a run that its journal told so far.

    `facts`: texts of `run-started`. `t`: seconds to the last record. `outcomes`: by (id, script). `planned`: numbers of
    the plan, empty before there is one. `done`: frames of the plan that are there; `encoded`: frames encoded, also
    twice. `ended`: how the run said it ended, "" if it did not. `unreadable`: records that are none of ours; `lost`:
    records that could not be written.
    """

    run: int = 0
    facts: dict[str, str] = field(default_factory=dict)
    started: str = ""
    pid: int = 0
    fps: float = 0.0
    lessons: int = 0
    t: float = 0.0
    n: int = 0
    made: dict[str, LessonState] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    planned: dict[str, int] = field(default_factory=dict)
    plan_t: float = 0.0
    work_t: float = 0.0
    done: int = 0
    encoded: int = 0
    paces: deque[tuple[float, int]] = field(default_factory=deque)
    workers: dict[str, WorkerState] = field(default_factory=dict)
    workers_lost: int = 0
    scheduler_lost: bool = False
    retries: int = 0
    last_retries: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))
    failures: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))
    slowest: list[tuple[float, str, str]] = field(default_factory=list)
    ended: State | Literal[""] = ""
    counts_told: dict[str, int] = field(default_factory=dict)
    unreadable: int = 0
    lost: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Lessons by outcome, all outcomes; `under-way` and `waiting` for those that have none yet."""
        counted = Counter(self.outcomes.values())
        told = {each: max(counted[each], self.counts_told.get(each, 0)) for each in get_args(Outcome)}
        under_way = 0 if self.ended else len(self.under_way)
        rest = max(0, self.all - sum(told.values()) - under_way)
        return told | {"under-way": under_way, "waiting": rest}

    @property
    def all(self) -> int:
        """Lessons of the run."""
        return max(self.lessons, self.planned.get("lessons", 0), len(self.outcomes))

    @property
    def under_way(self) -> list[LessonState]:
        """Lessons that were begun and have not ended, the nearest to their end first."""
        begun = [each for each in self.made.values() if not each.over and each.stage != "waiting"]
        stages = get_args(Stage)
        return sorted(begun, key=lambda each: (-stages.index(each.stage), -each.done / max(each.frames, 1), each.id))

    @property
    def frames(self) -> int:
        """Frames to encode in this run, 0 before the plan is there."""
        return self.planned.get("frames", 0)

    @property
    def speed(self) -> float | None:
        """Frames a second, of the last minutes while it runs, of the whole run when it has ended; None before there
        is any.
        """
        if not self.encoded:
            return None
        since, before = (self.plan_t, 0) if self.ended else self.paces[0]
        until = self.work_t if self.ended else self.t
        return (self.encoded - before) / (until - since) if until - since >= 1 else None

    @property
    def seconds_left(self) -> float | None:
        """Until everything is encoded, at the measured speed; None when there is no telling."""
        if self.ended or not self.speed or not self.frames:
            return None
        return max(0, self.frames - self.done) / self.speed
