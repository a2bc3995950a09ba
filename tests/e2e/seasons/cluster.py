"""A scheduler and workers as on other machines: each worker with a cache of its own, started again when it ends."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.seasons.drive import Stage, Started, await_that


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@dataclass
class Cluster:
    """`dask scheduler` and `dask worker` processes of a stage."""

    stage: Stage
    port: int = field(default_factory=free_port)
    workers: dict[str, Started] = field(default_factory=dict)
    _env: dict[str, dict[str, str]] = field(default_factory=dict)
    _closing: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def cache(self, name: str) -> Path:
        return self.stage.folder / f"cache-{name}"

    def start_scheduler(self) -> None:
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--dashboard-address", "127.0.0.1:0"]
        self.scheduler = self._spawn([sys.executable, "-m", "dask", "scheduler", *options])
        await_that(lambda: _answers(self.port), "the scheduler to listen", 60)

    def start_worker(self, name: str, **env: str) -> Started:
        """A worker that is started again when it ends, until `end`."""
        self._env[name] = env
        self._start(name)
        return self.workers[name]

    def exchange_worker(self, name: str, **env: str) -> None:
        """Its machine is started anew with something else installed."""
        self._env[name] = env
        self.workers[name].kill()

    def _start(self, name: str) -> None:
        scratch = self.stage.folder / f"scratch-{name}"
        scratch.mkdir(exist_ok=True)
        # One process without a nanny, so that killing it is killing all of it.
        options = ["--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", "--local-directory", str(scratch)]
        options += ["--dashboard-address", "127.0.0.1:0", "--death-timeout", "120"]
        env = {"TELESABAQ_CACHE": str(self.cache(name))} | self._env[name]
        command = [sys.executable, "-m", "dask", "worker", self.address, *options]
        self.workers[name] = self._spawn(command, **env)

    def _spawn(self, command: list[str], **env: str) -> Started:
        return self.stage.spawn(command, **{"DASK_TEMPORARY_DIRECTORY": str(self.stage.folder / "dask")} | env)

    def supervise(self) -> None:
        """What systemd or a container host does."""
        while not self._closing.wait(0.2):
            for name, each in list(self.workers.items()):
                if each.is_over and not self._closing.is_set():
                    self._start(name)

    def end(self) -> None:
        self._closing.set()
        for each in [*self.workers.values(), self.scheduler]:
            each.kill()


@contextmanager
def cluster(stage: Stage, *names: str) -> Iterator[Cluster]:
    """A scheduler with workers of these names, watched by a supervisor."""
    made = Cluster(stage)
    made.start_scheduler()
    for name in names:
        made.start_worker(name)
    supervisor = threading.Thread(target=made.supervise, daemon=True)
    supervisor.start()
    try:
        yield made
    finally:
        made.end()
        supervisor.join(10)
        made.end()


def _answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0
