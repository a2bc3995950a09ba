"""How a batch stands: its journal added up, and whether the driver that writes it is alive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pipeline.batch.fold import fold
from pipeline.batch.journal import Run, Shelf, choose, read, runs
from pipeline.batch.lease import Waiting
from pipeline.batch.run_state import LessonState, RunState, State, WorkerState

REAL_TIME = 25.0
"""Frames a second of a film, where a journal does not tell."""


class Place(Shelf, Protocol):
    """An output folder that knows who is at work in it."""

    def lease_holder(self, waiting: Waiting | None = None) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """A run and how it stands. `cut_off`: it ended without saying so. `other`: a driver that is at work in this output
    folder, but not on this run. `runs`: numbers of all runs that have a journal.
    """

    run: RunState
    state: State
    cut_off: bool
    other: Mapping[str, Any] | None
    runs: tuple[int, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Lessons by outcome, and those `under-way` and `waiting`; without a driver nothing is under way."""
        counts = self.run.counts
        if self.cut_off:
            counts["waiting"] += counts["under-way"]
            counts["under-way"] = 0
        return counts

    @property
    def bad(self) -> int:
        """Lessons without the film they should have."""
        return self.counts["failed"] + self.counts["refused"]

    @property
    def exit_code(self) -> int:
        """0: complete, or running without failures; 1: something failed, or was cut off."""
        return 0 if self.state in {"complete", "running"} and not self.bad else 1

    @property
    def real_time(self) -> float | None:
        """Seconds of film encoded in one second."""
        return self.run.speed / (self.run.fps or REAL_TIME) if self.run.speed else None

    @property
    def seconds_left(self) -> float | None:
        """Until everything is encoded; None when nothing is being done, or nothing was measured yet."""
        return self.run.seconds_left if self.state == "running" else None

    @property
    def under_way(self) -> list[LessonState]:
        """Lessons being made, the nearest to their end first."""
        return self.run.under_way if self.state == "running" else []

    @property
    def workers(self) -> list[WorkerState]:
        """Those that did most first; the lost ones last."""
        return sorted(self.run.workers.values(), key=lambda each: (not each.there, -each.frames, each.address))

    def to_json(self) -> dict[str, Any]:
        """Plain data, for `status --json`. Times are seconds, speeds frames a second."""
        run = self.run
        return {
            "run": run.run,
            "runs": list(self.runs),
            "state": self.state,
            "cut_off": self.cut_off,
            "exit_code": self.exit_code,
            **run.facts,
            "pid": run.pid,
            "started": run.started,
            "seconds": run.t,
            "lessons": {"all": run.all, **self.counts},
            "frames": {"planned": run.frames, "done": min(run.done, run.frames), "encoded": run.encoded},
            "speed": _rounded(run.speed),
            "real_time": _rounded(self.real_time),
            "seconds_left": _rounded(self.seconds_left),
            "under_way": [_lesson(each) for each in self.under_way],
            "workers": [_worker(each) for each in self.workers],
            "workers_lost": run.workers_lost,
            "scheduler_lost": run.scheduler_lost,
            "retries": run.retries,
            "last_retries": list(run.last_retries),
            "failures": list(run.failures),
            "slowest": [
                {"lesson": name, "seconds": seconds, "outcome": outcome}
                for seconds, name, outcome in sorted(run.slowest, reverse=True)
            ],
            "records": {"read": run.n - run.lost, "lost": run.lost, "unreadable": run.unreadable},
            "other_driver": dict(self.other) if self.other is not None else None,
        }


def look(place: Place, number: int | None = None, waiting: Waiting | None = None) -> Standing:
    """How the run of this number stands, or the last one; run 0 is one that is only about to begin.

    `waiting` is told when it takes a while to see whether a driver lives: see Output.lease_holder.

    Raises UsageError when there is no such run.
    """
    known = runs(place)
    if not known and number is None and (starting := place.lease_holder(waiting)) is not None:
        return Standing(RunState(), "running", False, starting, ())
    chosen = choose(place, number)
    state = fold(read(place, chosen))
    holder = None if state.ended and chosen != known[-1] else place.lease_holder(waiting)
    alive = holder is not None and chosen == known[-1] and _is_driver_of(state, holder)
    if not state.ended and not alive:
        # It may have ended between the two looks; nobody writes any more, so now the journal says all it will say.
        state = fold(read(place, chosen))
    state.run = state.run or chosen.number
    cut_off = not state.ended and not alive
    other = None if alive and not state.ended else holder
    return Standing(state, _state(state, cut_off=cut_off), cut_off, other, _numbers(known))


def _state(run: RunState, *, cut_off: bool) -> State:
    return run.ended or ("interrupted" if cut_off else "running")


def _is_driver_of(run: RunState, holder: Mapping[str, Any]) -> bool:
    """Whether the driver that holds the folder is the one that wrote this journal."""
    own = run.facts.get("driver")
    if own and holder.get("driver"):
        return bool(own == holder["driver"])
    return (run.facts.get("host"), run.pid) == (holder.get("host"), holder.get("pid"))


def _numbers(known: Sequence[Run]) -> tuple[int, ...]:
    return tuple(sorted({each.number for each in known}))


def _lesson(each: LessonState) -> dict[str, Any]:
    return {"lesson": each.id, "stage": each.stage, "frames": each.frames, "done": each.done}


def _worker(each: WorkerState) -> dict[str, Any]:
    return {
        "address": each.address,
        "there": each.there,
        "segments": each.segments,
        "frames": each.frames,
        "lessons": each.lessons,
        "busy": round(each.busy, 3),
        "speed": _rounded(each.speed),
        "lesson": each.lesson,
        "stage": each.stage,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
