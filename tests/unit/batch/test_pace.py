"""Time left, against batches that are played through and whose true end is therefore known."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest

from pipeline.batch.pace import Pace

TICK = 0.5
FPS = 90.0

FINISH = 7.0
LONG = (3000, 3000, 3000, 2000, 1500, 1000, 500, 250, 250, 250)
SHORT = (800, 250, 125, 100)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Event:
    at: float
    method: str
    argument: int | str


def steady(_at: float) -> float:
    return FPS


def played(
    lessons: Sequence[Sequence[int]],
    workers: int,
    speed: Callable[[float], float] = steady,
    change: tuple[float, int] | None = None,
) -> list[Event]:
    """What a batch would tell: greedy workers make segments in order, and finish a lesson as soon as they can.

    `lessons`: frames of each one's segments; `speed` in frames a second at a time; `change`: workers from then on.
    """
    chance = random.Random(5)  # noqa: S311
    queue = [(number, frames) for number, lesson in enumerate(lessons) for frames in lesson]
    to_come = {number: len(lesson) for number, lesson in enumerate(lessons)}
    ready = [number for number, count in to_come.items() if not count]
    under_way: list[tuple[float, int]] = []
    events: list[Event] = []
    free = [(0.0, worker) for worker in range(workers)]
    while queue or ready or under_way:
        at, worker = heapq.heappop(free)
        if change and at >= change[0]:
            events.append(Event(change[0], "workers", change[1]))
            for more in range(workers, change[1]):
                heapq.heappush(free, (at, more))
            workers, change = change[1], None
        if worker >= workers:
            continue
        while under_way and under_way[0][0] <= at:
            _, number = heapq.heappop(under_way)
            to_come[number] -= 1
            if not to_come[number]:
                ready.append(number)
        if ready:
            name, took = str(ready.pop(0)), FINISH * chance.uniform(0.8, 1.2)
            events += [Event(at, "finishing", name), Event(at + took, "ended", name)]
        elif queue:
            number, frames = queue.pop(0)
            took = frames / (speed(at) * chance.uniform(0.85, 1.15))
            steps = max(int(took / TICK), 1)
            shares = [frames * step // steps for step in range(steps + 1)]
            events += [
                Event(at + took * step / steps, "encoded", shares[step] - shares[step - 1])
                for step in range(1, steps + 1)
            ]
            heapq.heappush(under_way, (at + took, number))
        else:
            took = under_way[0][0] - at
        heapq.heappush(free, (at + took, worker))
    return sorted(events, key=lambda event: event.at)


@dataclass(frozen=True)
class Look:
    """What was foretold at a moment of a batch, and what was true."""

    at: float
    left: float | None
    true: float
    share: float

    @property
    def error(self) -> float:
        """As a share of the truth; what one lesson may take to finish is no error."""
        if self.left is None:
            return 1.0
        wrong = abs(self.left - self.true)
        return wrong / self.true if wrong > FINISH * 1.2 else 0.0


def watched(lessons: Sequence[Sequence[int]], events: Sequence[Event], workers: int | None) -> Iterator[Look]:
    clock = Clock()
    start, end = clock.now, events[-1].at
    pace = Pace(clock)
    if workers is not None:
        pace.workers(workers)
    pace.begin(sum(map(sum, lessons)), len(lessons))
    ticks = 1
    for event in events:
        while ticks * TICK < event.at:
            clock.now = start + ticks * TICK
            yield Look(ticks * TICK, pace.left(), end - ticks * TICK, pace.share())
            ticks += 1
        clock.now = start + event.at
        told = {"finished": True} if event.method == "ended" else {}
        getattr(pace, event.method)(event.argument, **told)
    assert pace.left() == 0
    assert pace.share() == pytest.approx(1)


BATCHES = {
    "long lessons": [LONG] * 30,
    "long and short lessons": [LONG] * 12 + [SHORT] * 30,
    "short lessons": [SHORT] * 60,
    "half of the lessons only to be joined": [LONG] * 12 + [()] * 12,
    "a single lesson": [LONG],
}


@pytest.mark.parametrize("known", [True, False], ids=["workers known", "workers not told"])
@pytest.mark.parametrize("name", BATCHES)
def test_after_a_tenth_of_the_work_the_time_left_is_right_to_15_per_cent(name: str, known: bool) -> None:
    lessons = BATCHES[name]
    # Lessons to be joined come last here, as they do in a batch: the longest come first.
    looks = list(watched(lessons, in_order(lessons), 2 if known else None))
    judged = [look for look in looks if look.share >= 0.1 and look.at > Pace.ENOUGH + 2]
    assert len(judged) > 100
    worst = max(judged, key=lambda look: look.error)
    assert worst.error < 0.15, worst


def in_order(lessons: Sequence[Sequence[int]]) -> list[Event]:
    """Events of two workers; lessons without a segment wait for those that have some."""
    return played([lesson or (1,) for lesson in lessons], 2)


def test_time_left_does_not_jump_about() -> None:
    lessons = BATCHES["long and short lessons"]
    looks = [look for look in watched(lessons, played(lessons, 2), 2) if look.left is not None and look.true > 60]
    for before, after in pairwise(looks):
        assert abs(after.left - (before.left - TICK)) < 0.02 * before.left, (before, after)


def test_how_much_is_done_never_goes_back() -> None:
    lessons = BATCHES["long and short lessons"]
    shares = [look.share for look in watched(lessons, played(lessons, 2), 2)]
    assert shares == sorted(shares)
    assert shares[0] < 0.01
    assert shares[-1] > 0.99


@pytest.mark.parametrize(("before", "after"), [(4, 2), (2, 4)], ids=["lost", "joined"])
def test_workers_lost_or_joined_show_within_a_minute(before: int, after: int) -> None:
    lessons = [LONG] * 60
    looks = list(watched(lessons, played(lessons, before, change=(800.0, after)), before))
    then = next(look for look in looks if look.at > 800)
    assert then.error > 0.3
    assert all(look.error < 0.15 for look in looks if look.at > 860 and look.true > 60)


def test_a_machine_that_becomes_slower_shows_within_ten_minutes() -> None:
    lessons = [LONG] * 60
    looks = list(watched(lessons, played(lessons, 2, lambda at: FPS if at < 1000 else FPS / 2), 2))
    assert all(look.error < 0.15 for look in looks if look.at > 1600 and look.true > 60)


class TestLittleIsKnown:
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def pace(self, clock: Clock) -> Pace:
        pace = Pace(clock)
        pace.workers(2)
        pace.begin(10_000, 4)
        return pace

    def encode(self, pace: Pace, clock: Clock, seconds: int, frames: int = 100) -> None:
        for _ in range(seconds):
            clock.now += 1
            pace.encoded(frames)

    def test_nothing_is_foretold_before_enough_was_seen(self, pace: Pace, clock: Clock) -> None:
        assert pace.left() is None
        self.encode(pace, clock, 3)
        assert pace.left() is None
        self.encode(pace, clock, 12)
        assert pace.left() == pytest.approx(85 + 4 * Pace.FINISH_GUESS / 2, rel=0.1)

    def test_before_the_plan_nothing_is_foretold(self, clock: Clock) -> None:
        pace = Pace(clock)
        clock.now += 100
        assert pace.left() is None
        assert pace.share() == 0
        assert pace.fps == 0

    def test_an_empty_batch_takes_no_time(self, clock: Clock) -> None:
        pace = Pace(clock)
        pace.begin(0, 0)
        assert pace.left() == 0

    def test_nobody_works_so_nobody_knows(self, pace: Pace, clock: Clock) -> None:
        self.encode(pace, clock, 20)
        pace.workers(0)
        assert pace.left() is None
        pace.workers(1)
        assert pace.left() is not None

    def test_getting_ready_is_not_counted_as_slow_work(self, pace: Pace, clock: Clock) -> None:
        clock.now += 500
        pace.encoded(1)
        self.encode(pace, clock, 20)
        assert pace.left() < 130

    def test_a_pause_of_an_hour_is_not_counted_as_slow_work(self, pace: Pace, clock: Clock) -> None:
        pace.owed(100_000)
        self.encode(pace, clock, 400)
        before = pace.left()
        clock.now += 3600
        assert pace.fps < 1
        self.encode(pace, clock, 20)
        assert pace.left() == pytest.approx(before, rel=0.1)

    def test_a_clock_that_goes_back_does_no_harm(self, pace: Pace, clock: Clock) -> None:
        self.encode(pace, clock, 20)
        clock.now -= 5000
        assert pace.left() >= 0
        self.encode(pace, clock, 20)
        assert 0 <= pace.left() < 200
        assert pace.fps > 0

    def test_more_frames_than_planned_leave_nothing_negative(self, pace: Pace, clock: Clock) -> None:
        self.encode(pace, clock, 200)
        assert pace.left() >= 0
        assert pace.share() <= 1
        for number in range(6):
            pace.finishing(str(number))
            clock.now += 3
            pace.ended(str(number), finished=True)
        assert pace.left() == 0

    def test_a_lesson_that_takes_longer_than_others_is_still_not_over(self, clock: Clock) -> None:
        pace = Pace(clock)
        pace.begin(0, 2)
        pace.finishing("a")
        clock.now += 10
        pace.ended("a", finished=True)
        pace.finishing("b")
        clock.now += 60
        assert pace.left() > 0

    def test_after_the_last_frame_a_film_is_still_to_be_finished(self, clock: Clock) -> None:
        pace = Pace(clock)
        pace.workers(16)
        pace.begin(10_000, 1)
        self.encode(pace, clock, 99)
        assert pace.left() >= Pace.FINISH_GUESS

    def test_how_much_is_done_does_not_go_back_when_frames_are_lost(self, pace: Pace, clock: Clock) -> None:
        self.encode(pace, clock, 50)
        before = pace.share()
        pace.owed(2000)
        assert pace.share() == before

    def test_lost_frames_are_owed_again(self, pace: Pace, clock: Clock) -> None:
        self.encode(pace, clock, 50)
        before = pace.left()
        pace.owed(4000)
        for _ in range(60):
            clock.now += 0.1
            pace.left()
        assert pace.left() > before + 10

    def test_the_end_of_a_failed_lesson_says_nothing_about_others(self, clock: Clock) -> None:
        pace = Pace(clock)
        pace.begin(0, 3)
        pace.finishing("a")
        clock.now += 100
        pace.ended("a", finished=False)
        assert pace.left() is None
        pace.finishing("b")
        clock.now += 5
        pace.ended("b", finished=True)
        assert pace.left() == pytest.approx(5)
