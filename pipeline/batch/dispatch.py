"""Hands steps to the workers and hears what became of them.

What a machine spoilt is tried again on another; when the scheduler itself goes away, everything that was under way is
handed out again as soon as it is back.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from secrets import token_hex
from typing import Any, Protocol

from pipeline.batch.fleet import Fleet
from pipeline.batch.model import Failure, told
from pipeline.batch.progress import Watcher
from pipeline.batch.tasks import is_fleeting
from pipeline.batch.telling import TOPIC
from pipeline.errors import InternalError, Problem, TelesabaqError, UsageError

MOST_ATTEMPTS = 4
"""A step is tried once, and three times again."""

ANSWER_SECONDS = 60
"""How long a result that is there may take to reach us; else its worker has died meanwhile."""

LOOK_SECONDS = 2.0
"""Between two looks at which workers are there."""


class Recorder(Protocol):
    """Where steps are recorded; see pipeline.batch.journal."""

    def record(self, event: str, /, **fields: object) -> None: ...


@dataclass(eq=False)
class Step:
    """Work for one worker. `call` is a function of pipeline.batch.tasks; `about` is the caller's own.

    A `call` gets `arguments`, then the results of the futures in `after` that are still there (the scheduler sends work
    where its data lies), and as `task` its own name when `named`. `renew` is called before every attempt.
    """

    kind: str
    call: Callable[..., Any]
    arguments: tuple[Any, ...]
    after: tuple[Any, ...] = ()
    priority: int = 0
    about: Any = None
    lesson: str = ""
    keys: tuple[str, ...] = ()
    named: bool = True
    name: str = ""
    attempt: int = 1
    future: Any = None
    renew: Callable[[Step], None] | None = None
    worker: str = ""
    stage: str = ""
    frames: int = 0


class Stopped(BaseException):
    """A person asked for the end; not an error."""


class Dispatcher:
    """Steps under way on a fleet. For one thread; `stopping` is asked at least twice a second."""

    def __init__(self, fleet: Fleet, journal: Recorder, watcher: Watcher, stopping: Callable[[], bool]) -> None:
        self._fleet, self._journal, self._watcher, self._stopping = fleet, journal, watcher, stopping
        self._heard: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._steps: dict[str, Step] = {}
        self._numbers = count(1)
        self._token = token_hex(4)
        self._looked = time.monotonic()
        self.joined: Callable[[], None] = lambda: None
        """Called when workers have joined, and when a scheduler is back, before anything is handed out."""
        self._listen()

    def __len__(self) -> int:
        return len(self._steps)

    def threads(self) -> int:
        """Tasks that workers can run at once, at least one."""
        return max(1, self._fleet.threads())

    # Handing out ---------------------------------------------------------------------------------

    def submit(self, step: Step, *, avoiding: str = "") -> None:
        """Hand a step out; `avoiding` a worker on which it failed, where there is another."""
        # A name of its own for every attempt: the scheduler remembers results and failures by name.
        step.name = f"{step.kind}-{step.lesson or 'lessons'}-{next(self._numbers)}-{self._token}"
        step.worker, step.stage, step.frames = "", "", 0
        if step.renew is not None:
            step.renew(step)
        self._steps[step.name] = step
        others = sorted(self._fleet.addresses() - {avoiding}) if avoiding else []
        named = {"task": step.name} if step.named else {}
        client = self._fleet.client
        # A future of a scheduler that is gone would keep its step from ever being begun.
        after = [each for each in step.after if each.status == "finished"]
        try:
            step.future = client.submit(
                step.call,
                *step.arguments,
                *after,
                **named,
                key=step.name,
                priority=step.priority,
                pure=False,
                workers=others or None,
                allow_other_workers=bool(others),
            )
        except Exception:
            if not self._fleet.is_lost():
                raise
            return  # the rescue hands it out again
        step.future.add_done_callback(lambda _, name=step.name: self._heard.put((name, None)))

    def cancel(self, step: Step) -> None:
        """Call a step off; nothing more is heard of it."""
        if self._steps.pop(step.name, None) is not None and step.future is not None:
            with suppress(Exception):
                self._fleet.client.cancel([step.future], force=True)

    def cancel_all(self) -> None:
        for step in list(self._steps.values()):
            self.cancel(step)

    # Hearing -------------------------------------------------------------------------------------

    def outcomes(self) -> Iterator[tuple[Step, Any]]:
        """What became of steps: a result or a Failure that is final. Ends when nothing is under way any more.

        The caller may submit and cancel steps meanwhile. Raises Stopped when a person asked for the end, UsageError
        when the scheduler does not come back.
        """
        while self._steps:
            if self._stopping():
                raise Stopped
            self._look()
            try:
                name, message = self._heard.get(timeout=0.5)
            except queue.Empty:
                continue
            step = self._steps.get(name)
            if step is None:
                continue
            if message is not None:
                self._tell(step, message)
                continue
            outcome = self._outcome(step)
            if outcome is not None:
                yield step, outcome

    def _outcome(self, step: Step) -> Any | None:
        """The end of a step, or None when it goes on: tried again, or lost with its scheduler."""
        status = step.future.status
        if status == "finished":
            try:
                result = step.future.result(timeout=ANSWER_SECONDS)
            except Exception as error:
                # The worker that held it died between the message and our asking; the scheduler makes it again.
                return self._again_or(step, self._failure(step, error))
            if isinstance(result, Failure):
                return self._again_or(step, result)
            del self._steps[step.name]
            return result
        if status == "error":
            return self._again_or(step, self._failure(step, step.future.exception()))
        # Cancelled, and not by us: the scheduler was lost, perhaps so shortly that nobody else has noticed.
        if not self._fleet.is_lost():
            if self._fleet.is_replaced():
                self._rescue()
            else:
                del self._steps[step.name]
                self.submit(step)
        return None

    def _failure(self, step: Step, error: Any) -> Failure:
        if type(error).__name__ == "KilledWorker":
            return replace(Failure.of("batch.killed-workers", step=step.kind, times=MOST_ATTEMPTS), killed=True)
        if isinstance(error, TelesabaqError):
            return Failure.from_error(error, step.worker, again=is_fleeting(error))
        again = is_fleeting(error) or isinstance(error, OSError | MemoryError | TimeoutError)
        reason = f"{type(error).__name__}: {error}"[:500]
        broke = InternalError.of("batch.broke", step=step.kind, reason=reason)
        return Failure.from_error(broke, step.worker, again=again or type(error).__name__ == "CancelledError")

    def _again_or(self, step: Step, failure: Failure) -> Failure | None:
        del self._steps[step.name]
        worker = failure.worker or step.worker
        if not failure.again or step.attempt >= MOST_ATTEMPTS:
            return failure
        step.attempt += 1
        self._retried(step, worker, failure.problems[0])
        self.submit(step, avoiding=worker)
        return None

    def _retried(self, step: Step, worker: str, problem: Problem) -> None:
        self._journal.record(
            "retry", lesson=step.lesson, step=step.kind, worker=worker, attempt=step.attempt, problem=told([problem])[0]
        )
        self._watcher.note("batch.retry", lesson=step.lesson, step=step.kind, attempt=step.attempt, worker=worker)

    # Messages of running tasks -------------------------------------------------------------------

    def _listen(self) -> None:
        self._fleet.client.subscribe_topic(TOPIC, self._on_message)

    def _on_message(self, event: tuple[float, Any]) -> None:
        message = event[1]
        if isinstance(message, dict) and message.get("task") in self._steps:
            self._heard.put((str(message["task"]), message))

    def _tell(self, step: Step, message: dict[str, Any]) -> None:
        worker = str(message["worker"])
        if step.worker and worker != step.worker:
            # It runs elsewhere now: the worker it was on died, and the scheduler gave it to another.
            step.attempt += 1
            self._retried(step, step.worker, Problem("batch.worker-lost", None, {"worker": step.worker}))
        stage = str(message["stage"])
        if stage != step.stage:
            self._journal.record("stage", lesson=step.lesson, stage=stage, worker=worker)
        step.worker, step.frames, step.stage = worker, int(message["frames"]), stage
        if step.about is not None:
            step.about.heard(stage)

    # Workers and scheduler -----------------------------------------------------------------------

    def _look(self) -> None:
        if self._fleet.is_lost():
            self._rescue()
        elif time.monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = time.monotonic()
            came, went = self._fleet.changes()
            for worker in sorted(went):
                self._journal.record("worker-lost", worker=worker)
                self._watcher.note("batch.worker-lost", worker=worker)
            for worker in sorted(came):
                self._journal.record("worker-joined", worker=worker)
                self._watcher.note("batch.worker-joined", worker=worker)
            if came or went:
                self._watcher.workers(self.threads())
            if came:
                self.joined()
            if self._fleet.is_deserted():
                raise UsageError.of("batch.deserted")

    def _rescue(self) -> None:
        """The scheduler is gone: wait for it, and hand out again all that was under way."""
        self._journal.record("scheduler-lost")
        self._watcher.note("batch.scheduler-lost")
        self._fleet.reconnect(self._stopping)
        if self._stopping():
            raise Stopped
        self._journal.record("scheduler-back")
        self._watcher.note("batch.scheduler-back")
        self._listen()
        self.joined()
        under_way = list(self._steps.values())
        self._steps.clear()
        for step in under_way:
            self.submit(step)
