"""Starts telesabaq as a person or a cron job does, in folders of its own, and knows every process that came of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import psutil

from pipeline.batch.journal import Run, read, runs
from pipeline.batch.storage import open_output
from tests.e2e.seasons.season import TINY

MARK = "TELESABAQ_TEST_MARK"
"""In the environment of everything that a test starts, children's children included."""

PATIENCE = 240.0
"""Seconds after which a batch of a few tiny lessons hangs, even on a machine that is busy with other things."""

UNWANTED = ("Traceback", "distributed", "Warning", "asyncio", "tornado", "resource_tracker", "Task exception")
"""What no person at a terminal should ever see of the machinery."""


def await_that(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """The first true answer. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.05)
    return answer


DEADLY = """\
import multiprocessing, os, signal, sys

def _look(event, details):
    if event == "{event}" and multiprocessing.parent_process() is not None and {deadly}:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(_look)
"""


NOTING = """\
import sys

def _look(event, details):
    if event == "import" and details[0] == "{module}":
        open("{file}", "w").close()

sys.addaudithook(_look)
"""


BACKWARD = """\
import datetime, time

_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() - {days} * 86400
time.time_ns = lambda: _time_ns() - {days} * 86400 * 10**9

import pipeline.batch.journal as journal

class _Back(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.now(tz) - datetime.timedelta(days={days})

journal.datetime = _Back
"""


class Started:
    """A process with its words."""

    def __init__(self, command: Sequence[str], env: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as file:
            # A session of its own, as a shell gives to each job: Ctrl-C reaches all of it and nothing else.
            self.process = subprocess.Popen(
                command,
                env=env,
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_over(self) -> bool:
        return self.process.poll() is not None

    def wait(self, seconds: float = PATIENCE) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds} s:\n{self.text()[-3000:]}") from None

    def kill(self) -> None:
        """As the system does when memory runs out: this process, and no other."""
        self.process.kill()
        self.process.wait(30)

    def interrupt(self) -> None:
        """As a terminal does on Ctrl-C: every process of the job."""
        os.killpg(self.pid, signal.SIGINT)

    def text(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")


@dataclass
class Stage:
    """Where one batch happens. `lessons` may be shared with other stages, the rest is this one's own."""

    folder: Path
    lessons: Path
    names: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    out: Path = field(init=False)
    cache: Path = field(init=False)

    def __post_init__(self) -> None:
        self.out, self.cache, self.temporary = (self.folder / name for name in ("out", "cache", "tmp"))
        self.temporary.mkdir(parents=True)
        self._mark, self._count = token_hex(8), 0
        self._started: list[Started] = []

    # Starting ------------------------------------------------------------------------------------

    def start(self, *options: str, **env: str) -> Started:
        """`telesabaq build` of all lessons."""
        named = [str(self.lessons / name) for name in self.names]
        command = ["build", *named, "-o", str(self.out), "--structure", str(TINY), *options]
        jobs = [] if "--scheduler" in options or "--jobs" in options else ["--jobs", "2"]
        return self.spawn([sys.executable, "-m", "pipeline.cli.main", "--lang", "en", *command, *jobs], **env)

    def build(self, *options: str, **env: str) -> Started:
        """The same to its end."""
        started = self.start(*options, **env)
        started.wait()
        return started

    def spawn(self, command: Sequence[str], **env: str) -> Started:
        """Any program, among those that this stage ends."""
        ours = {key: value for key, value in os.environ.items() if not key.startswith(("TELESABAQ_", "DASK_"))}
        ours |= {MARK: self._mark, "TMPDIR": str(self.temporary), "TELESABAQ_CACHE": str(self.cache)}
        self._count += 1
        log = self.folder / f"{self._count}.log"
        self._started.append(Started(command, ours | self.env | env, log))
        return self._started[-1]

    def let_workers_die(self, event: str, deadly: str) -> None:
        """From now on a worker, never the driver, dies where `deadly` is true of an audited event's `details`."""
        self._hook(DEADLY.format(event=event, deadly=deadly))

    def note_import(self, module: str) -> Path:
        """A file that will appear as soon as a process begins to load this module."""
        noted = self.folder / "loading"
        self._hook(NOTING.format(module=module, file=noted))
        return noted

    def put_clock_back(self, days: int) -> None:
        """From now on every process believes in an earlier day; files keep the times they have."""
        self._hook(BACKWARD.format(days=days))

    def _hook(self, code: str) -> None:
        """Run code in every Python process of this stage before anything else."""
        hook = self.folder / "hook"
        hook.mkdir()
        (hook / "sitecustomize.py").write_text(code, encoding="utf-8")
        self.env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(hook), os.environ.get("PYTHONPATH")]))

    # Looking -------------------------------------------------------------------------------------

    def processes(self) -> list[psutil.Process]:
        """Everything alive that was started here, ffmpeg included."""
        found = []
        for each in psutil.process_iter():
            with suppress(psutil.Error):
                if each.environ().get(MARK) == self._mark and each.status() != psutil.STATUS_ZOMBIE:
                    found.append(each)
        return found

    def encoders(self) -> list[psutil.Process]:
        return [each for each in self.processes() if _name(each).startswith("ffmpeg")]

    def busy_workers(self) -> list[psutil.Process]:
        """Workers with an encoder under them."""
        parents = []
        for each in self.encoders():
            with suppress(psutil.Error):
                parents.append(each.parent())
        return [each for each in parents if each is not None]

    def runs(self) -> list[Run]:
        return runs(open_output(self.out)) if self.out.exists() else []

    def records(self, run: Run | None = None) -> list[dict[str, Any]]:
        """The journal of a run, by default the last."""
        known = self.runs()
        return list(read(open_output(self.out), run or known[-1])) if known else []

    def events(self, *names: str) -> list[dict[str, Any]]:
        return [each for each in self.records() if each["event"] in names]

    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.out / "batch.json").read_bytes())
        return found

    def outcomes(self) -> dict[str, str]:
        """How each lesson ended, as the summary tells it."""
        return {each["id"]: each["outcome"] for each in self.summary()["lessons"]}

    def errors(self, lesson: str) -> list[dict[str, Any]]:
        """Why a lesson failed, as the summary tells it."""
        return next(list(each["errors"]) for each in self.summary()["lessons"] if each["id"] == lesson)

    # Ending --------------------------------------------------------------------------------------

    def assert_nobody_left(self, seconds: float = 10.0) -> None:
        """Nothing that was started here stays much longer than what it was for."""
        await_that(lambda: not self.processes(), f"{[_told(each) for each in self.processes()]} to end", seconds)

    def assert_quiet(self, *started: Started) -> None:
        """Nothing of the machinery was to be seen at the terminal of these, or of all."""
        lines = [line for each in started or self._started for line in each.text().splitlines()]
        unwanted = [line for line in lines if any(word in line for word in UNWANTED)]
        assert not unwanted, unwanted

    def end(self) -> None:
        for each in self.processes():
            with suppress(psutil.Error):
                each.kill()
        for each in self._started:
            with suppress(OSError):
                each.kill()


@contextmanager
def stage(folder: Path, lessons: Path, names: tuple[str, ...], *, quiet: bool = True) -> Iterator[Stage]:
    """A stage that is cleared whatever happens. With `quiet` nothing of the machinery may have reached a terminal."""
    made = Stage(folder, lessons, names)
    try:
        yield made
        made.assert_nobody_left()
        if quiet:
            made.assert_quiet()
        assert not list(made.temporary.iterdir()), "temporary files are left"
    finally:
        made.end()


def _name(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return process.name()
    return ""


def _told(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return f"{process.pid} {' '.join(process.cmdline())[:200]}"
    return str(process.pid)
