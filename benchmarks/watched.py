"""The real command in a process of its own, watched: seconds, memory of the driver and of its workers apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

LOOK_SECONDS = 0.5
"""Between two looks at the memory: a look costs some milliseconds of the machine that is being measured."""


@dataclass(frozen=True)
class Watched:
    """A finished batch. Memory in bytes, each the largest seen: the driver, one worker, one ffmpeg, all together."""

    seconds: float
    driver: int
    worker: int
    encoder: int
    together: int
    driver_seconds: float
    """Of processor time."""
    worker_seconds: float
    """Of processor time of all workers, without ffmpeg's."""
    output: str


class Running:
    """`telesabaq build` of a whole season, under way in a process of its own."""

    def __init__(
        self, season: Path, out: Path, structure: Path, cache: Path, *options: str, env: Mapping[str, str]
    ) -> None:
        command = [sys.executable, "-m", "pipeline.cli.main", "--lang", "en", "build", str(season), "-o", str(out)]
        self._command = [*command, "--structure", str(structure), *options]
        self._log = out.with_name(f"{out.name}.log")
        with self._log.open("wb") as file:
            self.process = psutil.Popen(
                self._command,
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TELESABAQ_CACHE": str(cache), "TELESABAQ_CACHE_GB": "200", **env},
            )
        self._look = _Look(self.process)

    def ended(self, seconds: float) -> Watched:
        """What was seen, when the process is over. Ends the bench when it did not come to a good end."""
        look, code = self._look, self.process.wait()
        look.end()
        output = self._log.read_text(encoding="utf-8", errors="replace")
        if code != 0:
            sys.exit(f"exit code {code}: {' '.join(self._command)}\n{output[-3000:]}")
        memory = (look.driver, look.worker, look.encoder, look.together)
        return Watched(seconds, *memory, look.driver_seconds, look.worker_seconds, output)


class _Look(threading.Thread):
    def __init__(self, process: psutil.Popen) -> None:
        super().__init__(daemon=True)
        self.driver = self.worker = self.encoder = self.together = 0
        self.driver_seconds = 0.0
        self._process, self._over = process, threading.Event()
        self._workers: dict[int, float] = {}
        self.start()

    @property
    def worker_seconds(self) -> float:
        return sum(self._workers.values())

    def run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            try:
                self._look()
            except psutil.Error:
                continue  # it ended meanwhile

    def end(self) -> None:
        self._over.set()
        self.join()

    def _look(self) -> None:
        self.driver_seconds = _busy(self._process)
        driver = _resident(self._process)
        total = driver
        for child in self._process.children(recursive=True):
            try:
                size, name, busy = _resident(child), child.name(), _busy(child)
            except psutil.Error:
                continue
            total += size
            if "ffmpeg" in name:
                self.encoder = max(self.encoder, size)
            else:
                self.worker = max(self.worker, size)
                self._workers[child.pid] = busy
        self.driver, self.together = max(self.driver, driver), max(self.together, total)


def _resident(process: psutil.Process) -> int:
    size: int = process.memory_info().rss
    return size


def _busy(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def journal(out: Path) -> Iterator[dict[str, Any]]:
    """The records of the last run in an output folder."""
    last = max((out / ".telesabaq" / "journal").glob("*.jsonl"))
    for line in last.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
