"""Two commands that take turns on one machine: its speed wavers, and so both meet the same weather."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from contextlib import suppress

import psutil

TURN_SECONDS = 3.0
"""Long beside what a turn costs, short beside the minutes in which a shared machine changes its speed."""


def take_turns(sides: Mapping[str, psutil.Popen]) -> dict[str, float]:
    """Seconds that each process has had until it ended. Both are stopped when they come, with all their children."""
    seconds = dict.fromkeys(sides, 0.0)
    waiting = dict(sides)
    while waiting:
        for name, process in list(waiting.items()):
            _signal(process, signal.SIGCONT)
            started = time.perf_counter()
            with suppress(psutil.TimeoutExpired):
                process.wait(timeout=TURN_SECONDS)
                del waiting[name]
            seconds[name] += time.perf_counter() - started
            if name in waiting and len(waiting) > 1:
                stop(process)
    return seconds


def stop(process: psutil.Popen) -> None:
    """Stop a process and its children; parents first, and once more for those that were born meanwhile."""
    for _ in range(2):
        _signal(process, signal.SIGSTOP)


def _signal(process: psutil.Popen, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                each.send_signal(number)
