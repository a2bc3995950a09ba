"""What a fleet does when its workers go and come, on workers that are only told of."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from pipeline.batch import fleet as fleet_module
from pipeline.batch.fleet import Fleet


class Told(Fleet):
    """A fleet that hears of its workers from a list, one entry a look."""

    def __init__(self, before: int, looks: Iterator[int]) -> None:
        super().__init__(scheduler="tcp://somewhere:8786")
        self._known = frozenset(f"worker {number}" for number in range(before))
        self._looks = looks
        self._workers = {"worker 0": 1}

    def _look(self) -> None:
        self._workers = {f"worker {number}": 1 for number in range(next(self._looks))}


def test_all_workers_of_before_are_waited_for() -> None:
    fleet = Told(3, iter([1, 2, 3]))
    fleet._await_the_others(lambda: False)
    assert len(fleet.addresses()) == 3


@pytest.mark.parametrize("asked_to_stop", [False, True])
def test_workers_that_do_not_come_back_are_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch, asked_to_stop: bool
) -> None:
    monkeypatch.setattr(fleet_module, "REJOIN_SECONDS", 60 if asked_to_stop else 0.5)
    started = time.monotonic()
    Told(3, iter(lambda: 2, None))._await_the_others(lambda: asked_to_stop)
    assert time.monotonic() - started < 10
