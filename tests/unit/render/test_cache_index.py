"""The index only remembers: whatever becomes of it, nothing else may fail."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.render import index as module
from pipeline.render.cache import Cache
from pipeline.render.index import Index

ROOT = Path(__file__).parents[3]
FACTS = 2000


@pytest.fixture
def filled(tmp_path: Path) -> Index:
    """An index of several hundred pages, open, with nothing of it in memory."""
    with closing(Index(tmp_path, "before")) as before:
        for number in range(FACTS):
            before.remember(f"fact {number}", "x" * 200)
        before.keep_digest("/a", "1", "0" * 64)
    return Index(tmp_path, "after")


def works(index: Index) -> bool:
    index.remember("new", {"a": 1})
    index.count(found=1)
    return index.recall("new") == {"a": 1} and index.uses()[0].found >= 1


def overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))


def emptied(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate()


def without_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TABLE facts")
        database.execute("DROP TABLE runs")


def of_others(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TABLE facts")
        database.execute("CREATE TABLE facts (other INTEGER)")


def gone(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    path.unlink()
    path.write_bytes(b"this is no database, whatever it is called" * 100)


DAMAGES: list[Callable[[Path], None]] = [overwritten, emptied, without_tables, of_others, gone, replaced]


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_index_that_is_damaged_while_in_use_is_begun_anew(
    tmp_path: Path, filled: Index, damage: Callable[[Path], None]
) -> None:
    assert filled.recall("fact 0") == "x" * 200
    damage(tmp_path / "index.sqlite")
    for number in range(FACTS):
        assert filled.recall(f"fact {number}") in ("x" * 200, None)
        filled.remember(f"fact {number}", "y")
    assert works(filled)
    filled.close()
    later = Index(tmp_path, "later")
    # What is damaged may be met by the first that reads.
    assert works(later) or works(later)


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_index_that_is_damaged_when_it_is_opened_is_begun_anew(
    tmp_path: Path, filled: Index, damage: Callable[[Path], None]
) -> None:
    filled.close()
    damage(tmp_path / "index.sqlite")
    with closing(Index(tmp_path, "later")) as later:
        assert works(later)
        assert later.digest("/a", "1") in ("0" * 64, None)
    assert works(Index(tmp_path, "after all"))


def test_processes_that_hold_the_damaged_file_meet_in_the_new_one(tmp_path: Path, filled: Index) -> None:
    others = [Index(tmp_path, name) for name in ("one", "two")]
    without_tables(tmp_path / "index.sqlite")
    filled.remember("who", "first")
    assert [each.recall("who") for each in others] == ["first", "first"]
    for each in (filled, *others):
        each.close()
    assert [path.name for path in tmp_path.glob("index*")] == ["index-1.sqlite"]


def test_a_folder_in_its_place_costs_only_measuring_again(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite").mkdir()
    index = Index(tmp_path, "run")
    index.remember("a", 1)
    assert index.recall("a") in (1, None)
    index.close()


def test_a_full_disk_is_no_error_and_what_was_kept_before_stays(tmp_path: Path) -> None:
    index = Index(tmp_path, "run")
    index.remember("before", 1)
    assert index._database is not None
    pages = index._database.execute("PRAGMA page_count").fetchone()[0]
    index._database.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(50):
        index.remember(f"fact {number}", "x" * 5000)
        index.keep_digest(f"/file {number}", "1" * 3000, "0" * 64)
        index.count(made=1, added=10)
    index.flush()
    assert index.recall("before") == 1
    assert index.recall("fact 49") is None
    assert not list(tmp_path.glob("index-*"))


def test_a_file_that_others_keep_locked_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BUSY_SECONDS", 0.05)
    index = Index(tmp_path, "run")
    with closing(sqlite3.connect(tmp_path / "index.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        index.remember("a", 1)
        index.count(made=1)
        index.flush()
        other.execute("ROLLBACK")
    assert index.recall("a") is None
    # Counts are not lost: they wait for the next time.
    assert index.uses()[0].made == 1


def test_rows_that_are_none_of_ours_are_not_believed(tmp_path: Path) -> None:
    index = Index(tmp_path, "run")
    index.count(found=1)
    index.flush()
    with closing(sqlite3.connect(tmp_path / "index.sqlite")) as other, other:
        other.execute("INSERT INTO files VALUES ('/a', '1', 'not a digest')")
        other.execute("INSERT INTO facts VALUES ('a', '{')")
        other.execute("INSERT INTO facts VALUES ('b', x'ff00')")
        other.execute("UPDATE runs SET saved = 'much', found = NULL")
        other.execute("REPLACE INTO held VALUES (1, 'all')")
    assert index.digest("/a", "1") is None
    assert index.recall("a") is None
    assert index.recall("b") is None
    assert index.uses()[0].found == 0
    assert index.held() is None


def test_the_last_runs_are_kept_apart_and_older_ones_only_in_the_sum(tmp_path: Path) -> None:
    for number in range(module.RUNS + 10):
        with closing(Index(tmp_path, f"run {number}")) as index:
            index.count(made=1)
    total, runs = Index(tmp_path, "look").uses()
    assert total.made == module.RUNS + 10
    assert [each.run for each in runs] == [f"run {number}" for number in reversed(range(10, module.RUNS + 10))]


def test_counting_does_not_write_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FLUSH_SECONDS", 3600)
    index = Index(tmp_path, "run")
    index.count(found=1)
    assert index._database is not None
    before = index._database.total_changes
    for _ in range(1000):
        index.count(found=1, saved=1.0)
    assert index._database.total_changes == before
    assert index.uses()[0].found == 1001


def test_readers_and_writers_do_not_wait_for_each_other(tmp_path: Path) -> None:
    index = Index(tmp_path, "run")
    index.remember("a", 1)
    with closing(sqlite3.connect(tmp_path / "index.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("REPLACE INTO facts VALUES ('a', '2')")
        assert index.recall("a") == 1
        other.execute("COMMIT")
    assert index.recall("a") == 2


MANY = """
import sys
from pathlib import Path
from pipeline.render.cache import Cache
cache = Cache(Path(sys.argv[1]), run="all")
for number in range(100):
    cache.remember(f"{sys.argv[2]} {number}", number)
    made = cache.work / f"made-{sys.argv[2]}"
    made.write_bytes(b"x")
    cache.add(f"{int(sys.argv[2]) * 1000 + number:064x}", made, seconds=1.0)
    cache.trim()
"""


def test_many_processes_lose_nothing_of_each_other(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MANY, str(tmp_path)]
    running = [subprocess.Popen([*command, str(number)], cwd=ROOT, env=os.environ) for number in range(4)]
    assert [each.wait(timeout=60) for each in running] == [0, 0, 0, 0]
    cache = Cache(tmp_path)
    total, (run,) = cache.uses()
    assert (total.made, total.spent, run.uses.made) == (400, 400.0, 400)
    assert all(cache.recall(f"{process} {number}") == number for process in range(4) for number in range(100))
    assert cache.usage().objects == 400
    assert [path.name for path in tmp_path.glob("index*.sqlite")] == ["index.sqlite"]
