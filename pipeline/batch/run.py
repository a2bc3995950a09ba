"""A whole batch, from what a person named to a folder of films with its journal, summary and gallery."""

from __future__ import annotations

import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal

from pipeline.batch.addresses import masked
from pipeline.batch.dispatch import Recorder, Stopped
from pipeline.batch.engine import Engine, failed
from pipeline.batch.fleet import Fleet
from pipeline.batch.journal import Journal
from pipeline.batch.model import BAD, OWN_FOLDER, BatchOptions, Failure, LessonResult, Planned, Source, told
from pipeline.batch.plan import BatchPlan, make_plan
from pipeline.batch.progress import Quiet, Watcher
from pipeline.batch.storage import Lease, Output, find_sources, open_output, stamps
from pipeline.batch.summary import write_summary
from pipeline.batch.unchanged import Memory, unchanged
from pipeline.errors import Problem, TelesabaqError, UsageError
from pipeline.lesson.items import id_from_folder
from pipeline.render.cache import Cache
from pipeline.render.manifest import versions

_ASKED_AT_ONCE = 16
"""Lessons of which a store is asked at a time whether their films are there."""

RunOutcome = Literal["complete", "incomplete", "stopped", "interrupted"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for. `jobs`: workers of an embedded batch, None for as many as the machine bears."""

    named: tuple[str, ...]
    options: BatchOptions
    jobs: int | None = None
    scheduler: str | None = None
    keep_going: bool = True
    only_changed: bool = False
    dashboard: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What came of a batch. `results`: one a lesson, in the order in which they were named."""

    results: tuple[LessonResult, ...]
    outcome: RunOutcome
    seconds: float
    remade: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    summed_up: bool = True
    """Whether batch.json and the gallery could be written."""

    @property
    def exit_code(self) -> int:
        """0 all films are there, and their summary; 1 some are not; 3 some are not, by our own fault."""
        if any(each.ours for each in self.results):
            return 3
        return int(not self.summed_up or any(each.outcome in BAD or each.errors for each in self.results))


@dataclass(frozen=True, slots=True)
class Preview:
    """What a batch would do: `--dry-run`."""

    plan: BatchPlan
    failures: tuple[LessonResult, ...]
    unchanged: tuple[LessonResult, ...]


def run_batch(
    order: Order, watcher: Watcher | None = None, stopping: Callable[[], bool] = lambda: False
) -> BatchReport:
    """Make what is missing of all lessons, and record it.

    `stopping` is asked twice a second: work is then called off, and what is finished stays. Raises UsageError before
    anything is made: nothing to make, no scheduler, other versions on workers, a folder that somebody else works in.
    """
    batch = _Batch(order, watcher or Quiet(), stopping)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    holder = {
        "pid": os.getpid(),
        "host": platform.node(),
        "driver": batch.driver,
        "since": now,
        "lessons": len(batch.sources),
    }
    with batch.output.lease(holder, waiting=batch.tell_waiting) as lease:
        batch.lease = lease
        return batch.run()


def preview_batch(order: Order, watcher: Watcher | None = None) -> Preview:
    """Plan a batch and make nothing."""
    batch = _Batch(order, watcher or Quiet(), lambda: False)
    batch.output.names(OWN_FOLDER)  # a bucket that is not there is told now, and not after the plan was approved
    rest = batch.recognise()
    known = tuple(batch.results.values())
    plan = make_plan(())
    if rest:
        with batch.fleet() as fleet:
            plan = batch.plan(batch.engine(fleet, _Nowhere(), making=False), rest)
    failures = tuple(each for each in batch.results.values() if each.outcome == "failed")
    return Preview(plan, failures, known)


class _Nowhere:
    """A record that nobody keeps."""

    def record(self, event: str, /, **fields: object) -> None: ...


class _Batch:
    def __init__(self, order: Order, watcher: Watcher, stopping: Callable[[], bool]) -> None:
        self.sources = find_sources(order.named)
        self.output: Output = open_output(order.options.out)
        # Workers may stand elsewhere: they are given the folder's full name.
        self.order = replace(order, options=replace(order.options, out=self.output.url))
        self.watcher, self._stopping = watcher, stopping
        self.lease = Lease()
        self.cache = Cache()
        self.driver = token_hex(8)
        self._workers, self._workers_missing = 0, False
        self.results: dict[Source, LessonResult] = {}
        self._planned: dict[Source, Planned] = {}
        self._by_id: dict[str, Source] = {}
        self._journal: Recorder = _Nowhere()
        remote = [each for each in self.sources if not each.is_local]
        self._memory = Memory(self.cache, self.output, self.order.options, stamps(remote) if remote else {})

    def run(self) -> BatchReport:
        """The batch under the lease of its output folder."""
        started = time.monotonic()
        outcome: RunOutcome = "interrupted"
        with Journal.start(self.output, **self._facts()) as journal:
            self._journal = journal
            try:
                self._work()
                bad = any(each.outcome in BAD for each in self.results.values())
                outcome = "incomplete" if bad else "complete"
            except Stopped:
                outcome = "stopped" if self._has_to_stop_early() else "interrupted"
            finally:
                for source in self.sources:
                    if source not in self.results:
                        self._end(source, _not_run(source, self._planned.get(source)))
                seconds = round(time.monotonic() - started, 3)
                results = [self.results[source] for source in self.sources]
                counts = Counter(each.outcome for each in results)
                facts = {"outcome": outcome, "counts": dict(counts), "seconds": seconds}
                journal.record("run-ended", **facts)
                run = {"run": journal.run.number, "workers": self._workers, "versions": versions(), **facts}
                # Whoever took the folder over sums it up. Where nobody could work, what the last batch told holds.
                silent = self.lease.lost.is_set() or self._workers_missing
                summed_up, notes = (True, ()) if silent else self._summed_up(results, run)
                for problem in [*notes, *([journal.trouble] if journal.trouble is not None else [])]:
                    self.watcher.note(problem.code, **problem.fields)
        remade = {each.id: each.remade for each in self._planned.values() if each.remade}
        return BatchReport(tuple(results), outcome, seconds, remade, summed_up)

    def _summed_up(self, results: Sequence[LessonResult], run: Mapping[str, Any]) -> tuple[bool, Sequence[Problem]]:
        """Write batch.json and the gallery; what is wrong with them must not hide what came of the films."""
        try:
            return True, write_summary(self.output, results, run, self.cache, self.order.language)
        except TelesabaqError as error:
            return False, error.problems

    def _facts(self) -> dict[str, Any]:
        options = self.order.options
        return {
            "lessons": len(self.sources),
            "out": masked(self.output.url),
            "profile": options.profile.id,
            "structure": options.structure.id,
            "check": options.check,
            "scheduler": self.order.scheduler,
            "fps": str(options.structure.fps),
            "host": platform.node(),
            "pid": os.getpid(),
            "driver": self.driver,
        }

    def tell_waiting(self, holder: Mapping[str, Any], seconds: float) -> None:
        """Another driver was at work in a store's folder; whether it lives takes a while to see."""
        host, pid = holder.get("host", "?"), holder.get("pid", "?")
        self.watcher.note("batch.waiting", folder=self.output.shown, host=host, pid=pid, seconds=round(seconds))

    # Work ----------------------------------------------------------------------------------------

    def _work(self) -> None:
        rest = self.recognise()
        if not rest:
            self.watcher.planned(len(self.sources), 0, len(self.results), 0, 0, 0)
            return
        self._workers_missing = True
        with self.fleet() as fleet:
            self._workers = fleet.threads()
            self.watcher.workers(self._workers)
            if self.order.dashboard:
                self.watcher.note("batch.dashboard", address=fleet.dashboard_link())
            engine = self.engine(fleet, self._journal)
            self._workers_missing = False
            try:
                plan = self.plan(engine, rest)
                self._tell_plan(plan)
                engine.make(plan)
            except BaseException:
                engine.stop()
                raise

    def recognise(self) -> list[Source]:
        """Lessons that need a worker; of the others the results are known."""
        rest = []
        for source, result in zip(self.sources, self._known(), strict=True):
            if result is None or not self._claims(result.id, source):
                rest.append(source)
                # As it is before anything is read of it: what is edited from now on is a change.
                self._memory.note(source)
            else:
                self._end(source, result, remember=False)
        return rest

    def _known(self) -> Iterator[LessonResult | None]:
        """Of each lesson what the memory knows; a store is asked about many at a time."""
        if self.output.local is not None:
            return map(self._recalled, self.sources)
        with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
            return iter(list(pool.map(self._recalled, self.sources)))

    def _recalled(self, source: Source) -> LessonResult | None:
        left = self._memory.left_alone(source) if self.order.only_changed else None
        return left or self._memory.unchanged(source)

    def _claims(self, lesson_id: str, source: Source) -> bool:
        return self._by_id.setdefault(lesson_id, source) == source

    def fleet(self) -> Fleet:
        return Fleet(self.order.jobs, self.order.scheduler, dashboard=self.order.dashboard)

    def engine(self, fleet: Fleet, journal: Recorder, *, making: bool = True) -> Engine:
        """An engine whose workers are known to be ours."""
        fleet.welcome(self.sources, self.output.url if making else None)
        return Engine(fleet, self.order.options, journal, self.watcher, self._has_to_stop, self._ended)

    def plan(self, engine: Engine, sources: Sequence[Source]) -> BatchPlan:
        """The plan of what is to be made; what cannot be is ended, what need not be as well."""
        found = engine.plan(sources)
        for source, each in found.items():
            if isinstance(each, Failure):
                self._end(source, _unplanned(source, each))
            else:
                self._planned[source] = each
        taken = {name: each.script for name, each in self._by_id.items()}
        plan = make_plan(self._planned.values(), taken, engine.threads())
        for planned, failure in plan.clashes:
            self._end(planned.source, failed(planned, failure))
        for planned in plan.unchanged:
            manifest = self.output.manifest(planned.id)
            if manifest is not None:
                self._end(planned.source, unchanged(planned.source, planned.facts, planned.id, manifest))
        self._by_id |= {work.planned.id: work.planned.source for work in plan.works}
        return plan

    def _tell_plan(self, plan: BatchPlan) -> None:
        done = sum(each.outcome in {"unchanged", "left-alone"} for each in self.results.values())
        numbers = {"segments": plan.segments, "missing": plan.missing, "shared": plan.shared, "frames": plan.frames}
        self._journal.record("plan", lessons=len(self.sources), unchanged=done, **numbers)
        self.watcher.planned(len(self.sources), plan.frames, done, plan.segments, plan.missing, plan.shared)

    def _ended(self, result: LessonResult) -> None:
        self._end(self._by_id[result.id], result)

    def _end(self, source: Source, result: LessonResult, *, remember: bool = True) -> None:
        self.results[source] = result
        if remember and result.outcome != "not-run":
            self._memory.remember(source, result, self._planned.get(source))
        self._journal.record("lesson-ended", result=result.to_json())
        self.watcher.ended(result)

    def _has_to_stop(self) -> bool:
        if self.lease.trouble is not None:
            raise self.lease.trouble
        if self.lease.lost.is_set():
            raise UsageError.of("batch.lease-lost", folder=self.output.shown)
        return self._stopping() or self._has_to_stop_early()

    def _has_to_stop_early(self) -> bool:
        return not self.order.keep_going and any(each.outcome in BAD for each in self.results.values())


def _unplanned(source: Source, failure: Failure) -> LessonResult:
    return LessonResult(
        id=_name_of(source),
        script=source.shown,
        outcome="failed",
        errors=told(failure.problems),
        worker=failure.worker,
        ours=failure.ours,
        fleeting=failure.fleeting,
    )


def _not_run(source: Source, planned: Planned | None) -> LessonResult:
    facts = planned.facts if planned is not None else {}
    return LessonResult(planned.id if planned is not None else _name_of(source), source.shown, "not-run", facts)


def _name_of(source: Source) -> str:
    """What a lesson is called whose script was not read: after its folder."""
    return id_from_folder(Path(source.script).parent.name)
