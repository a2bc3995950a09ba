"""The driver's loop, on a fleet of threads and with tasks whose outcome is scripted."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipeline.batch import dispatch as dispatch_module
from pipeline.batch import engine as engine_module
from pipeline.batch.dispatch import MOST_ATTEMPTS, Stopped
from pipeline.batch.engine import Engine
from pipeline.batch.model import BatchOptions, Failure, Finished, LessonResult, Made, Planned, Source
from pipeline.batch.plan import make_plan
from pipeline.batch.progress import Quiet
from pipeline.errors import UsageError
from tests.unit.batch.plans import planned


class KilledWorker(Exception):  # noqa: N818  # the scheduler's own name for it
    """What the scheduler says of a task that killed too many workers."""


class _Task:
    """A future as the scheduler's client gives it."""

    def __init__(self, future: Future[Any]) -> None:
        self._future = future

    @property
    def status(self) -> str:
        if not self._future.done():
            return "pending"
        return "error" if self._future.exception() else "finished"

    def result(self, timeout: float | None = None) -> Any:
        return self._future.result(timeout)

    def exception(self) -> BaseException | None:
        return self._future.exception()

    def add_done_callback(self, call: Callable[[Any], object]) -> None:
        self._future.add_done_callback(call)


@dataclass
class Fleet:
    """Two threads for workers; tasks run in the driver's process."""

    is_embedded: bool = True
    client: Any = None
    avoided: list[Any] = field(default_factory=list)
    deserted: bool = False

    def __post_init__(self) -> None:
        self.client = self
        self._pool = ThreadPoolExecutor(2)

    def submit(self, call: Any, *arguments: Any, task: str = "", workers: Any = None, **_: Any) -> _Task:
        self.avoided.append(workers)
        named = {"task": task} if task else {}
        return _Task(self._pool.submit(call, *arguments, **named))

    def cancel(self, _futures: Any, *, force: bool) -> None: ...

    def subscribe_topic(self, _topic: str, _handler: object) -> None: ...

    def threads(self) -> int:
        return 2

    def addresses(self) -> frozenset[str]:
        return frozenset({"one", "two"})

    def changes(self) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset(), frozenset()

    def is_lost(self) -> bool:
        return False

    def is_deserted(self) -> bool:
        return self.deserted

    def holders(self, _keys: object) -> dict[str, set[str]]:
        return {}


class Record:
    """The journal's events, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def record(self, event: str, /, **fields: object) -> None:
        self.events.append((event, fields))


class Shop:
    """Scripted workers: what is to fail, and what was made how often."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bad: dict[str, Callable[[str, str], Any]] = {}
        self.made: Counter[str] = Counter()
        self.by: dict[str, str] = {}
        self.finished: list[str] = []
        self.in_portions: set[str] = set()
        self._lock = threading.Lock()
        monkeypatch.setattr(engine_module, "make_pieces", self.pieces)
        monkeypatch.setattr(engine_module, "finish_lesson", self.finish)
        self.record = Record()
        self.results: dict[str, LessonResult] = {}
        self.fleet = Fleet()
        self.stopping = False

    def pieces(self, lesson: Planned, _options: object, keys: tuple[str, ...], *, task: str) -> Any:
        self.in_portions.add(lesson.id)
        return self._make(lesson, keys)

    def _make(self, lesson: Planned, keys: tuple[str, ...]) -> Any:
        done = []
        for key in keys:
            if key in self.bad:
                outcome = self.bad[key](lesson.id, key)
                if outcome is not None:
                    return outcome
            with self._lock:
                self.made[key] += 1
                self.by[key] = lesson.id
            done.append(Made(key, 1000, 0.5, "encoded", "one"))
        return tuple(done)

    def finish(self, lesson: Planned, _options: object, _where: object, *_futures: object, task: str) -> Any:
        lacking = tuple(sorted(key for key in lesson.keys - lesson.there if not self.made[key]))
        assert not (lacking and lesson.id in self.in_portions), f"{lesson.id} was joined without {lacking}"
        made = self._make(lesson, lacking)
        if isinstance(made, Failure):
            return made
        self.finished.append(lesson.id)
        steps = {"stitched": 0.1, "checked": 0.2, "delivered": 0.05}
        result = LessonResult(lesson.id, lesson.source.shown, "made", lesson.facts, seconds=0.35, steps=steps)
        return Finished(result, made)

    def engine(self) -> Engine:
        return Engine(
            self.fleet,  # type: ignore[arg-type]  # threads instead of processes
            BatchOptions("/out"),
            self.record,
            Quiet(),
            lambda: self.stopping,
            self._ended,
        )

    def run(self, *lessons: Planned) -> dict[str, LessonResult]:
        self.engine().make(make_plan(lessons))
        return self.results

    def _ended(self, result: LessonResult) -> None:
        assert result.id not in self.results, f"{result.id} ended twice"
        self.results[result.id] = result

    def events(self, name: str) -> list[dict[str, Any]]:
        return [fields for event, fields in self.record.events if event == name]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    return Shop(monkeypatch)


BROKEN = Failure.of("media.unreadable", name="clip.mp4")
NO_ROOM = Failure(Failure.of("cache.full").problems, worker="one", again=True)


def test_every_film_is_joined_once_all_its_parts_are_there(shop: Shop) -> None:
    results = shop.run(planned("a", {"a1": 750, "a2": 750}), planned("b", {"b1": 50}))
    assert {each.outcome for each in results.values()} == {"made"}
    assert Counter(shop.finished) == {"a": 1, "b": 1}
    assert results["a"].encoded == 2
    assert results["a"].seconds == pytest.approx(3 * 0.5 + 0.35)


def test_a_lesson_of_one_portion_is_made_and_joined_in_one_step(shop: Shop) -> None:
    shop.run(planned("small", {"s1": 50, "s2": 50}), planned("large", {"l1": 1400, "l2": 1400}))
    assert shop.in_portions == {"large"}
    assert Counter(shop.finished) == {"small": 1, "large": 1}
    assert Counter(each["key"] for each in shop.events("segment")) == dict.fromkeys(("s1", "s2", "l1", "l2"), 1)


def test_a_piece_that_three_lessons_share_is_made_once(shop: Shop) -> None:
    shop.run(*(planned(name, {"closing": 50, f"own {name}": 100}) for name in "abc"))
    assert shop.made["closing"] == 1
    assert Counter(shop.finished) == {"a": 1, "b": 1, "c": 1}


def test_a_lesson_that_fails_stops_no_other(shop: Shop) -> None:
    shop.bad["b1"] = lambda *_: BROKEN
    results = shop.run(planned("a", {"a1": 50}), planned("b", {"b1": 50, "b2": 750}), planned("c", {"c1": 50}))
    assert {name: each.outcome for name, each in results.items()} == {"a": "made", "b": "failed", "c": "made"}
    assert results["b"].errors[0]["code"] == "media.unreadable"
    assert shop.events("segment")


def test_a_shared_piece_whose_lesson_failed_is_made_for_the_next(shop: Shop) -> None:
    shop.bad["closing"] = lambda lesson, _: BROKEN if lesson == "long" else None
    results = shop.run(planned("long", {"closing": 50, "own": 900}), planned("short", {"closing": 50}))
    assert results["long"].outcome == "failed"
    assert results["short"].outcome == "made"
    assert shop.by["closing"] == "short"


def test_what_a_machine_spoilt_is_tried_again_on_another(shop: Shop) -> None:
    tries = Counter[str]()

    def full_twice(_lesson: str, key: str) -> Failure | None:
        tries[key] += 1
        return NO_ROOM if tries[key] < 3 else None

    shop.bad["a1"] = full_twice
    results = shop.run(planned("a", {"a1": 50}))
    assert results["a"].outcome == "made"
    assert results["a"].attempts == 3
    assert [each["attempt"] for each in shop.events("retry")] == [2, 3]
    assert ["two"] in shop.fleet.avoided


def test_after_three_more_attempts_it_is_reported(shop: Shop) -> None:
    shop.bad["a1"] = lambda *_: NO_ROOM
    results = shop.run(planned("a", {"a1": 50}), planned("b", {"b1": 50}))
    assert results["a"].outcome == "failed"
    assert results["a"].attempts == MOST_ATTEMPTS
    assert results["a"].errors[0]["code"] == "cache.full"
    assert results["b"].outcome == "made"


def _kill(*_: object) -> None:
    raise KilledWorker


def test_the_piece_that_kills_workers_is_found_and_only_its_lesson_fails(shop: Shop) -> None:
    shop.bad["poison"] = _kill
    results = shop.run(planned("a", {"a1": 50, "poison": 50, "a2": 50}), planned("b", {"b1": 50}))
    assert results["a"].errors[0]["code"] == "batch.killed-workers"
    assert results["b"].outcome == "made"


def test_a_fault_of_ours_says_so(shop: Shop) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no such luck")

    shop.bad["a1"] = broken
    results = shop.run(planned("a", {"a1": 50}))
    assert results["a"].ours
    assert results["a"].errors[0]["code"] == "batch.broke"
    assert "no such luck" in results["a"].errors[0]["message"]["en"]


def test_a_batch_that_is_stopped_ends_at_once(shop: Shop) -> None:
    shop.stopping = True
    with pytest.raises(Stopped):
        shop.run(planned("a", {"a1": 50}))
    assert not shop.results


def test_a_machine_whose_workers_are_all_gone_is_not_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch_module, "LOOK_SECONDS", 0.0)
    shop.fleet.deserted = True
    with pytest.raises(UsageError) as told:
        shop.run(planned("a", {"a1": 50}))
    assert [problem.code for problem in told.value.problems] == ["batch.deserted"]


def test_every_step_is_recorded(shop: Shop) -> None:
    shop.run(planned("a", {"a1": 50}))
    assert [each["label"] for each in shop.events("segment")] == ["clip"]
    assert [each["key"] for each in shop.events("sound")] == ["sound of a"]
    for step in ("stitched", "checked", "delivered"):
        assert [each["lesson"] for each in shop.events(step)] == ["a"]


def test_plans_come_back_in_the_order_in_which_lessons_were_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    lessons = {f"/season/{n}/lesson.yaml": planned(str(n), {f"piece {n}": 50}) for n in range(30)}

    def plan(sources: tuple[Source, ...], _options: object) -> tuple[Planned | Failure, ...]:
        return tuple(BROKEN if each.script == "/season/7/lesson.yaml" else lessons[each.script] for each in sources)

    monkeypatch.setattr(engine_module, "plan_lessons", plan)
    engine = shop.engine()
    sources = [each.source for each in lessons.values()]
    found = engine.plan(sources)
    assert list(found) == sources
    assert [source.shown for source, each in found.items() if isinstance(each, Failure)] == ["season/7/lesson.yaml"]
    assert len(shop.events("lesson-planned")) == 29


def test_what_no_worker_has_now_a_later_one_is_asked_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    lesson = planned("a", {"a1": 50})
    monkeypatch.setattr(engine_module, "plan_lessons", lambda _sources, _options: (lesson,))
    shop.fleet.is_embedded = False
    asked: list[list[str]] = []
    answers = iter([{"a1": {"one"}}, {}, {"a1": {"two"}}])

    def holders(keys: list[str]) -> dict[str, set[str]]:
        asked.append(keys)
        return next(answers)

    monkeypatch.setattr(shop.fleet, "holders", holders)
    engine = shop.engine()
    engine.plan([lesson.source])
    for _ in ("nobody is back yet", "one is back"):
        engine._dispatcher.joined()
    assert asked[1:] == [["a1"], ["a1"]]
