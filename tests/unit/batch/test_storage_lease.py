"""One driver at a time: on a disk the lock dies with its holder, in a store a counter that stands still is free."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.batch.lease import Lease, hold_object, object_holder
from pipeline.batch.remote import Remote
from pipeline.batch.storage import LEASE, Output, open_output
from pipeline.errors import UsageError
from tests.unit.batch.s3 import bucket, s3

__all__ = ["bucket", "s3"]

ROOT = Path(__file__).parents[3]
HOLDER = {"host": "studio-1", "pid": 4711, "since": "2026-09-01T08:00:00Z", "token": "ab"}
BEAT = 0.4

HOLD = """\
import subprocess, sys, time
from pipeline.batch.storage import open_output
with open_output(sys.argv[1]).lease({"host": "studio-2", "pid": 1, "since": "now"}, beat=float(sys.argv[2])):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print(child.pid, flush=True)
    time.sleep(60)
"""
"""A driver with a child of its own, as workers are."""


@contextmanager
def driver(place: str, beat: float = BEAT) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lease; it and its child are killed at the end."""
    command = [sys.executable, "-c", HOLD, place, str(beat)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        try:
            yield process
        finally:
            process.kill()
            os.kill(child, signal.SIGKILL)


@pytest.fixture
def memory() -> Iterator[str]:
    from fsspec.implementations.memory import MemoryFileSystem

    yield "memory://lease"
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture(params=["disk", "s3", "memory"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> Output:
    names = {"s3": "bucket", "memory": "memory"}
    return open_output(request.getfixturevalue(names[request.param]) if request.param in names else tmp_path / "out")


def test_a_second_driver_is_told_who_is_at_work(output: Output):
    with output.lease(HOLDER, beat=BEAT) as lease:
        assert output.lease_holder() == HOLDER
        with pytest.raises(UsageError) as told, output.lease({}, beat=BEAT):
            pass
        assert not lease.lost.is_set()
    (problem,) = told.value.problems
    expected = {"out": output.url, "host": "studio-1", "pid": "4711", "since": "2026-09-01T08:00:00Z"}
    assert (problem.code, problem.fields) == ("batch.busy", expected)


def test_a_lease_given_back_is_free_at_once(output: Output):
    for _ in range(3):
        waited: list[float] = []
        with output.lease(HOLDER, beat=30, waiting=lambda _, seconds: waited.append(seconds)):  # noqa: B023
            pass
        assert waited == []
        assert output.lease_holder() is None


def test_it_is_given_back_when_the_work_fails(output: Output):
    with pytest.raises(ZeroDivisionError), output.lease(HOLDER, beat=BEAT):
        raise ZeroDivisionError
    assert output.lease_holder() is None


def test_of_many_that_come_at_once_one_gets_it(output: Output):
    got: list[Lease] = []
    busy: list[UsageError] = []
    start = threading.Barrier(6)

    def come() -> None:
        start.wait()
        try:
            with output.lease(HOLDER, beat=BEAT) as lease:
                got.append(lease)
                deadline = time.monotonic() + 30
                while len(busy) + sum(each.lost.is_set() for each in got) < 5 and time.monotonic() < deadline:
                    lease.lost.wait(0.01)
        except UsageError as error:
            busy.append(error)

    with ThreadPoolExecutor(6) as threads:
        for each in [threads.submit(come) for _ in range(6)]:
            each.result()
    # Where a store decides nothing itself two may start, and then one of them learns of it.
    assert sum(not lease.lost.is_set() for lease in got) == 1
    assert len(got) + len(busy) == 6
    assert len(got) == 1 or "memory" in output.url


def test_who_is_at_work_is_asked_without_disturbing(tmp_path: Path):
    output = open_output(tmp_path)
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            output.lease_holder()

    with ThreadPoolExecutor(2) as threads:
        asking = [threads.submit(ask) for _ in range(2)]
        try:
            for _ in range(200):
                with output.lease(HOLDER):
                    assert output.lease_holder() == HOLDER
        finally:
            stop.set()
        for each in asking:
            each.result()


def test_after_a_kill_the_lease_of_a_folder_is_free_at_once_though_a_child_lives(tmp_path: Path):
    output = open_output(tmp_path)
    with driver(str(tmp_path)) as other:
        assert output.lease_holder() == {"host": "studio-2", "pid": 1, "since": "now"}
        with pytest.raises(UsageError, match=r"batch\.busy"), output.lease(HOLDER):
            pass
        other.kill()
        other.wait()
        assert output.lease_holder() is None
        with output.lease(HOLDER):
            assert output.lease_holder() == HOLDER


def test_facts_that_cannot_be_read_still_mean_somebody(tmp_path: Path):
    output = open_output(tmp_path)
    with output.lease(HOLDER):
        for data in (b"", b"{", b"[]", b"[" * 100_000):
            (tmp_path / LEASE).write_bytes(data)
            assert output.lease_holder() == {}
            with pytest.raises(UsageError, match=r"batch\.busy.*host=\?"), output.lease({}):
                pass


# In a store --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_after_a_kill_the_lease_in_a_store_is_taken_over_after_three_beats(bucket: str):
    output = open_output(bucket)
    waited: list[tuple[Any, float]] = []
    with driver(bucket) as other:
        with pytest.raises(UsageError, match=r"batch\.busy"), output.lease(HOLDER, beat=BEAT):
            pass
        other.kill()
        other.wait()
        began = time.monotonic()
        with output.lease(HOLDER, BEAT, lambda holder, seconds: waited.append((holder["host"], seconds))):
            took = time.monotonic() - began
            assert output.lease_holder() == HOLDER
    assert took >= 3 * BEAT
    assert waited == [("studio-2", pytest.approx(3 * BEAT))]


@pytest.mark.parametrize("place", ["bucket", "memory"])
def test_a_driver_that_was_asleep_learns_that_it_was_replaced(place: str, request: pytest.FixtureRequest):
    remote = Remote(request.getfixturevalue(place))
    with ExitStack() as stack:
        asleep = stack.enter_context(hold_object(remote, "lease", HOLDER, beat=BEAT))
        # Another one, who saw it stand still for long enough, writes his own.
        while (mark := remote.entry("lease")) is None or remote.put_if(
            "lease", b'{"token": 1}', mark.mark or ""
        ) is None:
            pass
        assert asleep.lost.wait(30)
    assert remote.read("lease", 100) == b'{"token": 1}'  # it is no longer ours to give back


def test_a_lease_that_was_taken_away_is_lost(bucket: str):
    remote = Remote(bucket)
    with hold_object(remote, "lease", HOLDER, beat=BEAT) as lease:
        remote.remove("lease")
        assert lease.lost.wait(30)
    assert remote.read("lease", 100) is None


def test_a_beat_whose_answer_got_lost_is_still_ours(bucket: str, monkeypatch: pytest.MonkeyPatch):
    remote = Remote(bucket)
    beaten = threading.Semaphore(0)
    put = remote.put_if
    lossy = [False]

    def answer_lost(name: str, data: bytes, mark: str | None) -> str | None:
        done = put(name, data, mark)
        lossy[0] = not lossy[0]
        beaten.release()
        # A client that got no answer asks again with the same condition, which is then no longer true.
        return put(name, data, mark) if lossy[0] else done

    with hold_object(remote, "lease", HOLDER, beat=0.05) as lease:
        monkeypatch.setattr(remote, "put_if", answer_lost)
        for _ in range(6):
            assert beaten.acquire(timeout=30)
        assert not lease.lost.is_set()


def test_a_store_that_does_not_answer_for_a_while_loses_nothing(bucket: str, monkeypatch: pytest.MonkeyPatch):
    remote = Remote(bucket)
    asked = threading.Semaphore(0)
    put = remote.put_if

    def silent(*_: object) -> str | None:
        asked.release()
        raise UsageError.of("storage.unreachable", place=bucket, reason="")

    def heard(name: str, data: bytes, mark: str | None) -> str | None:
        done = put(name, data, mark)
        asked.release()
        return done

    with hold_object(remote, "lease", HOLDER, beat=0.05) as lease:
        for answer in (silent, heard):
            monkeypatch.setattr(remote, "put_if", answer)
            for _ in range(5):
                assert asked.acquire(timeout=30)
        assert not lease.lost.is_set()
        assert object_holder(remote, "lease", 0.5) == HOLDER


def test_a_server_without_conditions_is_asked_without(bucket: str, monkeypatch: pytest.MonkeyPatch):
    remote = Remote(bucket)
    call = remote.store.call_s3

    def old_server(method: str, **given: Any) -> Any:
        if {"IfMatch", "IfNoneMatch"} & set(given):
            error = OSError(38, "A header you provided implies functionality that is not implemented")
            answer = {"Error": {"Code": "NotImplemented"}, "ResponseMetadata": {"HTTPStatusCode": 501}}
            error.__cause__ = Answered(answer)
            raise error
        return call(method, **given)

    monkeypatch.setattr(remote.store, "call_s3", old_server)
    with hold_object(remote, "lease", HOLDER, beat=BEAT) as lease:
        assert object_holder(remote, "lease", BEAT) == HOLDER
        assert not lease.lost.is_set()
    assert remote.entry("lease") is None


class Answered(Exception):  # noqa: N818
    def __init__(self, response: dict[str, Any]) -> None:
        self.response = response
        super().__init__()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"every": 1e300, "holder": 3}', b'{"every": "x"}'])
def test_a_lease_that_is_none_of_ours_is_free_when_it_stands_still(
    memory: str, data: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("pipeline.batch.lease.LONGEST_BEAT", 0.1)
    remote = Remote(memory)
    remote.write("lease", data)
    assert object_holder(remote, "lease", 0.1) is None
    with hold_object(remote, "lease", HOLDER, beat=0.1) as lease:
        assert not lease.lost.is_set()


def test_whoever_looks_is_told_that_it_takes_a_while(bucket: str):
    remote = Remote(bucket)
    told: list[tuple[object, float]] = []
    assert object_holder(remote, "lease", 0.1, waiting=lambda *each: told.append(each)) is None
    assert told == []
    with hold_object(remote, "lease", HOLDER, 0.1):
        assert object_holder(remote, "lease", 0.1, waiting=lambda *each: told.append(each)) == HOLDER
    [(holder, seconds)] = told
    assert (holder, round(seconds, 3)) == (HOLDER, 0.3)
