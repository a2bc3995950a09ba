"""What our own commands write is what the rule on records takes for theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.batch.journal import Journal
from pipeline.batch.lease import hold_file
from pipeline.batch.storage import open_output
from pipeline.batch.summary import write_summary
from pipeline.checks.records import record_fault
from pipeline.lesson.scaffold import new_lesson
from pipeline.render.cache import Cache
from pipeline.render.sidecars import cue_sheet
from tests.unit.batch.season import Folder, season
from tests.unit.timeline.test_conform import timeline_of


def test_our_own_schema_cue_sheet_and_summary_are_records(tmp_path: Path, make_lesson: Callable[..., Path]) -> None:
    _, schema = new_lesson(tmp_path / "new", "kk")
    (tmp_path / "cues.csv").write_text(cue_sheet(timeline_of(make_lesson())), encoding="utf-8")
    results, _ = season(3, drawn=False)
    folder = Folder()
    write_summary(folder, results, {"run": 1, "outcome": "complete"}, Cache(tmp_path / "cache"), "kk")
    (tmp_path / "batch.json").write_bytes(folder.files["batch.json"])
    for path in (schema, tmp_path / "cues.csv", tmp_path / "batch.json"):
        assert record_fault(path, path.name) is None


def test_our_own_journal_and_lease_are_records(tmp_path: Path) -> None:
    with hold_file(tmp_path / "lease.json", {"pid": 1, "host": "a", "driver": "b", "since": "c"}, "out"):
        assert record_fault(tmp_path / "lease.json", "lease.json") is None
    assert record_fault(tmp_path / "lease.json", "lease.json") is None
    with Journal.start(open_output(str(tmp_path)), lessons=2) as journal:
        journal.record("note", what="\u2028")
    path = tmp_path / journal.run.name
    assert record_fault(path, journal.run.name) is None


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1"])
def test_a_cell_that_runs_is_told_before_a_wrong_form(cell: str, tmp_path: Path) -> None:
    (tmp_path / "cues.csv").write_text(f"track,start,end,x\n{cell}\n")
    assert record_fault(tmp_path / "cues.csv", "cues.csv") == ("formula", cell)
