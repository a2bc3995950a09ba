"""What is in use stays, and what is not goes, whatever is done to the wall clock meanwhile."""

from __future__ import annotations

import os
import threading
import time
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.render import clock
from pipeline.render.cache import IN_USE_SECONDS, Cache
from pipeline.render.clock import Clock, Now

HOUR = 3600.0
DAY = 24 * HOUR
KEY, OTHER = "ab" + "0" * 62, "cd" + "0" * 62


class Clocks:
    """The machine's two clocks, moved by hand; files are dated by the one on the wall."""

    def __init__(self) -> None:
        self.wall, self.steady, self.start = 1_700_000_000.0, 50_000.0, "one"

    def passes(self, seconds: float) -> None:
        self.wall, self.steady = self.wall + seconds, self.steady + seconds

    def is_set(self, seconds: float) -> None:
        """Somebody moves the wall clock by so much."""
        self.wall += seconds

    def restarts(self) -> None:
        self.steady, self.start = 10.0, "two"


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr(clock, "look", lambda: Now(clocks.wall, clocks.steady))
    monkeypatch.setattr(clock, "started", lambda: clocks.start)
    utime = os.utime

    def by_that_clock(path: object, times: tuple[float, float] | None = None) -> None:
        utime(path, times or (clocks.wall, clocks.wall))  # type: ignore[arg-type]

    monkeypatch.setattr(os, "utime", by_that_clock)
    return clocks


def opened(folder: Path) -> Cache:
    """A process's cache in which nothing fits."""
    return Cache(folder, limit_bytes=0)


def put(cache: Cache, key: str = KEY) -> None:
    made = cache.work / "made"
    made.write_bytes(b"0123456789")
    cache.add(key, made)


def stays(cache: Cache, key: str = KEY) -> bool:
    """Whether an object outlives a trim. It is not marked as used by looking."""
    cache.trim(at_once=True)
    return cache.objects.path(key).exists()


def test_with_a_clock_left_alone_an_object_stays_two_hours_from_its_last_use(tmp_path: Path, clocks: Clocks) -> None:
    cache = opened(tmp_path)
    put(cache)
    clocks.passes(HOUR)
    assert cache.find(KEY) is not None
    clocks.passes(IN_USE_SECONDS - 1)
    assert stays(cache)
    clocks.passes(2)
    assert not stays(cache)


@pytest.mark.parametrize("leap", [DAY, 20 * 365 * DAY, 3 * HOUR])
@pytest.mark.parametrize("trims", ["the process that made it", "one that was there", "one that comes later"])
def test_a_clock_put_forward_makes_nothing_look_unused(tmp_path: Path, clocks: Clocks, leap: float, trims: str) -> None:
    maker, witness = opened(tmp_path), opened(tmp_path)
    clocks.passes(5 * HOUR)
    put(maker)
    clocks.passes(HOUR)
    clocks.is_set(leap)
    by = {"the process that made it": maker, "one that was there": witness}.get(trims) or opened(tmp_path)
    assert stays(by)
    clocks.passes(HOUR - 1)
    assert stays(by)
    clocks.passes(HOUR + 2)
    assert not stays(by)


def test_a_clock_put_forward_again_and_again_makes_nothing_look_unused(tmp_path: Path, clocks: Clocks) -> None:
    cache = opened(tmp_path)
    put(cache)
    for _ in range(10):
        clocks.is_set(DAY)
        clocks.passes(60)
        assert stays(opened(tmp_path))
    clocks.passes(IN_USE_SECONDS)
    assert not stays(cache)


@pytest.mark.parametrize("leap", [-DAY, -20 * 365 * DAY, -HOUR])
def test_what_a_clock_put_back_dates_into_the_future_stays_and_then_goes(
    tmp_path: Path, clocks: Clocks, leap: float
) -> None:
    cache = opened(tmp_path)
    put(cache)
    clocks.passes(60)
    clocks.is_set(leap)
    assert stays(cache)
    assert cache.objects.path(KEY).stat().st_mtime <= clocks.wall
    clocks.passes(IN_USE_SECONDS - 60)
    assert stays(cache)
    clocks.passes(IN_USE_SECONDS)
    assert not stays(cache)


def test_the_future_of_a_cache_that_was_copied_here_ends_too(tmp_path: Path, clocks: Clocks) -> None:
    cache = opened(tmp_path)
    put(cache)
    os.utime(cache.objects.path(KEY), (4e9, 4e9))
    assert stays(cache)
    clocks.passes(IN_USE_SECONDS + 1)
    assert not stays(cache)


def test_of_the_future_nothing_is_dated_back_while_everything_fits(tmp_path: Path, clocks: Clocks) -> None:
    cache = Cache(tmp_path, limit_bytes=100)
    put(cache)
    os.utime(cache.objects.path(KEY), (4e9, 4e9))
    cache.trim(at_once=True)
    assert cache.objects.path(KEY).stat().st_mtime == 4e9


def test_a_clock_put_forward_and_back_again_is_forgiven(tmp_path: Path, clocks: Clocks) -> None:
    cache = opened(tmp_path)
    put(cache)
    clocks.is_set(DAY)
    put(cache, OTHER)
    clocks.is_set(-DAY)
    clocks.passes(HOUR)
    assert stays(cache)
    assert stays(cache, OTHER)
    clocks.passes(HOUR + 1)
    assert not stays(cache)
    clocks.passes(HOUR + 1)
    assert not stays(cache, OTHER)


def test_what_was_unused_before_a_leap_is_not_kept_for_it(tmp_path: Path, clocks: Clocks) -> None:
    cache = opened(tmp_path)
    put(cache)
    clocks.passes(DAY)
    clocks.is_set(DAY)
    assert not stays(cache)


def test_after_a_restart_of_the_machine_nothing_is_in_use_by_an_older_clock(tmp_path: Path, clocks: Clocks) -> None:
    put(opened(tmp_path))
    clocks.restarts()
    clocks.is_set(DAY)
    assert not stays(opened(tmp_path))


@pytest.mark.parametrize("kept", ["x", 1, [[1]], [["a", "b"]], [[-1e300, 1.0]], [[0.0, 9e9]], [[5.0, 2.0], [5.0, 1.0]]])
def test_readings_that_are_none_of_ours_are_not_believed(clocks: Clocks, kept: object) -> None:
    own = Clock(IN_USE_SECONDS, lambda _: kept, lambda _key, _value: None)
    now = own.mark()
    assert own.horizon(now) == now.wall - IN_USE_SECONDS


def test_readings_stay_few(clocks: Clocks) -> None:
    kept: dict[str, list[list[float]]] = {}
    own = Clock(IN_USE_SECONDS, kept.get, lambda key, value: kept.update({key: value}))
    for number in range(500):
        clocks.is_set(100 if number % 2 else -100)
        clocks.passes(1)
        own.mark()
    (readings,) = kept.values()
    assert len(readings) <= 100


def test_a_clock_that_is_only_slowed_is_not_written_down_each_time(clocks: Clocks) -> None:
    written: list[object] = []
    kept: dict[str, object] = {}

    def remember(key: str, value: object) -> None:
        written.append(value)
        kept[key] = value

    own = Clock(IN_USE_SECONDS, kept.get, remember)
    for _ in range(1000):
        clocks.passes(1)
        clocks.is_set(0.0005)
        own.mark()
    assert len(written) == 1


# Work folders ------------------------------------------------------------------------------------


@pytest.mark.parametrize("age", [-20 * 365 * DAY, -DAY, 0, DAY, 4e8])
def test_the_folder_of_a_killed_build_is_swept_away_however_it_is_dated(tmp_path: Path, age: float) -> None:
    cache = Cache(tmp_path)
    left = cache.work / "build-left"
    left.mkdir()
    (left / "half.mp4").write_bytes(b"half")
    os.utime(left, (time.time() - age,) * 2)
    with cache.work_folder():
        assert not left.exists()


@pytest.mark.parametrize("age", [-DAY, 0, DAY])
def test_the_folder_of_a_living_build_stays_however_it_is_dated(tmp_path: Path, age: float) -> None:
    cache = Cache(tmp_path)
    with cache.work_folder() as mine:
        os.utime(mine, (time.time() - age,) * 2)
        with Cache(tmp_path).work_folder():
            assert mine.exists()


def test_folders_made_at_the_same_moment_are_not_taken_for_left_ones(tmp_path: Path) -> None:
    lost: list[Path] = []
    together = threading.Barrier(6, timeout=30)

    def makes() -> None:
        cache = Cache(tmp_path)
        together.wait()
        for _ in range(25):
            with cache.work_folder() as folder:
                try:
                    (folder / "file").write_bytes(b"x")
                except OSError:
                    lost.append(folder)

    threads = [threading.Thread(target=makes) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert lost == []
    assert not any((tmp_path / "work").iterdir())


# Digests of input files --------------------------------------------------------------------------


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files that were hashed."""
    files: list[Path] = []

    def counted(path: Path) -> str:
        files.append(path)
        return sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr("pipeline.render.cache.file_sha256", counted)
    return files


@pytest.mark.parametrize("moved", [-DAY, DAY, -20 * 365 * DAY, 20 * 365 * DAY])
def test_a_file_written_while_the_clock_was_wrong_is_hashed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hashed: list[Path], moved: float
) -> None:
    cache, file = Cache(tmp_path / "cache"), tmp_path / "file"
    file.write_bytes(b"one")
    now = time.time_ns() + int(moved * 1e9)
    monkeypatch.setattr(time, "time_ns", lambda: now)
    before = [cache.digest(file) for _ in range(3)]
    assert len(hashed) == 1
    file.write_bytes(b"two")
    assert cache.digest(file) != before[0]


def test_a_file_of_this_moment_is_hashed_each_time(tmp_path: Path, hashed: list[Path]) -> None:
    cache, file = Cache(tmp_path / "cache"), tmp_path / "file"
    file.write_bytes(b"one")
    os.utime(file, (1, 1))
    for _ in range(3):
        # Its bytes were not written long ago, only dated so.
        cache.digest(file)
    assert len(hashed) == 3
