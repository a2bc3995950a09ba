"""A worker that crashes, hangs, spins or eats the memory costs its own file alone, and the file is told so."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.checks.confine import Bounds
from pipeline.checks.judge import Judged
from pipeline.checks.pool import Work, batches, workers
from pipeline.checks.subject import Kind, Submitted, Task
from pipeline.errors import SpecError
from pipeline.rulebook import load_check_profile
from tests.unit.checks import misbehaving

NAMES = ["a.png", "bad.png", "c.png", "d.png"]
Judge = Callable[[Work, Bounds], dict[str, Judged]]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    folder, private = tmp_path / "submission", tmp_path / "private"
    folder.mkdir()
    private.mkdir()

    def run(work: Work, bounds: Bounds, names: list[str] | None = None, jobs: int = 1) -> dict[str, Judged]:
        tasks = []
        for name in names or NAMES:
            path = folder / name
            path.touch()
            tasks.append(Task(Submitted(path, name, name, Kind.PICTURE), private))
        with workers(jobs, load_check_profile(), bounds, [folder], private, work) as pool:
            return {task.file.name: verdict for task, verdict in pool.judged(tasks)}

    return run


def told(verdicts: dict[str, Judged]) -> dict[str, str]:
    """What each file that could not be judged is told."""
    return {name: each.report.findings[0].variant for name, each in verdicts.items() if each.report.findings}


@pytest.mark.parametrize(
    ("work", "bounds", "variant"),
    [
        (misbehaving.crash, Bounds(), "crashed"),
        (misbehaving.hang, Bounds(seconds=1), "too-slow"),
        (misbehaving.spin, Bounds(cpu_seconds=1), "too-slow-cpu"),
        (misbehaving.hoard, Bounds(memory=1_000_000_000), "too-large"),
        (misbehaving.lose_sight, Bounds(), "unreadable"),
    ],
)
def test_only_the_file_at_fault_is_lost(judged: Judge, work: Work, bounds: Bounds, variant: str) -> None:
    verdicts = judged(work, bounds)
    assert list(verdicts) == NAMES
    assert told(verdicts) == {"bad.png": variant}
    assert all(verdicts[name].report.passed for name in NAMES if name != "bad.png")
    assert verdicts["bad.png"].report.findings[0].outcome == "not-run"


def test_a_hang_that_no_signal_reaches_is_killed_from_without(judged: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.checks.pool._GRACE", 1)
    assert told(judged(misbehaving.hang_where_no_signal_reaches, Bounds(seconds=1))) == {"bad.png": "too-slow"}


def test_a_hang_takes_its_child_process_along(judged: Judge, tmp_path: Path) -> None:
    judged(misbehaving.hang, Bounds(seconds=1))
    child = int((tmp_path / "private" / "child").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_small_files_are_handed_over_together_and_still_fall_alone(judged: Judge) -> None:
    names = (
        [f"{number:03}.png" for number in range(30)] + ["bad.png"] + [f"{number:03}.png" for number in range(31, 90)]
    )
    verdicts = judged(misbehaving.crash, Bounds(), names, jobs=2)
    assert list(verdicts) == names
    assert told(verdicts) == {"bad.png": "crashed"}


def test_batches_keep_the_order_and_leave_large_files_to_themselves(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(200)]
    for path in paths:
        path.touch()
    with paths[100].open("wb") as large:
        large.truncate(3_000_000)
    made = list(batches([Task(Submitted(path, path.name, path.name, Kind.PICTURE), tmp_path) for path in paths], 2))
    assert [task.file.path for batch in made for task in batch] == paths
    assert [len(batch) for batch in made if paths[100] in {task.file.path for task in batch}] == [1]
    assert max(len(batch) for batch in made) == 16


def test_an_error_of_ours_reaches_the_caller_with_what_it_says(judged: Judge) -> None:
    with pytest.raises(SpecError) as told_so:
        judged(misbehaving.find_a_rule_half_made, Bounds())
    assert [each.fields for each in told_so.value.problems] == [{"name": "PIC-099"}]


def test_a_file_that_vanished_before_it_was_handed_out_is_told_and_the_others_are_judged(tmp_path: Path) -> None:
    there, gone = tmp_path / "a.png", tmp_path / "gone.png"
    there.touch()
    tasks = [Task(Submitted(path, path.name, path.name, Kind.PICTURE), tmp_path) for path in (there, gone)]
    with workers(1, load_check_profile(), Bounds(), [tmp_path], tmp_path) as pool:
        found = {
            task.file.name: [each.rule for each in verdict.report.findings] for task, verdict in pool.judged(tasks)
        }
    assert found["gone.png"] == ["RUN-001"]
    assert "RUN-001" not in found["a.png"]
