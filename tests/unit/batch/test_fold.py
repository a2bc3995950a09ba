"""A journal added up: what a season comes to, and what hostile lines cannot do to it."""

from __future__ import annotations

import json
import random
import time
import tracemalloc
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pipeline.batch import fold as folding
from pipeline.batch.fold import fold
from pipeline.batch.journal import UNREADABLE, read
from pipeline.batch.run_state import KEPT
from tests.unit.batch.recorded import WORKERS, Script, Shelf, lay, season

A, B, _ = WORKERS


def begun(frames: int = 1000, *, lessons: int = 1, **plan: Any) -> Script:
    script = Script()
    script.begin(lessons)
    script("lesson-planned", lesson="a", script="season/a", segments=4, missing=2, frames=frames)
    script("plan", **({"lessons": lessons, "unchanged": 0, "frames": frames} | plan))
    script("lesson-started", lesson="a")
    return script


def test_nothing_adds_up_to_nothing() -> None:
    state = fold([])
    assert (state.run, state.all, state.speed, state.seconds_left, state.under_way) == (0, 0, None, None, [])
    assert set(state.counts.values()) == {0}


def test_a_season_is_counted_lesson_by_lesson() -> None:
    state = fold(season(171, 60).records)
    assert state.all == 171
    assert state.counts == {
        "made": 46,
        "unchanged": 8,
        "refused": 3,
        "failed": 3,
        "left-alone": 0,
        "not-run": 0,
        "under-way": 3,
        "waiting": 108,
    }
    assert (state.retries, state.workers_lost, state.unreadable, state.lost) == (1, 1, 0, 0)
    assert [worker.there for worker in state.workers.values()] == [True, False, True]


def test_what_the_run_counted_itself_fills_what_it_did_not_tell_one_by_one() -> None:
    script = begun(lessons=5)
    script.end("a", "made")
    script("run-ended", outcome="stopped", counts={"unchanged": 2, "not-run": 2, "made": 1}, seconds=1)
    counts = fold(script.records).counts
    assert (counts["made"], counts["unchanged"], counts["not-run"], counts["waiting"]) == (1, 2, 2, 0)


def test_a_lesson_that_ends_again_counts_once_and_two_of_one_name_count_twice() -> None:
    script = begun(lessons=2)
    script.end("a", "failed")
    script.end("a", "made")
    assert fold(script.records).counts["made"] == 1
    script.records[-1]["result"]["script"] = "elsewhere/a"
    counts = fold(script.records).counts
    assert (counts["made"], counts["failed"]) == (1, 1)


def test_a_segment_made_twice_is_work_twice_and_progress_once() -> None:
    script = begun(1000)
    script.segment("a", "one", A, 500)
    script.segment("a", "one", B, 500)
    state = fold(script.records)
    assert (state.done, state.encoded, state.made["a"].done) == (500, 1000, 500)


def test_a_segment_that_was_found_is_progress_without_work() -> None:
    script = begun(1000)
    script.segment("a", "one", A, 500, how="found")
    state = fold(script.records)
    assert (state.done, state.encoded, state.speed) == (500, 0, None)
    assert state.workers[A].segments == 0


def test_a_segment_that_was_fetched_was_made_elsewhere() -> None:
    script = begun(1000)
    script.segment("a", "one", A, 500)
    script.segment("a", "one", B, 500, how="fetched")
    script.segment("a", "of-an-earlier-run", B, 500, how="fetched")
    state = fold(script.records)
    assert (state.done, state.encoded) == (500, 500)


def test_a_segment_that_failed_is_neither() -> None:
    script = begun(1000)
    script.segment("a", "one", A, 500, outcome="failed")
    state = fold(script.records)
    assert (state.done, state.encoded) == (0, 0)
    assert state.workers[A].busy == 7
    script("segment", lesson="a", key="one", outcome="failed", worker="")
    assert fold(script.records).unreadable == 0


def test_speed_and_time_left_are_of_the_last_minutes() -> None:
    script = begun(frames=1_000_000)
    for piece in range(100):
        script.segment("a", f"slow/{piece}", A, 100, after=100)
    for piece in range(120):
        script.segment("a", f"fast/{piece}", A, 1000, after=10)
    state = fold(script.records)
    assert state.speed == pytest.approx(100, rel=0.02)
    assert state.seconds_left == pytest.approx((1_000_000 - 130_000) / 100, rel=0.02)
    script("beat", after=600)
    waiting = fold(script.records)
    assert waiting.speed is not None
    assert waiting.speed == pytest.approx(50, rel=0.02)
    script("run-ended", outcome="interrupted", counts={}, seconds=1)
    ended = fold(script.records)
    assert ended.speed == pytest.approx(130_000 / (100 * 100 + 120 * 10), rel=0.02)
    assert ended.seconds_left is None


def test_a_clock_of_the_machine_that_jumps_changes_nothing() -> None:
    script = season(40, 20)
    jumped = deepcopy(script.records)
    for number, each in enumerate(jumped):
        each["at"] = f"{2050 - number % 50}-01-01T00:00:00Z"
    jumped[0]["at"] = script.records[0]["at"]
    assert fold(jumped) == fold(script.records)


def test_a_lesson_goes_through_its_stages() -> None:
    script = begun()
    stages = []
    for event, fields in (
        ("segment", {"key": "one", "frames": 5, "how": "encoded", "outcome": "made"}),
        ("stage", {"stage": "join"}),
        ("stitched", {}),
        ("checked", {}),
        ("delivered", {}),
    ):
        script(event, lesson="a", worker=A, seconds=1.0, **fields)
        stages.append(fold(script.records).made["a"].stage)
    assert stages == ["encode", "join", "check", "publish", "publish"]
    assert fold(script.records).workers[A].lessons == 1
    script.end("a", "made")
    assert fold(script.records).under_way == []


def test_a_record_taken_twice_counts_once_and_one_that_is_missing_is_told() -> None:
    script = begun(1000)
    script.segment("a", "one", A, 500)
    twice = [each for each in script.records for _ in range(2)]
    assert fold(twice) == fold(script.records)
    del script.records[2:4]
    assert fold(script.records).lost == 2


def test_the_last_failures_are_kept_with_their_words_and_the_slowest_lessons() -> None:
    state = fold(season(600, 600).records)
    assert state.counts["failed"] + state.counts["refused"] > KEPT
    assert len(state.failures) == len(state.slowest) == KEPT
    words = next(each for each in state.failures if each["outcome"] == "failed")["errors"][0]
    assert words["where"] == {"path": "season/kk-3/lesson.yaml", "line": 3, "column": 8}
    assert words["message"]["kk"] == "12-сынып жоқ."
    assert words["remedy"]["ru"] == "Классы — от 1 до 11."
    assert max(state.slowest)[0] == max(
        each["result"]["seconds"] for each in season(600, 600).records if each["event"] == "lesson-ended"
    )


# Hostile journals ------------------------------------------------------------------------------

_STRANGE = [
    None,
    True,
    -1,
    1 << 60,
    0.5,
    float("nan"),
    float("inf"),
    "",
    "x" * 10_000,
    [],
    [[]],
    {},
    {"en": 1},
    "\ud800",
]


def _hostile(seed: int) -> Iterator[dict[str, Any]]:
    """A good journal with something strange in the place of a field here and there."""
    chance = random.Random(seed)  # noqa: S311
    for each in deepcopy(season(20, 15, segments=4).records):
        target = each
        while chance.random() < 0.3:
            inside = [value for value in target.values() if isinstance(value, dict) and value]
            target = chance.choice(inside) if inside else target
        name = chance.choice(list(target))
        if chance.random() < 0.4:
            target[name] = chance.choice(_STRANGE)
        elif chance.random() < 0.1:
            del target[name]
        yield each


@pytest.mark.parametrize("seed", range(40))
def test_wrong_types_are_counted_and_never_raise(seed: int) -> None:
    state = fold(_hostile(seed))
    assert state.unreadable > 0
    assert all(count >= 0 for count in state.counts.values())
    assert state.speed is None or state.speed >= 0
    assert len(str(state.failures)) < 1_000_000


@pytest.mark.parametrize(
    ("event", "name", "value"),
    [
        ("segment", "frames", True),
        ("segment", "frames", -5),
        ("segment", "frames", 5.0),
        ("segment", "seconds", float("nan")),
        ("segment", "seconds", "7"),
        ("segment", "lesson", ["a"]),
        ("segment", "worker", {"a": 1}),
        ("segment", "outcome", []),
        ("stage", "stage", "dancing"),
        ("stage", "stage", {}),
        ("plan", "frames", None),
        ("run-ended", "outcome", "running"),
        ("run-ended", "outcome", {}),
        ("lesson-ended", "result", "made"),
        ("lesson-ended", "result", {"id": "a", "script": "a", "seconds": 1, "outcome": "eaten"}),
        ("lesson-ended", "result", {"id": "a", "script": "a", "seconds": 1, "outcome": ["made"]}),
        ("segment", "n", "7"),
        ("segment", "t", -1),
    ],
)
def test_a_field_of_a_wrong_type_is_not_believed(event: str, name: str, value: object) -> None:
    script = begun(1000)
    good = {
        "segment": {"key": "one", "frames": 5, "how": "encoded", "outcome": "made", "seconds": 1.0, "worker": A},
        "stage": {"stage": "join", "worker": A},
        "plan": {"frames": 7},
        "run-ended": {"outcome": "complete", "counts": {}},
        "lesson-ended": {"result": {"id": "a", "script": "a", "seconds": 1, "outcome": "made"}},
    }[event]
    script(event, lesson="a", **good)
    before = fold(script.records[:-1])
    assert fold(script.records).unreadable == 0
    script.records[-1][name] = value
    after = fold(script.records)
    assert after.unreadable == 1
    assert (after.done, after.encoded, after.ended, after.frames) == (0, 0, "", 1000)
    assert (after.outcomes, after.made) == (before.outcomes, before.made)


def test_a_run_that_ended_has_ended_whatever_it_counted() -> None:
    script = begun()
    script("run-ended", outcome="complete", counts={"made": "many"}, seconds=1)
    state = fold(script.records)
    assert (state.ended, state.unreadable, state.counts["made"]) == ("complete", 1, 0)


def test_events_that_nobody_knows_are_passed_over() -> None:
    script = begun()
    known = fold(script.records)
    script("from-a-later-version", lesson=7)
    later = fold(script.records)
    assert later.unreadable == 0
    assert later.made == known.made


def test_lines_that_are_no_records_are_counted() -> None:
    assert fold([{"event": UNREADABLE}, {"event": UNREADABLE}, {}, {"event": 5}, {"event": []}]).unreadable == 5


def test_however_many_names_there_are_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "MOST_LESSONS", 50)
    monkeypatch.setattr(folding, "MOST_WORKERS", 5)
    monkeypatch.setattr(folding, "MOST_KEYS", 70)
    script = Script()
    for number in range(200):
        script.segment(f"lesson-{number}", f"key-{number}", f"tcp://{number}")
        script.end(f"other-{number}", "failed")
    state = fold(script.records)
    assert (len(state.made), len(state.outcomes), len(state.workers)) == (75, 50, 5)
    assert len(state.failures) == KEPT
    assert state.unreadable == 175 + 150


@pytest.mark.slow
def test_a_season_of_two_thousand_lessons_is_read_in_seconds_and_little_memory(tmp_path: Path) -> None:
    path = lay(tmp_path, season(2000, 1997, segments=35).records)
    assert path.read_bytes().count(b"\n") > 70_000
    shelf = Shelf(tmp_path)
    started = time.process_time()
    state = fold(read(shelf))
    seconds = time.process_time() - started
    assert state.counts["made"] > 1500
    tracemalloc.start()
    fold(read(shelf))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Measured: 0.7 s and 6 MB for 80,000 records; the margin is for slow machines.
    assert seconds < 8
    assert peak < 40_000_000


def test_strange_text_survives_the_way_through_a_file(tmp_path: Path) -> None:
    script = begun()
    script.end("a", "failed")
    script.records[-1]["result"]["errors"] = [{"code": "\udcff", "message": {"en": "\u202e\x1b[2J"}}]
    lay(tmp_path, [json.dumps(each).encode() + b"\n" for each in script.records])
    assert fold(read(Shelf(tmp_path))) == fold(script.records)
