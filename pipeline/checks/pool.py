"""Worker processes with limits: a decoder that crashes, hangs or eats the memory takes its worker along, not us."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.checks.judge import UNJUDGED, Judged, judge
from pipeline.checks.subject import Task
from pipeline.errors import Place
from pipeline.reports.model import Finding, SubjectReport
from pipeline.rulebook import CheckProfile

if TYPE_CHECKING:
    from pebble import ProcessPool


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one worker may use: address space in bytes, seconds of CPU, seconds by the clock."""

    memory: int = 3_000_000_000
    cpu_seconds: int = 900
    seconds: int = 600


class Workers:
    """A pool of worker processes; `judge` starts work on a task."""

    def __init__(self, pool: ProcessPool, profile: CheckProfile, bounds: Bounds) -> None:
        self._pool, self._profile, self._bounds = pool, profile, bounds

    def start(self, task: Task) -> Future[Judged]:
        future: Future[Judged] = self._pool.schedule(
            _bounded, args=(task, self._profile, self._bounds.cpu_seconds), timeout=self._bounds.seconds
        )
        return future

    def finish(self, task: Task, future: Future[Judged]) -> Judged:
        """The verdict; what befell a worker is a finding about the file it was judging."""
        from pebble import ProcessExpired

        try:
            return future.result()
        except Late:
            return _lost(task, "too-slow", seconds=self._bounds.seconds)
        except MemoryError:
            return _lost(task, "too-large")
        except ProcessExpired as end:
            code = end.exitcode
            return _lost(task, "too-slow-cpu" if code == -24 else "crashed", code=code)  # -24: SIGXCPU


@contextmanager
def workers(jobs: int, profile: CheckProfile, bounds: Bounds) -> Iterator[Workers]:
    """`jobs` worker processes, ended on leaving whatever happens."""
    from pebble import ProcessPool

    # A fork server has no threads and no open files of ours, and a new worker starts warm.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.checks.judge"])
    pool = ProcessPool(max_workers=jobs, context=context, initializer=_confine, initargs=(bounds.memory,))
    try:
        yield Workers(pool, profile, bounds)
    except BaseException:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble marks itself typed, these two are not
        pool.join()
        raise
    else:
        pool.close()  # type: ignore[no-untyped-call]
        pool.join()


def _confine(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bounded(task: Task, profile: CheckProfile, cpu_seconds: int) -> Judged:
    # The limit counts from the worker's start, and a worker judges many files.
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + cpu_seconds, hard))
    return judge(task, profile)


def _lost(task: Task, variant: str, **fields: Any) -> Judged:
    finding = Finding(
        rule=UNJUDGED,
        outcome="not-run",
        severity="error",
        variant=variant,
        place=Place(task.file.shown),
        fields={"rule": "", **fields},
    )
    return Judged(SubjectReport(task.file.shown, task.file.kind.value, "", 0, (finding,)))


def judged_in_order(pool: Workers, tasks: Iterable[Task]) -> Iterator[tuple[Task, Judged]]:
    """All tasks at work side by side; verdicts in the order of the tasks."""
    started = [(task, pool.start(task)) for task in tasks]
    for task, future in started:
        yield task, pool.finish(task, future)
