from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.render.cache import Cache, key_of

KEY = "ab" + "0" * 62


def put(cache: Cache, key: str, data: bytes) -> Path:
    with cache.work_folder() as work:
        made = work / "made"
        made.write_bytes(data)
        return cache.add(key, made, {"log": ""})


def test_an_object_is_found_with_its_facts(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.find(KEY) is None
    put(cache, KEY, b"data")
    found = cache.find(KEY)
    assert found is not None
    assert found.read_bytes() == b"data"
    assert cache.facts(KEY) == {"log": ""}


@pytest.mark.parametrize("damage", ["shorter", "longer", "no record", "broken record", "gone"])
def test_what_is_not_whole_is_not_found(tmp_path: Path, damage: str) -> None:
    cache = Cache(tmp_path)
    path = put(cache, KEY, b"data")
    record = path.with_name(path.name + ".json")
    match damage:
        case "shorter":
            path.write_bytes(b"dat")
        case "longer":
            path.write_bytes(b"data!")
        case "no record":
            record.unlink()
        case "broken record":
            record.write_text("{")
        case "gone":
            path.unlink()
    assert cache.find(KEY) is None


def test_least_recently_used_objects_go_first_and_recent_ones_never(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=25)
    keys = [f"{number:02x}" + "0" * 62 for number in range(4)]
    for age, key in zip((9, 7, 8, 0), keys, strict=True):
        path = put(cache, key, b"0123456789")
        if age:
            os.utime(path, (1_000_000 - age, 1_000_000 - age))
    assert cache.trim() == 20
    assert [cache.find(key) is not None for key in keys] == [False, True, False, True]
    assert cache.usage().bytes == 20


def test_a_cache_within_its_limit_drops_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=10)
    os.utime(put(cache, KEY, b"0123456789"), (0, 0))
    assert cache.trim() == 0


def test_a_digest_is_measured_again_when_the_file_changes(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    file = tmp_path / "file"
    file.write_bytes(b"one")
    os.utime(file, (1, 1))
    before = cache.digest(file)
    assert before == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    file.write_bytes(b"two")
    assert cache.digest(file) == "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"


def test_a_file_changed_a_moment_ago_is_not_trusted_to_stay(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    file = tmp_path / "file"
    file.write_bytes(b"one")
    facts = file.stat()
    cache.digest(file)
    file.write_bytes(b"two")
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert cache.digest(file).startswith("3fc4ccfe")


def test_a_broken_index_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite").write_bytes(b"this is no database, whatever it is called" * 100)
    cache = Cache(tmp_path)
    cache.remember("a", {"b": 1})
    assert cache.recall("a") == {"b": 1}
    with sqlite3.connect(tmp_path / "index.sqlite") as database:
        assert database.execute("SELECT count(*) FROM facts").fetchone() == (1,)
    database.close()


def test_the_key_does_not_depend_on_order_and_covers_every_part() -> None:
    assert key_of({"a": 1, "b": [2, 3]}) == key_of({"b": [2, 3], "a": 1})
    assert key_of({"a": 1}) != key_of({"a": 2})
    assert json.dumps(key_of({"a": "ә"}))[1:-1] == key_of({"a": "ә"})


def test_an_unusable_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError) as caught:
        Cache(tmp_path / "file" / "cache")
    assert caught.value.problems[0].code == "cache.unusable"


def test_the_size_limit_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELESABAQ_CACHE_GB", "1.5")
    assert Cache(tmp_path).limit == 1_500_000_000
    monkeypatch.setenv("TELESABAQ_CACHE_GB", "much")
    with pytest.raises(UsageError):
        Cache(tmp_path)
