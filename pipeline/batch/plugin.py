"""What a worker of ours is given when it joins, also later in the batch."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from distributed import Status, WorkerPlugin

from pipeline.batch.fleet import fingerprint
from pipeline.batch.peers import serve
from pipeline.batch.workshop import close_workshop
from pipeline.memory import keep_freed_memory


class PieceServer(WorkerPlugin):
    """Serves the worker's pieces to others; a worker of another version than the driver's is turned away."""

    name = "telesabaq"
    idempotent = False

    def __init__(self, expected: Mapping[str, str]) -> None:
        self.expected = dict(expected)

    def setup(self, worker: Any) -> None:
        differing = sorted(name for name, value in fingerprint().items() if self.expected.get(name) != value)
        if differing:
            told = ", ".join(differing)
            logging.getLogger(__name__).critical("this worker differs from the batch in %s and leaves it", told)
            # From now on it begins nothing, not even what is on its way to it already.
            worker.status = Status.closing_gracefully
            worker.loop.add_callback(_leave, worker)
            return
        keep_freed_memory()
        serve(worker)

    def teardown(self, worker: Any) -> None:
        close_workshop()


async def _leave(worker: Any) -> None:
    """Give back whatever was sent here, so that nobody takes this for a worker that died of its work, and end."""
    with suppress(OSError, TimeoutError):  # the scheduler has gone before
        await worker.scheduler.retire_workers(
            workers=[worker.address], close_workers=False, remove=True, stimulus_id="telesabaq-other-version"
        )
    await worker.close(reason="telesabaq-other-version")
