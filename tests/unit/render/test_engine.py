from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from pipeline.errors import MediaError
from pipeline.media.ffmpeg import Cancelled
from pipeline.render.engine import Job, run_jobs


def test_the_heaviest_job_starts_first() -> None:
    order: list[int] = []

    def job(weight: int) -> Job:
        return Job(weight, lambda _: order.append(weight))

    run_jobs([job(1), job(3), job(2)], workers=1)
    assert order == [3, 2, 1]


def test_one_failure_calls_the_others_off_and_is_the_one_that_is_raised() -> None:
    called_off = threading.Event()
    running = threading.Event()

    def fails(_: threading.Event) -> None:
        running.wait(5)
        raise MediaError.of("media.empty", name="a.mp4")

    def waits(cancel: threading.Event) -> None:
        running.set()
        if cancel.wait(5):
            called_off.set()
            raise Cancelled

    never: list[int] = []
    with pytest.raises(MediaError):
        run_jobs([Job(3, fails), Job(2, waits), Job(1, lambda _: never.append(1))], workers=2)
    assert called_off.is_set()
    assert never == []


def test_jobs_run_side_by_side() -> None:
    both = threading.Barrier(2, timeout=5)

    def meets() -> Callable[[threading.Event], None]:
        return lambda _: both.wait() and None

    run_jobs([Job(1, meets()), Job(1, meets())], workers=2)
    assert not both.broken


def test_no_jobs_are_no_work() -> None:
    run_jobs([], workers=2)
