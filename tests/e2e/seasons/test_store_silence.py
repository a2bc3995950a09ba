"""A store that falls silent while a batch works: what waits for it, and for how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import pytest

from pipeline.batch import lease, remote
from pipeline.batch.lease import hold_object
from pipeline.batch.logs import object_lines, open_object_log
from pipeline.batch.remote import Remote, UnreachableError


class Silence:
    """Lets every write of a store fail while it is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on = False
        for name in ("write", "put_if"):
            monkeypatch.setattr(Remote, name, self._guarded(getattr(Remote, name)))

    def _guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*given: Any) -> Any:
            if self.on:
                raise UnreachableError.of("storage.unreachable", place="memory://", reason="test")
            return call(*given)

        return guarded


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Silence:
    return Silence(monkeypatch)


@pytest.fixture
def store() -> Remote:
    return Remote(f"memory://{token_hex(8)}")


def test_a_store_that_has_answered_is_asked_again_until_it_is_back(
    store: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "LONGEST_PAUSE", 0.01)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    store.files()
    answers = iter([False, False, True])

    def step() -> str:
        if not next(answers):
            raise UnreachableError.of("storage.unreachable", place="memory://", reason="test")
        return "done"

    assert store.patiently(step) == "done"


def test_a_store_that_never_answered_is_asked_once(store: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_ANSWERED", set())
    asked = []

    def step() -> None:
        asked.append(1)
        raise UnreachableError.of("storage.unreachable", place="memory://", reason="test")

    with pytest.raises(UnreachableError):
        store.patiently(step)
    assert asked == [1]


def test_what_a_silent_store_did_not_take_of_a_log_comes_with_the_next_flush(store: Remote, silence: Silence) -> None:
    log = open_object_log(store, "log")
    log.write(b"1\n")
    silence.on = True
    log.flush()
    log.write(b"2\n")
    with pytest.raises(UnreachableError):
        log.close()
    silence.on = False
    log.flush()
    assert list(object_lines(store, "log")) == [b"1", b"2"]


def test_a_driver_learns_that_its_store_has_been_silent_for_long(
    store: Remote, silence: Silence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "SILENT_SECONDS", 0.1)
    pause = threading.Event()

    def awaited(condition: Callable[[], bool]) -> bool:
        return any(condition() or pause.wait(0.01) for _ in range(1000))

    with hold_object(store, "lease", {}, beat=0.02) as held:
        assert held.trouble is None
        silence.on = True
        assert awaited(lambda: held.trouble is not None)
        assert not held.lost.is_set()
        silence.on = False
        assert awaited(lambda: held.trouble is None)
