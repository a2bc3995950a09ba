"""Worker processes: a decoder that crashes, hangs or eats the memory takes its worker along, never the check."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from pipeline.checks.confine import Bounds, confine, limit_cpu, needed_folders
from pipeline.checks.judge import UNJUDGED, Judged, judge
from pipeline.checks.subject import Task
from pipeline.errors import Place
from pipeline.reports.model import Finding, SubjectReport
from pipeline.rulebook import CheckProfile

if TYPE_CHECKING:
    from pebble import ProcessPool

Work = Callable[[Task, CheckProfile], Judged]
"""What a worker does with a task; a function of a module, since its name is what reaches the worker."""

_GRACE = 10
"""Seconds after which a worker that did not stop by itself is killed."""
_AHEAD = 4
"""Tasks waiting for each worker; more would only lie in memory."""
_TASKS_A_WORKER = 500
"""A library that leaks a little must not leak for ever."""


class Workers:
    """A pool of worker processes that judge tasks."""

    def __init__(self, pool: ProcessPool, jobs: int, bounds: Bounds) -> None:
        self._pool, self._jobs, self._bounds = pool, jobs, bounds

    def judged(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Judged]]:
        """All tasks, side by side; verdicts in the order of the tasks."""
        waiting: deque[tuple[Task, Future[Judged]]] = deque()
        for task in tasks:
            waiting.append((task, self._start(task)))
            if len(waiting) > _AHEAD * self._jobs:
                yield self._next(waiting)
        while waiting:
            yield self._next(waiting)

    def _start(self, task: Task) -> Future[Judged]:
        started: Future[Judged] = self._pool.schedule(_judge, args=(task,), timeout=self._bounds.seconds + _GRACE)
        return started

    def _next(self, waiting: deque[tuple[Task, Future[Judged]]]) -> tuple[Task, Judged]:
        """The first verdict waited for; what befell a worker is a finding about the file it was judging."""
        from pebble import ProcessExpired

        task, future = waiting.popleft()
        try:
            return task, future.result()
        except Late:
            return task, _lost(task, "too-slow", seconds=self._bounds.seconds)
        except MemoryError:
            return task, _lost(task, "too-large")
        except ProcessExpired as end:
            code = end.exitcode or 0
            return task, _lost(task, "too-slow-cpu" if -code == signal.SIGXCPU else "crashed", code=code)


@contextmanager
def workers(
    jobs: int,
    profile: CheckProfile,
    bounds: Bounds,
    readable: Sequence[Path],
    private: Path,
    work: Work = judge,
) -> Iterator[Workers]:
    """`jobs` confined worker processes, ended on leaving whatever happens. They read what is in `readable` and write
    only in `private`.
    """
    from pebble import ProcessPool

    # A fork server has no threads and no open files of ours, and a new worker starts warm.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.checks.judge"])
    pool = ProcessPool(
        max_workers=jobs,
        max_tasks=_TASKS_A_WORKER,
        context=context,
        initializer=_prepare,
        initargs=(work, profile, bounds, tuple(readable), private),
    )
    try:
        yield Workers(pool, jobs, bounds)
    except BaseException:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble calls itself typed, these two are not
        pool.join()
        raise
    else:
        pool.close()  # type: ignore[no-untyped-call]
        pool.join()


class _TooLong(BaseException):
    """Judging went on past its time. No rule's `except Exception` may swallow it."""


_settings: tuple[Work, CheckProfile, Bounds] | None = None
"""What every task of this worker has in common: sent once, not with each."""


def _prepare(work: Work, profile: CheckProfile, bounds: Bounds, readable: Sequence[Path], private: Path) -> None:
    global _settings  # noqa: PLW0603  # a worker process has no other place for what its initializer was given
    _settings = work, profile, bounds
    # ffmpeg and our own code put their temporary files where the worker may write.
    import tempfile

    tempfile.tempdir = str(private)
    confine(bounds, [*needed_folders(), *readable], [private])
    signal.signal(signal.SIGALRM, _stop)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _TooLong


def _judge(task: Task) -> Judged:
    assert _settings is not None
    work, profile, bounds = _settings
    limit_cpu(bounds.cpu_seconds)
    # Stopped from within, a rule still ends the ffmpeg it runs; one that hangs in a library is killed from without.
    signal.setitimer(signal.ITIMER_REAL, bounds.seconds)
    try:
        return work(task, profile)
    except _TooLong:
        return _lost(task, "too-slow", seconds=bounds.seconds)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


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
