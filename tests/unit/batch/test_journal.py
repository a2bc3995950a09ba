"""The journal: numbered, whole lines, readable at every moment, whatever kills its writer."""

from __future__ import annotations

import errno
import itertools
import json
import multiprocessing
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.batch import journal
from pipeline.batch.fold import fold
from pipeline.batch.journal import FOLDER, MOST_LINE, UNREADABLE, Journal, Run, choose, read, runs
from pipeline.batch.storage import open_output
from pipeline.errors import UsageError
from tests.unit.batch.recorded import Shelf, lay

ROOT = Path(__file__).parents[3]
PATIENCE = 30


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


class Heard:
    """A log that remembers what it was asked for, and fails when `fails` says so."""

    def __init__(self, fails: Callable[[bytes], bool] = lambda _data: False) -> None:
        self.steps: list[str] = []
        self.data = b""
        self._fails, self._news = fails, threading.Condition()

    def write(self, data: bytes) -> None:
        if self._fails(data):
            self.data += data[: len(data) // 2]
            raise OSError(errno.ENOSPC, "No space left on device")
        self.data += data
        self._note(json.loads(data)["event"])

    def flush(self) -> None:
        self._note("flush")

    def close(self) -> None:
        self._note("close")

    def _note(self, step: str) -> None:
        with self._news:
            self.steps.append(step)
            self._news.notify_all()

    def wait_for(self, step: str, times: int) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self.steps.count(step) >= times, PATIENCE), self.steps


class HeardShelf(Shelf):
    def __init__(self, local: Path, log: Heard) -> None:
        super().__init__(local)
        self.log = log

    def append_log(self, name: str) -> Any:
        return self.log


# Runs and records ------------------------------------------------------------------------------


def test_records_come_back_as_they_were_given_numbered_from_one(shelf: Shelf) -> None:
    with Journal.start(shelf, lessons=2, host="here") as written:
        written.record("lesson-started", lesson="қазақ-8")
        assert [each["event"] for each in read(shelf)][:2] == ["run-started", "lesson-started"]
    first, second = (each for each in read(shelf) if each["event"] != "beat")
    assert (first["event"], first["run"], first["lessons"], first["host"]) == ("run-started", 1, 2, "here")
    assert (second["event"], second["lesson"]) == ("lesson-started", "қазақ-8")
    assert (first["n"], second["n"]) == (1, 2)
    assert 0 <= first["t"] <= second["t"] < PATIENCE
    assert datetime.fromisoformat(first["at"]).tzinfo is not None


def test_every_run_has_a_file_of_its_own_and_the_next_number(shelf: Shelf) -> None:
    for _ in range(3):
        Journal.start(shelf, lessons=1).close()
    lay(shelf.local, [], number=41)
    Journal.start(shelf, lessons=1).close()
    assert [run.number for run in runs(shelf)] == [1, 2, 3, 41, 42]
    assert next(read(shelf))["run"] == 42
    assert next(read(shelf, 2))["run"] == 2


def test_what_else_lies_in_the_folder_is_no_run(shelf: Shelf) -> None:
    lay(shelf.local, [], number=7)
    for name in ("notes.txt", "9-0a1b.jsonl", "000009-0a1b.jsonl.swp", "000009-zzzz.jsonl", "x000009-0a1b.jsonl"):
        (shelf.local / FOLDER / name).write_text("")
    assert [run.number for run in runs(shelf)] == [7]


def test_an_object_store_keeps_a_log_in_pieces_and_it_is_one_run(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [f"{FOLDER}/000003-0a1b.jsonl.d/{piece:06d}" for piece in (1, 2, 3)]
    monkeypatch.setattr(shelf, "names", lambda _prefix: pieces)
    assert runs(shelf) == [Run(3, f"{FOLDER}/000003-0a1b.jsonl")]


def test_a_folder_without_a_journal_and_a_run_that_is_not_there_are_wrong_use(shelf: Shelf) -> None:
    with pytest.raises(UsageError) as none:
        choose(shelf)
    assert none.value.problems[0].code == "status.no-journal"
    lay(shelf.local, [], number=5)
    with pytest.raises(UsageError) as missing:
        read(shelf, 6)
    assert missing.value.problems[0].code == "status.no-run"


def test_a_clock_that_is_set_back_changes_no_order(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    class Backwards(datetime):
        passed = itertools.count()

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2026, 5, 4, tzinfo=UTC) - timedelta(days=next(cls.passed))

    monkeypatch.setattr(journal, "datetime", Backwards)
    for _ in range(2):
        with Journal.start(shelf, lessons=1) as written:
            written.record("plan")
    records = list(read(shelf))
    assert records[0]["run"] == 2
    assert records[0]["at"] > records[1]["at"]
    assert records[0]["n"] < records[1]["n"]
    assert records[0]["t"] <= records[1]["t"]


def test_records_of_many_threads_are_whole_and_numbered_without_gaps(shelf: Shelf) -> None:
    with Journal.start(shelf, lessons=1) as written:

        def work(name: int) -> None:
            for piece in range(200):
                written.record("segment", lesson=f"lesson-{name}", key="k" * 64, piece=piece)

        threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    records = list(read(shelf))
    assert [each["n"] for each in records] == list(range(1, len(records) + 1))
    assert sum(each["event"] == "segment" for each in records) == 1600


def test_after_close_nothing_is_recorded_and_closing_again_is_harmless(shelf: Shelf) -> None:
    written = Journal.start(shelf, lessons=1)
    written.close()
    written.record("plan")
    written.close()
    assert [each["event"] for each in read(shelf)] == ["run-started"]
    assert written.trouble is None


# What may be recorded --------------------------------------------------------------------------


def test_fields_become_plain_data_and_cannot_take_the_place_of_the_head(shelf: Shelf) -> None:
    knot: dict[str, object] = {}
    knot["self"] = knot
    with Journal.start(shelf, lessons=1) as written:
        written.record("a", path=Path("/x"), seconds=float("nan"), keys={("a", 1): 2}, n=99, t=-1, name="\udcff\u2028")
        written.record("b", knot=knot)
    _, first, second = (each for each in read(shelf) if each["event"] != "beat")
    assert (first["event"], first["n"]) == ("a", 2)
    assert first["t"] >= 0
    assert (first["path"], first["seconds"], first["keys"]) == ("/x", "nan", {"('a', 1)": 2})
    assert (second["event"], second["shortened"]) == ("b", True)


def test_a_record_that_is_too_long_is_shortened_and_still_read(shelf: Shelf) -> None:
    errors = [{"code": f"lesson.{i}", "message": {"en": "x" * 5000}} for i in range(1000)]
    with Journal.start(shelf, lessons=1) as written:
        written.record("lesson-ended", result={"id": "a", "errors": errors})
    record = list(read(shelf))[1]
    assert len(json.dumps(record)) < MOST_LINE
    assert record["result"]["id"] == "a"
    assert record["result"]["errors"][0] == {"code": "lesson.0", "message": {"en": "x" * 1000}}
    assert 0 < len(record["result"]["errors"]) < 1000


# What may be read ------------------------------------------------------------------------------


def test_cut_off_at_any_byte_every_complete_record_is_read_and_nothing_else(shelf: Shelf) -> None:
    with Journal.start(shelf, lessons=1) as written:
        written.record("lesson-started", lesson="сабақ")
        written.record("run-ended", outcome="complete")
    path = shelf.local / runs(shelf)[0].name
    whole = path.read_bytes()
    assert whole.count(b"\n") == 3
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        complete = [json.loads(line) for line in whole[:length].split(b"\n")[:-1]]
        found = list(read(shelf))
        # A record of which only the end of the line is missing is there, too.
        assert found[: len(complete)] == complete
        assert len(found) - len(complete) <= (whole[length : length + 1] == b"\n")


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\x00",
        b"[1, 2]",
        b"null",
        b'{"n": 1}',
        b'{"event": 7}',
        b'{"event": "a"',
        b"[" * 100_000,
        b'{"event":"a","n":' + b"9" * 10_000 + b"}",
        b'{"event":"a","x":"' + b"x" * MOST_LINE + b'"}',
    ],
    ids=["bytes", "list", "null", "no-event", "event-is-number", "half", "deep", "huge-number", "long"],
)
def test_a_line_that_is_none_of_ours_is_told_and_passed_over(shelf: Shelf, line: bytes) -> None:
    lay(shelf.local, [{"event": "a"}, line + b"\n", {"event": "b"}])
    assert [each["event"] for each in read(shelf)] == ["a", UNREADABLE, "b"]


def test_empty_lines_are_nothing(shelf: Shelf) -> None:
    lay(shelf.local, [b"\n", {"event": "a"}, b"  \n\n"])
    assert [each["event"] for each in read(shelf)] == ["a"]


# Disks -----------------------------------------------------------------------------------------


def test_a_full_disk_costs_records_and_nothing_else(tmp_path: Path) -> None:
    log = Heard(lambda data: b'"lost"' in data)
    with Journal.start(HeardShelf(tmp_path, log), lessons=1) as written:
        written.record("plan", lessons=1)
        written.record("lost")
        written.record("lost")
        written.record("run-ended", outcome="complete")
    assert written.trouble is not None
    assert written.trouble.code == "status.journal-trouble"
    assert written.trouble.fields["reason"] == "No space left on device"
    state = fold(journal._records(iter(log.data.splitlines(keepends=True))))
    assert (state.ended, state.lost) == ("complete", 2)


def test_what_cost_work_is_made_safe_at_once_and_the_rest_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "FLUSH_SECONDS", 3600.0)
    log = Heard()
    written = Journal.start(HeardShelf(tmp_path, log), lessons=1)
    log.wait_for("flush", 1)
    for _ in range(500):
        written.record("segment", lesson="a")
        written.record("lesson-ended", result={"id": "b", "outcome": "unchanged"})
    assert log.steps.count("flush") == 1
    written.record("lesson-ended", result={"id": "a", "outcome": "made"})
    log.wait_for("flush", 2)
    written.record("segment", lesson="a")
    written.close()
    assert log.steps[-2:] == ["flush", "close"]
    assert log.steps.count("flush") == 3


def test_in_a_store_only_the_run_itself_is_in_a_hurry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "STORE_SECONDS", (3600.0, 7200.0))
    log = Heard()
    shelf = HeardShelf(tmp_path, log)
    shelf.local = None  # type: ignore[assignment]
    monkeypatch.setattr(shelf, "names", lambda _prefix: [])
    written = Journal.start(shelf, lessons=1)
    log.wait_for("flush", 1)
    written.record("lesson-ended", result={"id": "a", "outcome": "made"})
    written.record("plan", lessons=1)
    log.wait_for("flush", 2)
    written.record("run-ended", outcome="complete")
    log.wait_for("flush", 3)
    assert log.steps == ["run-started", "flush", "lesson-ended", "plan", "flush", "run-ended", "flush"]
    written.close()


def test_a_quiet_run_still_shows_how_far_time_has_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(journal, "FLUSH_SECONDS", 0.01)
    log = Heard()
    with Journal.start(HeardShelf(tmp_path, log), lessons=1):
        log.wait_for("beat", 3)
    assert fold(journal._records(iter(log.data.splitlines()))).t > 0


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_begun(tmp_path: Path) -> None:
    (tmp_path / ".telesabaq").write_text("a file where the folder should be")
    with pytest.raises(UsageError) as error:
        Journal.start(Shelf(tmp_path), lessons=1)
    assert error.value.problems[0].code == "build.cannot-write"


@pytest.mark.parametrize("place", ["{folder}/out", "file://{folder}/out", "memory://{folder}/out"])
def test_every_kind_of_output_folder_keeps_it(tmp_path: Path, place: str) -> None:
    output = open_output(place.format(folder=tmp_path))
    for number in (1, 2):
        with Journal.start(output, lessons=2, out=output.url) as written:
            for piece in range(100):
                written.record("segment", lesson="қазақ-8", piece=piece)
            written.record("run-ended", outcome="complete")
        assert (written.run.number, written.trouble) == (number, None)
        records = list(read(output))
        assert [each["n"] for each in records] == list(range(1, len(records) + 1))
        assert [each["piece"] for each in records if each["event"] == "segment"] == list(range(100))
    assert [run.number for run in runs(output)] == [1, 2]


# Several drivers, killed drivers ---------------------------------------------------------------


def _drive(folder: Path, barrier: Any, own: int) -> None:
    barrier.wait(PATIENCE)
    with Journal.start(Shelf(folder), lessons=1, own=own) as written:
        for _ in range(50):
            written.record("segment", own=own)


def test_drivers_that_start_at_the_same_moment_never_share_a_file(tmp_path: Path) -> None:
    spawning = multiprocessing.get_context("spawn")
    barrier = spawning.Barrier(4)
    drivers = [spawning.Process(target=_drive, args=(tmp_path, barrier, own)) for own in range(4)]
    for each in drivers:
        each.start()
    for each in drivers:
        each.join(PATIENCE)
    assert [each.exitcode for each in drivers] == [0] * 4
    shelf = Shelf(tmp_path)
    writers = [{each["own"] for each in read(shelf, run) if each["event"] != "beat"} for run in runs(shelf)]
    assert sorted(writers, key=str) == [{0}, {1}, {2}, {3}]


def test_the_same_number_and_the_same_chance_still_give_two_files(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    chances = iter(["aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr(journal, "token_hex", lambda _bytes: next(chances))
    # Both looked before either wrote.
    monkeypatch.setattr(journal, "runs", lambda _output: [])
    one, other = journal._claim(shelf), journal._claim(shelf)
    assert (one.name, other.name) == (f"{FOLDER}/000001-aaaa.jsonl", f"{FOLDER}/000001-bbbb.jsonl")


_DRIVER = """
import sys
from itertools import count
from pathlib import Path
from pipeline.batch.journal import Journal
from tests.unit.batch.recorded import Shelf
journal = Journal.start(Shelf(Path(sys.argv[1])), lessons=1)
for piece in count():
    journal.record("segment", lesson="a", key="k" * 64, label="x" * (piece % 300), piece=piece)
    print(piece, flush=True)
"""


@pytest.mark.slow
def test_a_driver_killed_at_any_moment_leaves_every_record_that_it_had_made(shelf: Shelf) -> None:
    chance = random.Random(20260504)  # noqa: S311
    for number in range(1, 9):
        last = chance.choice([0, chance.randrange(1, 40), chance.randrange(40, 3000)])
        with subprocess.Popen(
            [sys.executable, "-c", _DRIVER, str(shelf.local)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as driver:
            assert driver.stdout is not None
            assert any(int(line) == last for line in driver.stdout)
            driver.send_signal(signal.SIGKILL)
        assert driver.returncode == -signal.SIGKILL
        records = list(read(shelf))
        assert records[0]["run"] == number
        assert [each["n"] for each in records] == list(range(1, len(records) + 1))
        pieces = [each["piece"] for each in records if each["event"] == "segment"]
        assert pieces == list(range(len(pieces)))
        assert len(pieces) > last
    assert [run.number for run in runs(shelf)] == list(range(1, 9))
