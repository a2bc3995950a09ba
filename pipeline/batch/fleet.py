"""The workers of a batch: an embedded cluster sized to this machine, or a scheduler somewhere else."""

from __future__ import annotations

import logging
import os
import signal
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

from pipeline.batch.model import Source
from pipeline.batch.peers import held
from pipeline.errors import UsageError

WORKER_BYTES = 700_000_000
"""Memory that one worker with its encoder needs at the most (docs/scale.md has the measured figure)."""

KEPT_FREE_BYTES = 1_000_000_000
"""Memory left to everything else on the machine."""

_MOST_FOLDERS = 50
"""Of a season, that a worker is asked about: they lie side by side."""

CONNECT_SECONDS = 15
DESERTED_SECONDS = 60
"""How long an embedded cluster may be without any worker; starting one takes two seconds."""

RETURN_SECONDS = 300
"""How long a scheduler that went away is waited for."""
REJOIN_SECONDS = 10
"""How long the other workers are waited for once one is back: they hold finished pieces."""
RETRY_SECONDS = 3
"""How long each look for it takes; only between two does anybody ask whether to stop."""

ENV_DEBUG = "TELESABAQ_DEBUG"
"""When set, everything that Dask logs is shown."""

SILENCE = {
    "DASK_LOGGING": str(
        {"version": 1, "handlers": {"none": {"class": "logging.NullHandler"}}, "root": {"handlers": ["none"]}}
    ),
    "PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker",
}
"""Environment in which the processes of an embedded cluster say nothing from their first line on, and nothing either
when the driver is killed and its semaphores are cleared away. Each may be set by whoever wants to hear."""

SILENT = logging.CRITICAL + 1
"""Dask thinks critical what happens whenever a batch is stopped."""

_TALKATIVE = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application", "asyncio")

_CONFIG: Mapping[str, Any] = {
    # Encoders work in processes of their own; a worker only holds small records, so nothing is worth spilling.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": 0.9,
    "distributed.worker.memory.terminate": 0.98,
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.allowed-failures": 3,
    # Tasks wait at the scheduler, not at a worker: the order holds, and a dying worker takes no others with it.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.worker-ttl": "60s",
    "distributed.comm.timeouts.connect": "30s",
    "distributed.comm.retry.count": 3,
    "distributed.admin.low-level-log-length": 0,
    # Encoders want the cores: as Dask comes, looking at itself takes a tenth of one from each two workers.
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "2s",
    "distributed.worker.memory.monitor-interval": "500ms",
    # As Dask comes, each picture's memory is given back at once and its pages cleared again for the next: see
    # `pipeline.memory`.
    "distributed.nanny.pre-spawn-environ": dict.fromkeys(
        ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), 1
    ),
}


def jobs_for_this_machine() -> int:
    """Workers that cores and memory allow, each with one encoder of one thread; control groups are heeded."""
    from dask.system import CPU_COUNT
    from distributed.system import MEMORY_LIMIT

    return max(1, min(CPU_COUNT, (MEMORY_LIMIT - KEPT_FREE_BYTES) // WORKER_BYTES))


@cache
def fingerprint() -> dict[str, str]:
    """Everything of an installation that shapes bytes or messages: two that differ must not work on one batch."""
    from importlib.metadata import version

    from pipeline.media import ffmpeg
    from pipeline.render.manifest import versions

    return {**versions(), "ffmpeg": ffmpeg.build_id(), "dask": version("distributed"), "source": source_digest()}


@cache
def source_digest() -> str:
    """SHA-256 over our own code and specs: what a version number does not tell of a working copy."""
    import pipeline
    from pipeline.specs import fonts_folder, specs_folder

    digest = sha256()
    for folder, pattern in ((Path(pipeline.__file__).parent, "*.py"), (specs_folder(), "*.*"), (fonts_folder(), "*.*")):
        for path in sorted(each for each in folder.rglob(pattern) if each.is_file()):
            if path.is_relative_to(folder / "_data"):
                continue
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Hello:
    """What a worker says of itself."""

    fingerprint: Mapping[str, str]
    unseen: tuple[str, ...]


def _hello(paths: Sequence[str]) -> Hello:
    return Hello(fingerprint(), tuple(path for path in paths if not Path(path).exists()))


class Fleet:
    """A connection to workers. Use as a context manager; leaving it ends an embedded cluster."""

    def __init__(self, jobs: int | None = None, scheduler: str | None = None, *, dashboard: bool = False) -> None:
        self.scheduler, self.dashboard = scheduler, dashboard
        self.jobs = jobs
        self._cluster: Any = None
        self.client: Any = None
        self._known: frozenset[str] = frozenset()
        self._scheduler_id = self._answering = ""
        self._workers: dict[str, int] = {}
        self._last_seen = time.monotonic()
        self._settings = ExitStack()

    @property
    def is_embedded(self) -> bool:
        return self.scheduler is None

    def __enter__(self) -> Fleet:
        import dask

        _quiet()
        # For the whole life of the fleet: a worker that died is started again with the same settings.
        self._settings.enter_context(dask.config.set({**_CONFIG, "temporary-directory": str(_scratch())}))
        if not os.environ.get(ENV_DEBUG):
            self._settings.enter_context(_told_to_children(SILENCE))
        if self.scheduler is None:
            self._start()
        else:
            self._connect(self.scheduler, CONNECT_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        if not self.is_embedded and not self.is_lost():
            self._forget_plugin()
        for each in (self.client, self._cluster):
            if each is not None:
                with suppress(Exception):
                    each.close(timeout=10)
        self.client = self._cluster = None
        self._settings.close()

    def _start(self) -> None:
        from distributed import Client, LocalCluster, Security

        self.jobs = self.jobs or jobs_for_this_machine()
        with _out_of_reach_of_the_terminal():
            self._cluster = LocalCluster(
                n_workers=self.jobs,
                threads_per_worker=1,
                processes=True,
                # A scheduler always answers some requests of browsers: unless asked for, at no port that is known.
                dashboard_address=_dashboard_address() if self.dashboard else "127.0.0.1:0",
                scheduler_kwargs={"dashboard": self.dashboard},
                # Other people's accounts on this machine reach the port too, and a scheduler runs what it is sent.
                security=Security.temporary(),
                silence_logs=SILENT,
            )
        self.client = Client(self._cluster, set_as_default=False)
        self._look()

    def _connect(self, address: Any, patience: float) -> None:
        from distributed import Client

        try:
            self.client = Client(address, timeout=patience, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
            # Also what Dask says of certificates that are missing or wrong.
            raise UsageError.of("batch.no-scheduler", address=address, reason=_last_words(error)) from error
        self._look()
        self._scheduler_id = self._answering

    def dashboard_link(self) -> str:
        """Where a browser finds the dashboard; "" where the scheduler has none."""
        return str(self.client.dashboard_link or "")

    # Before work ---------------------------------------------------------------------------------

    def welcome(self, sources: Sequence[Source], out: str | None) -> None:
        """Make sure that every worker is one of ours and sees what it will need, also those that join later.

        `out`: the output folder, None when nothing is to be written.
        Raises UsageError: no worker, other versions than here, folders that a worker cannot see.
        """
        if not self.is_embedded:
            # What a killed driver left at the scheduler would turn away the workers of a newer version.
            self._forget_plugin()
        if not self.addresses():
            self._await_workers(CONNECT_SECONDS)
        if not self.is_embedded:
            folders = sorted({str(Path(each.script).parent) for each in sources if each.is_local})[:_MOST_FOLDERS]
            here = [out] if out is not None and "://" not in out else []
            for address, hello in self.client.run(_hello, here + folders, on_error="return").items():
                _judge(address, hello)
        self._introduce()
        self._look()
        self._known = self.addresses()

    def _introduce(self) -> None:
        """Give every worker, now or later, what makes it one of ours, or turn it away."""
        from pipeline.batch.plugin import PieceServer

        self.client.register_plugin(PieceServer(fingerprint()))

    def _forget_plugin(self) -> None:
        from pipeline.batch.plugin import PieceServer

        with suppress(Exception):  # it was not there
            self.client.unregister_worker_plugin(PieceServer.name)

    def _await_workers(self, patience: float) -> None:
        try:
            self.client.wait_for_workers(1, timeout=patience)
            self._look()
        except TimeoutError as error:
            raise UsageError.of("batch.no-workers", address=self.scheduler or "") from error

    def _await_the_others(self, give_up: Callable[[], bool]) -> None:
        """Wait until as many workers are there as were known, though not for long: some may not come back."""
        deadline = time.monotonic() + REJOIN_SECONDS
        while len(self._workers) < len(self._known) and time.monotonic() < deadline and not give_up():
            time.sleep(0.2)
            self._look()

    # While working -------------------------------------------------------------------------------

    def _look(self) -> None:
        """Ask the scheduler who is there: what the client keeps of its answers leaves workers out."""
        try:
            told = self.client.sync(self.client.scheduler.identity, n_workers=-1)
        except (OSError, TimeoutError):
            return  # it is going away: `is_lost` will tell
        self._workers = {address: int(each["nthreads"]) for address, each in told["workers"].items()}
        self._answering = str(told["id"])
        if self._workers:
            self._last_seen = time.monotonic()

    def addresses(self) -> frozenset[str]:
        """Workers as the scheduler told of them at the last look."""
        return frozenset(self._workers)

    def threads(self) -> int:
        """Tasks that can run at once."""
        return sum(self._workers.values())

    def changes(self) -> tuple[frozenset[str], frozenset[str]]:
        """Workers that came and that went since the last call."""
        self._look()
        now = self.addresses()
        came, went = now - self._known, self._known - now
        self._known = now
        return came, went

    def holders(self, keys: Sequence[str]) -> dict[str, set[str]]:
        """Which workers' caches hold these pieces: key -> addresses."""
        found: dict[str, set[str]] = {}
        for address, there in self.client.run(held, list(keys), on_error="ignore").items():
            for key in there:
                found.setdefault(key, set()).add(address)
        return found

    def is_lost(self) -> bool:
        """Whether the scheduler has gone away."""
        return self.client is None or self.client.status not in {"running", "newly-created"}

    def is_deserted(self) -> bool:
        """Whether the workers of this machine have all gone and do not come back; those of a cluster may."""
        return self.is_embedded and not self._workers and time.monotonic() - self._last_seen > DESERTED_SECONDS

    def is_replaced(self) -> bool:
        """Whether another scheduler answers at the same address: it knows nothing of us and our work."""
        self._look()
        return not self.is_embedded and self._answering != self._scheduler_id

    def reconnect(self, give_up: Callable[[], bool]) -> None:
        """Wait for the scheduler and a worker to come back, or until asked to give up.

        Raises UsageError after RETURN_SECONDS.
        """
        deadline = time.monotonic() + RETURN_SECONDS
        while not give_up():
            with suppress(Exception):
                self.client.close(timeout=2)
            try:
                self._connect(self.scheduler or self._cluster, RETRY_SECONDS)
                self._await_workers(RETRY_SECONDS)
                self._introduce()
                self._await_the_others(give_up)
            except (UsageError, OSError, TimeoutError) as error:
                if time.monotonic() > deadline:
                    address, reason = self.scheduler or "", _last_words(error)
                    raise UsageError.of("batch.no-scheduler", address=address, reason=reason) from error
            else:
                self._known = frozenset()
                return


def _judge(address: str, hello: Any) -> None:
    if not isinstance(hello, Hello):
        # It could not even import us.
        raise UsageError.of("batch.strange-worker", worker=address, reason=_last_words(hello))
    ours = fingerprint()
    differing = sorted(
        name for name in ours.keys() | hello.fingerprint.keys() if ours.get(name) != hello.fingerprint.get(name)
    )
    if differing:
        told = ", ".join(f"{name} {hello.fingerprint.get(name, '—')} ≠ {ours.get(name, '—')}" for name in differing)
        raise UsageError.of("batch.other-version", worker=address, differences=told)
    if hello.unseen:
        raise UsageError.of("batch.unseen-folder", worker=address, folder=hello.unseen[0])


def _last_words(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1][:300]


def _dashboard_address() -> str:
    if find_spec("bokeh") is None:
        raise UsageError.of("batch.no-dashboard")
    return "127.0.0.1:8787"


def _scratch() -> Path:
    """Dask's own small files: not into the folder a person stands in."""
    from pipeline.specs import cache_folder

    folder = cache_folder() / "dask"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _out_of_reach_of_the_terminal() -> Iterator[None]:
    """Ctrl-C is meant for every process of a terminal's job. Threads that begin in here do not hear of it, nor do the
    processes that they start, now or later: a driver that hears of it ends its workers in order.
    """
    # Started now, because its starter comes out of it hearing of everything.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _told_to_children(environment: Mapping[str, str]) -> Iterator[None]:
    """What is not set yet is set for processes that start meanwhile."""
    fresh = {name: value for name, value in environment.items() if name not in os.environ}
    os.environ.update(fresh)
    try:
        yield
    finally:
        for name in fresh:
            os.environ.pop(name, None)


def _quiet() -> None:
    """What Dask logs of workers that come and go is told by us, in words."""
    import distributed  # noqa: F401  # sets the levels of its own loggers when it is imported

    if not os.environ.get(ENV_DEBUG):
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(SILENT)
        warnings.filterwarnings("ignore", module=r"distributed\b")
