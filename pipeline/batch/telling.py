"""What a running task tells the driver, and how it learns that it was called off."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TOPIC = "telesabaq"
EVERY_SECONDS = 0.5
"""Between two reports of the same task."""


def own_worker() -> Any | None:
    """The worker this thread runs a task for; None outside of one."""
    from distributed import get_worker

    try:
        return get_worker()
    except ValueError:
        return None


def own_address() -> str:
    """The address of this worker, "" outside of one."""
    worker = own_worker()
    return str(worker.address) if worker is not None else ""


class Teller:
    """The progress of one task: a `pipeline.render.engine.Progress` that speaks to the driver.

    Messages are {task, lesson, worker, stage, frames}: frames encoded by this task so far.
    `cancel` is set when the scheduler wants the task no longer.
    """

    def __init__(self, task: str, lesson: str) -> None:
        self._task, self._lesson, self._worker = task, lesson, own_worker()
        self._stage, self._frames, self._told = "", 0, 0.0
        self._lock = threading.Lock()
        self.cancel = threading.Event()

    def begin(self, lesson: str, frames: int) -> None: ...

    def stage(self, name: str) -> None:
        if name != self._stage or time.monotonic() - self._told >= EVERY_SECONDS:
            self._stage = name
            self._tell()
        elif self._called_off():
            self.cancel.set()

    def frames(self, count: int) -> None:
        with self._lock:
            self._frames += count
        if time.monotonic() - self._told >= EVERY_SECONDS:
            self._tell()

    @contextmanager
    def timed(self, step: str, steps: dict[str, float]) -> Iterator[None]:
        """Note the seconds of a step in `steps`."""
        started = time.monotonic()
        yield
        steps[step] = round(time.monotonic() - started, 3)

    def _tell(self) -> None:
        self._told = time.monotonic()
        if self._worker is None:
            return
        if self._called_off():
            self.cancel.set()
        told = {"task": self._task, "lesson": self._lesson, "worker": self._worker.address}
        self._worker.log_event(TOPIC, told | {"stage": self._stage, "frames": self._frames})

    def _called_off(self) -> bool:
        state = self._worker.state.tasks.get(self._task) if self._worker is not None else None
        return state is None or state.state == "cancelled"
