"""A journal added up. It is read as if strangers had written it: what has a wrong type is counted, not believed, and
however much there is, memory is bounded.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from math import isfinite
from typing import Any, get_args

from pipeline.batch.addresses import masked
from pipeline.batch.journal import UNREADABLE
from pipeline.batch.model import Outcome
from pipeline.batch.run_state import KEPT, LessonState, RunState, Stage, WorkerState
from pipeline.specs import LANGUAGES

MOST_LESSONS = 50_000
MOST_WORKERS = 5_000
MOST_KEYS = 1_000_000
"""Segments of which a second making is recognised as such."""
MOST_TEXT = 2_000
MOST_ERRORS = 20
PACE_SECONDS = 600.0
"""Speed is measured over the last so many seconds: workers come and go."""

_FACTS = ("out", "profile", "structure", "check", "scheduler", "host", "driver")
_AFTER: Mapping[str, Stage] = {"stitched": "check", "checked": "publish", "delivered": "publish"}
_OUTCOMES: frozenset[str] = frozenset(get_args(Outcome))
_STAGES: frozenset[str] = frozenset(get_args(Stage))
_ENDS = frozenset({"complete", "incomplete", "stopped", "interrupted"})


def fold(records: Iterable[Mapping[str, Any]]) -> RunState:
    """Add the records of one run up, in their order. Never raises for what a record holds."""
    folding = _Fold()
    for record in records:
        folding.add(record)
    return folding.state


class _Strange(Exception):  # noqa: N818
    """A field that is none of ours."""


class _Fold:
    def __init__(self) -> None:
        self.state = RunState()
        self._keys: set[int] = set()
        self._steps: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "run-started": self._started,
            "lesson-planned": self._lesson_planned,
            "plan": self._plan,
            "lesson-started": self._lesson_started,
            "stage": self._stage,
            "segment": self._segment,
            "sound": self._sound,
            "stitched": self._step,
            "checked": self._step,
            "delivered": self._step,
            "retry": self._retry,
            "worker-joined": self._joined,
            "worker-lost": self._worker_lost,
            "scheduler-lost": self._scheduler,
            "scheduler-back": self._scheduler,
            "lesson-ended": self._lesson_ended,
            "run-ended": self._ended,
            UNREADABLE: self._unreadable,
        }

    def add(self, record: Mapping[str, Any]) -> None:
        state = self.state
        try:
            if "n" in record:
                n, t = _count(record, "n"), _seconds(record, "t")
                if n <= state.n:
                    return  # an object store may have taken the same piece twice
                state.lost += n - state.n - 1
                state.n, state.t = n, max(state.t, t)
            step = self._steps.get(_text(record, "event"))
            if step is not None:
                step(record)
        except (_Strange, KeyError, TypeError):
            state.unreadable += 1

    # The run -----------------------------------------------------------------------------------

    def _started(self, record: Mapping[str, Any]) -> None:
        state = self.state
        state.run = _count(record, "run")
        state.started = _text(record, "at")
        state.lessons = _count(record, "lessons")
        state.facts = {name: _text(record, name) for name in _FACTS if isinstance(record.get(name), str)}
        if "out" in state.facts:
            state.facts["out"] = masked(state.facts["out"])
        state.pid = _count(record, "pid") if "pid" in record else 0
        state.fps = _rate(record.get("fps"))

    def _plan(self, record: Mapping[str, Any]) -> None:
        names = ("lessons", "unchanged", "segments", "missing", "shared", "frames")
        self.state.planned = {name: _count(record, name) for name in names if name in record}
        self.state.plan_t = self.state.work_t = self.state.t
        self.state.paces = deque([(self.state.t, self.state.encoded)])

    def _ended(self, record: Mapping[str, Any]) -> None:
        if record["outcome"] not in _ENDS:
            raise _Strange
        self.state.ended = record["outcome"]
        counts = record.get("counts", {})
        self.state.counts_told = {each: _count(counts, each) for each in get_args(Outcome) if each in counts}

    def _unreadable(self, _record: Mapping[str, Any]) -> None:
        self.state.unreadable += 1

    def _scheduler(self, record: Mapping[str, Any]) -> None:
        self.state.scheduler_lost = record["event"] == "scheduler-lost"

    # Lessons -----------------------------------------------------------------------------------

    def _lesson(self, record: Mapping[str, Any]) -> LessonState:
        name = _text(record, "lesson")
        known = self.state.made.get(name)
        if known is None:
            if len(self.state.made) >= MOST_LESSONS:
                raise _Strange
            known = self.state.made[name] = LessonState(name)
        return known

    def _lesson_planned(self, record: Mapping[str, Any]) -> None:
        segments, frames = _count(record, "missing"), _count(record, "frames")
        lesson = self._lesson(record)
        lesson.segments, lesson.frames = segments, frames

    def _lesson_started(self, record: Mapping[str, Any]) -> None:
        lesson = self._lesson(record)
        lesson.over = False
        if lesson.stage == "waiting":
            lesson.stage = "encode"

    def _stage(self, record: Mapping[str, Any]) -> None:
        stage = record["stage"]
        if stage not in _STAGES:
            raise _Strange
        lesson, worker = self._lesson(record), self._worker(record)
        # Sound is made beside the picture: it is told of the worker, and of a lesson only when nothing else is.
        if stage != "sound" or lesson.stage == "waiting":
            lesson.stage = stage
        if worker is not None:
            worker.lesson, worker.stage = lesson.id, stage

    def _segment(self, record: Mapping[str, Any]) -> None:
        key, made = _text(record, "key"), _text(record, "outcome") == "made"
        # Of one that failed only its name is known.
        frames = _count(record, "frames") if made else 0
        seconds = _seconds(record, "seconds") if made or "seconds" in record else 0.0
        lesson, worker = self._lesson(record), self._worker(record)
        encoded = frames if made and record["how"] == "encoded" else 0
        if lesson.stage == "waiting":
            lesson.stage = "encode"
        if worker is not None:
            worker.segments += bool(encoded)
            worker.frames += encoded
            worker.encoding += seconds if encoded else 0
            worker.busy += seconds
            worker.lesson, worker.stage = lesson.id, "encode"
        if not made:
            return
        self._work(encoded)
        # What was fetched from another worker was made there, or was never to be made.
        if record["how"] != "fetched" and self._is_new(key):
            self.state.done += frames
            lesson.done = min(lesson.frames, lesson.done + frames)

    def _work(self, encoded: int) -> None:
        state = self.state
        state.encoded += encoded
        state.work_t = state.t
        if not state.paces or state.t - state.paces[-1][0] >= 1:
            state.paces.append((state.t, state.encoded))
        while len(state.paces) > 2 and state.paces[1][0] < state.t - PACE_SECONDS:
            state.paces.popleft()

    def _is_new(self, key: str) -> bool:
        name = hash(key)
        if name in self._keys:
            return False
        if len(self._keys) < MOST_KEYS:
            self._keys.add(name)
        return True

    def _sound(self, record: Mapping[str, Any]) -> None:
        seconds, worker = _seconds(record, "seconds"), self._worker(record)
        self._lesson(record)
        if worker is not None:
            worker.busy += seconds

    def _step(self, record: Mapping[str, Any]) -> None:
        seconds, lesson, worker = _seconds(record, "seconds"), self._lesson(record), self._worker(record)
        lesson.stage = _AFTER[record["event"]]
        if worker is not None:
            worker.busy += seconds
            worker.lessons += record["event"] == "delivered"
            worker.lesson, worker.stage = lesson.id, lesson.stage

    def _lesson_ended(self, record: Mapping[str, Any]) -> None:
        result, state = record["result"], self.state
        name, script, seconds = _text(result, "id"), _text(result, "script"), _seconds(result, "seconds")
        if result["outcome"] not in _OUTCOMES:
            raise _Strange
        if (name, script) not in state.outcomes and len(state.outcomes) >= MOST_LESSONS:
            raise _Strange
        outcome: Outcome = result["outcome"]
        state.outcomes[name, script] = outcome
        state.made.setdefault(name, LessonState(name)).over = True
        if outcome in {"failed", "refused"}:
            errors = result.get("errors", ())
            told = [_problem(each) for each in errors[:MOST_ERRORS]] if isinstance(errors, list) else []
            state.failures.append({"lesson": name, "script": script, "outcome": outcome, "errors": told})
        if seconds and outcome in {"made", "refused", "failed"}:
            heapq.heappush(state.slowest, (seconds, name, outcome))
            if len(state.slowest) > KEPT:
                heapq.heappop(state.slowest)
        if not state.fps:
            film = result.get("film")
            state.fps = _rate(film.get("fps")) if isinstance(film, dict) else 0.0

    # Workers -----------------------------------------------------------------------------------

    def _worker(self, record: Mapping[str, Any]) -> WorkerState | None:
        """The worker of a record; None where a step names none."""
        address = _text(record, "worker") if record.get("worker") else ""
        if not address:
            return None
        known = self.state.workers.get(address)
        if known is None:
            if len(self.state.workers) >= MOST_WORKERS:
                return None
            known = self.state.workers[address] = WorkerState(address)
        return known

    def _joined(self, record: Mapping[str, Any]) -> None:
        worker = self._worker(record)
        if worker is not None:
            worker.there = True

    def _worker_lost(self, record: Mapping[str, Any]) -> None:
        worker = self._worker(record)
        self.state.workers_lost += 1
        if worker is not None:
            worker.there = False

    def _retry(self, record: Mapping[str, Any]) -> None:
        self.state.retries += 1
        told = {name: _text(record, name) for name in ("lesson", "step", "worker") if record.get(name)}
        attempt = _count(record, "attempt") if "attempt" in record else 0
        self.state.last_retries.append({**told, "attempt": attempt, "problem": _problem(record.get("problem"))})


# Fields ----------------------------------------------------------------------------------------


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record[name]
    if not isinstance(value, str):
        raise _Strange
    return value[:MOST_TEXT]


def _count(record: Mapping[str, Any], name: str) -> int:
    value = record[name]
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise _Strange
    return value


def _seconds(record: Mapping[str, Any], name: str) -> float:
    value = record[name]
    if type(value) not in {int, float} or not isfinite(value) or not 0 <= value < 1e10:
        raise _Strange
    return float(value)


def _rate(value: object) -> float:
    """Frames a second as manifests write it (25, "25", "30000/1001"); 0 for anything else."""
    if type(value) not in {int, float, str}:
        return 0.0
    try:
        rate = float(Fraction(str(value)[:40]))
    except (ValueError, ZeroDivisionError, OverflowError):
        return 0.0
    return rate if 1 <= rate <= 1000 else 0.0


def _problem(value: object) -> dict[str, Any]:
    """A problem in words (see pipeline.batch.model.told), its texts bounded."""
    if not isinstance(value, dict):
        return {"code": str(value or "")[:MOST_TEXT], "where": None, "message": {}, "remedy": {}}
    where = value.get("where")
    return {
        "code": str(value.get("code", ""))[:MOST_TEXT],
        "where": {each: where[each] for each in ("path", "line", "column") if _is_place(where, each)}
        if isinstance(where, dict)
        else None,
        "message": _words(value.get("message")),
        "remedy": _words(value.get("remedy")),
    }


def _is_place(where: Mapping[str, object], name: str) -> bool:
    value = where.get(name)
    return isinstance(value, str) and len(value) <= MOST_TEXT if name == "path" else type(value) is int


def _words(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {each: value[each][:MOST_TEXT] for each in LANGUAGES if isinstance(value.get(each), str)}
