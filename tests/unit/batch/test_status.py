"""How a batch stands: running only while its own driver is alive, never by the clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.batch.journal import Journal
from pipeline.batch.status import look
from pipeline.batch.storage import open_output
from pipeline.errors import UsageError
from tests.unit.batch.recorded import HOLDER, Script, Shelf, lay, season


def ended(outcome: str, script: Script | None = None) -> Script:
    script = script or season(20, 20, trouble=outcome == "incomplete")
    script("run-ended", outcome=outcome, counts={}, seconds=1)
    return script


def standing(tmp_path: Path, script: Script, holder: object = None, number: int | None = None):
    lay(tmp_path, script.records, 12)
    return look(Shelf(tmp_path, holder), number)


@pytest.mark.parametrize(
    ("holder", "state"),
    [
        (HOLDER, "running"),
        (None, "interrupted"),
        ({"host": "builder-3", "pid": 41231, "driver": "another"}, "interrupted"),
        ({"host": "builder-3", "pid": 41231}, "running"),
        ({"host": "builder-3", "pid": 7}, "interrupted"),
        ({"host": "elsewhere", "pid": 41231}, "interrupted"),
        ({}, "interrupted"),
    ],
    ids=["own", "nobody", "same-pid-other-driver", "own-without-name", "other-pid", "other-host", "unknown"],
)
def test_a_run_without_an_end_runs_only_while_its_own_driver_lives(tmp_path: Path, holder: object, state: str) -> None:
    found = standing(tmp_path, season(40, 20, trouble=False), holder)
    assert found.state == state
    assert found.cut_off == (state == "interrupted")
    assert found.exit_code == (state == "interrupted")
    assert (found.other is None) == (state == "running" or holder is None)
    assert bool(found.under_way) == (state == "running")
    assert found.counts["under-way"] + found.counts["waiting"] == 20


@pytest.mark.parametrize(("outcome", "code"), [("complete", 0), ("incomplete", 1), ("stopped", 1), ("interrupted", 1)])
def test_a_run_that_ended_says_how(tmp_path: Path, outcome: str, code: int) -> None:
    found = standing(tmp_path, ended(outcome))
    assert (found.state, found.cut_off, found.exit_code) == (outcome, False, code)


def test_a_running_batch_with_a_failure_is_exit_code_1(tmp_path: Path) -> None:
    found = standing(tmp_path, season(40, 20), HOLDER)
    assert (found.state, found.bad > 0, found.exit_code) == ("running", True, 1)


def test_an_earlier_run_never_runs_even_if_its_driver_seems_to(tmp_path: Path) -> None:
    lay(tmp_path, season(40, 20, trouble=False).records, 11)
    lay(tmp_path, season(40, 10, trouble=False).records, 12)
    shelf = Shelf(tmp_path, HOLDER)
    assert look(shelf, 11).state == "interrupted"
    assert look(shelf, 12).state == look(shelf).state == "running"
    assert look(shelf).runs == (11, 12)
    with pytest.raises(UsageError):
        look(shelf, 13)


def test_a_driver_that_begins_after_a_complete_run_is_told(tmp_path: Path) -> None:
    found = standing(tmp_path, ended("complete"), {"host": "builder-4", "pid": 9})
    assert (found.state, found.exit_code) == ("complete", 0)
    assert found.other == {"host": "builder-4", "pid": 9}


def test_a_driver_without_a_journal_yet_is_running(tmp_path: Path) -> None:
    found = look(Shelf(tmp_path, HOLDER))
    assert (found.state, found.exit_code, found.run.run, found.other) == ("running", 0, 0, HOLDER)


def test_a_folder_where_nothing_ever_ran_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        look(Shelf(tmp_path))


def test_a_journal_that_was_cut_off_before_its_first_record_is_a_run(tmp_path: Path) -> None:
    lay(tmp_path, [b'{"n":1,"at":"20'], 3)
    found = look(Shelf(tmp_path))
    assert (found.run.run, found.state, found.run.unreadable) == (3, "interrupted", 0)


def test_a_run_that_ends_between_two_looks_was_not_interrupted(tmp_path: Path) -> None:
    script = season(20, 20, trouble=False)
    path = lay(tmp_path, script.records, 12)

    class Ending(Shelf):
        def lease_holder(self, waiting: object = None) -> None:
            lay(tmp_path, ended("complete", script).records, 12)

    assert b"run-ended" not in path.read_bytes()
    assert look(Ending(tmp_path)).state == "complete"


def test_the_lease_of_a_real_folder_says_who_is_alive(tmp_path: Path) -> None:
    output = open_output(str(tmp_path / "out"))
    with output.lease(HOLDER):
        assert look(output).run.run == 0
        with Journal.start(output, lessons=3, **HOLDER) as journal:
            assert (look(output).state, look(output).run.all) == ("running", 3)
        assert (look(output).state, look(output).run.pid) == ("running", 41231)
    assert (look(output).state, look(output).cut_off) == ("interrupted", True)
    with output.lease(HOLDER | {"pid": 7, "driver": "next"}):
        assert (look(output).state, look(output).other) == ("interrupted", HOLDER | {"pid": 7, "driver": "next"})
        with Journal.start(output, lessons=3, pid=7, driver="next", host="builder-3") as journal:
            journal.record("run-ended", outcome="complete", counts={}, seconds=1)
    assert (look(output).state, look(output).run.run, look(output, 1).state) == ("complete", 2, "interrupted")


def test_everything_can_be_told_as_json(tmp_path: Path) -> None:
    told = json.loads(json.dumps(standing(tmp_path, season(171, 60), HOLDER).to_json(), allow_nan=False))
    assert (told["run"], told["runs"], told["state"], told["exit_code"]) == (12, [12], "running", 1)
    assert told["lessons"]["all"] == sum(count for name, count in told["lessons"].items() if name != "all") == 171
    assert told["frames"] == {"planned": 2_852_500, "done": 931_000, "encoded": 931_000}
    assert told["speed"] == pytest.approx(25 * told["real_time"], rel=0.01)
    assert told["seconds_left"] == pytest.approx((2_852_500 - 931_000) / told["speed"], rel=0.01)
    assert told["under_way"][0] == {"lesson": "kk-8-history-0062", "stage": "encode", "frames": 17500, "done": 11500}
    assert [worker["there"] for worker in told["workers"]] == [True, True, False]
    assert {words["code"] for failure in told["failures"] for words in failure["errors"]} >= {"lesson.grade"}
    assert told["records"]["unreadable"] == told["records"]["lost"] == 0


def test_real_time_is_the_films_own(tmp_path: Path) -> None:
    def with_rate(fps: object) -> Iterator[float]:
        script = season(40, 20)
        for each in script.records:
            if each["event"] == "lesson-ended":
                each["result"]["film"] = {"fps": fps}
        found = standing(tmp_path, script, HOLDER)
        assert found.real_time is not None
        assert found.run.speed is not None
        yield found.run.speed / found.real_time

    assert list(with_rate(50)) == pytest.approx([50])
    assert list(with_rate("30000/1001")) == pytest.approx([29.97], abs=0.01)
    for strange in (None, 0, "1/0", "x", -25, [25], "9" * 1000):
        assert list(with_rate(strange)) == pytest.approx([25])
