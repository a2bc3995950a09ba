"""Worker processes: a decoder that crashes, hangs or eats the memory takes its worker along, never the check."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from pipeline.checks.confine import Bounds, confine, limit_cpu, needed_folders
from pipeline.checks.judge import Judged, judge, unjudged
from pipeline.checks.server import start_server
from pipeline.checks.subject import Kind, Task
from pipeline.reports.model import SubjectReport
from pipeline.rulebook import CheckProfile

if TYPE_CHECKING:
    from pebble import ProcessPool

Work = Callable[[Task, CheckProfile], Judged]
"""What a worker does with a task; a function of a module, since its name is what reaches the worker."""

_GRACE = 10
"""Seconds after which a worker that did not stop by itself is killed."""
_AHEAD = 4
"""Tasks waiting for each worker; more would only lie in memory."""
_BATCHES_A_WORKER = 500
"""A library that leaks a little must not leak for ever."""
_SMALL = {Kind.PICTURE, Kind.CAPTIONS, Kind.RECORD, Kind.OTHER}
_SMALL_BYTES = 2_000_000
_MOST_IN_A_BATCH = 16


Batch = tuple[Task, ...]


class Workers:
    """A pool of worker processes that judge tasks."""

    def __init__(self, pool: ProcessPool, jobs: int, bounds: Bounds) -> None:
        self._pool, self._jobs, self._bounds = pool, jobs, bounds

    def judged(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Judged]]:
        """All tasks, side by side; verdicts in the order of the tasks."""
        waiting: deque[tuple[Batch, Future[list[Judged]]]] = deque()
        for batch in batches(tasks, self._jobs):
            waiting.append((batch, self._start(batch)))
            if len(waiting) > _AHEAD * self._jobs:
                yield from self._next(waiting)
        while waiting:
            yield from self._next(waiting)

    def _start(self, batch: Batch) -> Future[list[Judged]]:
        started: Future[list[Judged]] = self._pool.schedule(
            _judge, args=(batch,), timeout=self._bounds.seconds + _GRACE
        )
        return started

    def _next(self, waiting: deque[tuple[Batch, Future[list[Judged]]]]) -> Iterator[tuple[Task, Judged]]:
        """The verdicts waited for longest. What befell a worker is a finding about the file it was judging; of a
        batch nobody knows which file that was, so they are judged again one by one.
        """
        from pebble import ProcessExpired

        batch, future = waiting.popleft()
        try:
            yield from zip(batch, future.result(), strict=True)
        except (Late, MemoryError, ProcessExpired) as mishap:
            if len(batch) == 1:
                yield batch[0], self._lost(batch[0], mishap)
            for task in batch if len(batch) > 1 else ():
                yield from self._next(deque([((task,), self._start((task,)))]))

    def _lost(self, task: Task, mishap: BaseException) -> Judged:
        if isinstance(mishap, Late):
            return _lost(task, "too-slow", seconds=self._bounds.seconds)
        if isinstance(mishap, MemoryError):
            return _lost(task, "too-large")
        code = getattr(mishap, "exitcode", None) or 0
        return _lost(task, "too-slow-cpu" if -code == signal.SIGXCPU else "crashed", code=code)


def batches(tasks: Sequence[Task], jobs: int) -> Iterator[Batch]:
    """Tasks in their order, small files together: handing one over costs as much as judging it."""
    most = min(_MOST_IN_A_BATCH, len(tasks) // (_AHEAD * jobs))
    batch: list[Task] = []
    for task in tasks:
        if not _is_small(task):
            if batch:
                yield tuple(batch)
            batch = []
            yield (task,)
            continue
        batch.append(task)
        if len(batch) >= most:
            yield tuple(batch)
            batch = []
    if batch:
        yield tuple(batch)


def _is_small(task: Task) -> bool:
    try:
        return task.file.kind in _SMALL and task.file.path.lstat().st_size <= _SMALL_BYTES
    except OSError:
        return False  # gone since it was found: its worker tells of that


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

    pool = ProcessPool(
        max_workers=jobs,
        max_tasks=_BATCHES_A_WORKER,
        context=start_server(),
        initializer=_prepare,
        initargs=(work, profile, bounds, tuple(readable), private),
    )
    try:
        yield Workers(pool, jobs, bounds)
    finally:
        # Every verdict that anybody waits for is in: nothing is lost by ending idle workers at once.
        pool.stop()  # type: ignore[no-untyped-call]  # pebble calls itself typed, this is not
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


def _judge(batch: Batch) -> list[Judged]:
    return [_judge_one(task) for task in batch]


def _judge_one(task: Task) -> Judged:
    assert _settings is not None
    work, profile, bounds = _settings
    task.scratch.mkdir(exist_ok=True)
    limit_cpu(bounds.cpu_seconds)
    # Stopped from within, a rule still ends the ffmpeg it runs; one that hangs in a library is killed from without.
    signal.setitimer(signal.ITIMER_REAL, bounds.seconds)
    try:
        return work(task, profile)
    except _TooLong:
        return _lost(task, "too-slow", seconds=bounds.seconds)
    except OSError as error:
        # It was there when it was found; it is gone or closed to us by now.
        return _lost(task, "unreadable", reason=error.strerror or type(error).__name__)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _lost(task: Task, variant: str, **fields: object) -> Judged:
    finding = unjudged(task.file, variant, "", **fields)
    return Judged(SubjectReport(task.file.shown, task.file.kind.value, "", 0, (finding,)))
