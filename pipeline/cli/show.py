"""Progress of a build: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pipeline.messages import say

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_STEP = 10
"""Per cent between plain lines."""


class Live:
    """A live bar: lesson, stage, frames, frames a second against real time, time left."""

    def __init__(self, console: Console, language: str, fps: float) -> None:
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        self._language, self._fps = language, fps
        self._bar = Progress(
            TextColumn("{task.fields[lesson]}", style="bold"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TaskProgressColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, lesson="", speed="")

    def __enter__(self) -> Live:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, lesson: str, frames: int) -> None:
        self._bar.reset(self._task, total=max(frames, 1), lesson=lesson, speed="")

    def stage(self, name: str) -> None:
        self._bar.update(self._task, description=say(f"stage.{name}", self._language))

    def frames(self, count: int) -> None:
        self._bar.advance(self._task, count)
        speed = self._bar.tasks[0].speed
        if speed:
            self._bar.update(self._task, speed=f"{speed:.0f} fps ({speed / self._fps:.1f}x)")


class Plain:
    """A line when a stage begins and at every tenth of the encoding."""

    def __init__(self, console: Console, language: str) -> None:
        self._console, self._language = console, language
        self._lesson, self._total, self._done, self._told = "", 0, 0, 0
        self._lock = threading.Lock()

    def __enter__(self) -> Plain:
        return self

    def __exit__(self, *_: object) -> None: ...

    def begin(self, lesson: str, frames: int) -> None:
        self._lesson, self._total, self._done, self._told = lesson, frames, 0, 0

    def stage(self, name: str) -> None:
        if self._lesson and name != "read":
            self._line(say(f"stage.{name}", self._language))

    def frames(self, count: int) -> None:
        with self._lock:
            self._done += count
            percent = 100 * self._done // max(self._total, 1)
            if percent >= self._told + PLAIN_STEP:
                self._told = percent - percent % PLAIN_STEP
                self._line(f"{self._told} %  {self._done}/{self._total}")

    def _line(self, text: str) -> None:
        self._console.print(f"{self._lesson}: {text}", markup=False)
