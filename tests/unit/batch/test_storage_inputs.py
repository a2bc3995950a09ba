"""Lessons of a disk and of stores: found, recognised as unchanged, and mirrored without trusting a name."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pipeline.batch import inputs
from pipeline.batch.model import Source
from pipeline.batch.storage import fetch, find_sources, stamps
from pipeline.errors import LessonError, TelesabaqError, UsageError
from pipeline.render.cache import IN_USE_SECONDS, Cache
from tests.unit.batch.s3 import S3Server, bucket, client, put, s3

__all__ = ["bucket", "s3"]

LESSON = {"lesson.yaml": b"format: 1", "clip.mp4": b"clip", "media/a.png": b"picture"}


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture(params=["s3", "memory"])
def term(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a folder of a store."""
    if request.param == "s3":
        yield f"{request.getfixturevalue('bucket')}/term4"
        return
    from fsspec.implementations.memory import MemoryFileSystem

    yield "memory://term4"
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


def store(url: str, files: dict[str, bytes]) -> None:
    import fsspec

    for name, data in files.items():
        fsspec.filesystem(url.partition(":")[0]).pipe_file(f"{url}/{name}", data)


def take_away(url: str) -> None:
    import fsspec

    fsspec.filesystem(url.partition(":")[0]).rm_file(url)


def source(url: str) -> Source:
    return Source(url, url)


def mirrored(script: Path) -> dict[str, bytes]:
    folder = script.parent
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# Finding -----------------------------------------------------------------------------------------


def test_lessons_below_a_folder_of_a_store_are_found_in_order(term: str):
    store(term, {"l10/lesson.yaml": b"", "l2/lesson.yaml": b"", "l2/clip.mp4": b"", "g 8/l1/lesson.yaml": b""})
    store(f"{term}-old", {"l1/lesson.yaml": b""})
    expected = [f"{term}/{name}/lesson.yaml" for name in ("g 8/l1", "l10", "l2")]
    assert [each.script for each in find_sources([term, f"{term}/l2/", f"{term}/l2/lesson.yaml"])] == expected
    assert [each.shown for each in find_sources([f"{term}/"])] == expected


def test_a_lessons_folder_is_that_lesson_and_not_those_below(term: str):
    store(term, {"lesson.yaml": b"", "more/lesson.yaml": b"", "other.yaml": b""})
    assert find_sources([term]) == [source(f"{term}/lesson.yaml")]
    assert find_sources([f"{term}/other.yaml"]) == [source(f"{term}/other.yaml")]


def test_a_folder_without_lessons_and_none_at_all_are_told_apart(term: str):
    store(term, {"notes.txt": b""})
    with pytest.raises(UsageError, match=r"lesson\.no-lesson-here"):
        find_sources([term])
    with pytest.raises(UsageError, match=r"storage\.no-such-place"):
        find_sources([f"{term}5"])


def test_a_folder_of_a_store_is_listed_once(bucket: str, s3: S3Server):
    put(bucket, {f"l{number}/{name}": b"" for number in range(5) for name in LESSON})
    s3.forget()
    found = find_sources([bucket])
    assert (len(found), len(s3.requests)) == (5, 1)
    s3.forget()
    assert len(stamps(found)) == 5
    assert len(s3.requests) == 1


def test_folders_and_file_urls_are_lessons_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "8 сынып %"
    folder.mkdir()
    (folder / "lesson.yaml").touch()
    monkeypatch.chdir(tmp_path)
    expected = str(folder / "lesson.yaml")
    assert find_sources(["."]) == [Source(expected, "8 сынып %/lesson.yaml")]
    assert find_sources([folder.as_uri(), str(folder), f"file://localhost{folder.as_uri()[7:]}"]) == [
        Source(expected, expected)
    ]
    assert stamps(find_sources(["."])) == {}
    with pytest.raises(UsageError, match=r"lesson\.no-such-path"):
        find_sources(["nowhere"])
    with pytest.raises(UsageError, match=r"storage\.unknown-scheme"):
        find_sources(["file://server/share"])


def test_a_name_that_would_break_a_terminal_is_shown_written_out(bucket: str):
    put(bucket, {"a\x1b[31m\u202eб/lesson.yaml": b""})
    (found,) = find_sources([bucket])
    assert found.shown == f"{bucket}/a\\x1b[31m\\u202eб/lesson.yaml"


# Stamps ------------------------------------------------------------------------------------------


def test_a_stamp_changes_with_the_lessons_files_and_with_nothing_else(term: str):
    store(term, {f"{folder}/{name}": data for folder in ("l1", "l2") for name, data in LESSON.items()})
    found = find_sources([term])
    one, two = found
    before = stamps(found)
    assert set(before) == {one, two}
    assert stamps([one]) == {one: before[one]}
    store(term, {"l1/clip.mp4": b"pilc", "notes.txt": b"", "l2/deeper/lesson.yaml": b""})
    after = stamps(found)
    assert (after[one] != before[one], after[two]) == (True, before[two])
    store(term, {"l2/new.txt": b""})
    take_away(f"{term}/l1/clip.mp4")
    again = stamps(found)
    assert len({before[one], after[one], again[one]}) == 3
    assert again[two] != before[two]


def test_a_folder_that_is_gone_has_no_stamp(term: str):
    store(term, {"l1/lesson.yaml": b"", "l2/lesson.yaml": b""})
    found = find_sources([term])
    take_away(f"{term}/l1/lesson.yaml")
    assert set(stamps(found)) == {found[1]}


# Mirroring ---------------------------------------------------------------------------------------


def test_a_local_script_is_read_where_it_lies(tmp_path: Path, cache: Cache):
    assert fetch(Source(str(tmp_path / "lesson.yaml"), "lesson.yaml"), cache) == tmp_path / "lesson.yaml"
    assert not (cache.folder / "inputs").exists()


def test_a_remote_lesson_is_mirrored_with_its_folders_name(term: str, cache: Cache):
    store(term, {f"l1/{name}": data for name, data in LESSON.items()})
    store(term, {"l1/more/lesson.yaml": b"another lesson", "l1/more/clip.mp4": b"", "l1/more/deep/x": b"", "l2/x": b""})
    script = fetch(source(f"{term}/l1/lesson.yaml"), cache)
    assert (script.name, script.parent.name) == ("lesson.yaml", "l1")
    assert mirrored(script) == LESSON
    assert mirrored(fetch(source(f"{term}/l1/more/lesson.yaml"), cache)).keys() == {"lesson.yaml", "clip.mp4", "deep/x"}


def test_only_what_changed_is_read_again_and_what_is_gone_goes(bucket: str, s3: S3Server, cache: Cache):
    lesson = source(f"{bucket}/l1/lesson.yaml")
    put(bucket, {f"l1/{name}": data for name, data in LESSON.items()})
    fetch(lesson, cache)
    put(bucket, {"l1/clip.mp4": b"pilc", "l1/new/b.txt": b""})
    take_away(f"{bucket}/l1/media/a.png")
    s3.forget()
    script = fetch(lesson, cache)
    read = {each.rpartition("/")[2] for each in s3.requests if each.startswith("GET") and "list-type" not in each}
    assert read == {"clip.mp4", "b.txt"}
    assert mirrored(script) == {"lesson.yaml": b"format: 1", "clip.mp4": b"pilc", "new/b.txt": b""}
    assert not (script.parent / "media").exists()
    s3.forget()
    fetch(lesson, cache)
    assert [each for each in s3.requests if "list-type" not in each] == []


def test_a_copy_that_was_touched_is_read_again(term: str, cache: Cache):
    lesson = source(f"{term}/lesson.yaml")
    store(term, LESSON)
    script = fetch(lesson, cache)
    (script.parent / "clip.mp4").write_bytes(b"pilc")
    (script.parent / "media" / "a.png").unlink()
    (script.parent / "stray.txt").touch()
    assert mirrored(fetch(lesson, cache)) == LESSON


def test_a_folder_where_a_file_was_and_the_other_way_round(term: str, cache: Cache):
    lesson = source(f"{term}/lesson.yaml")
    store(term, {"lesson.yaml": b"", "x/y": b"1", "z": b"2"})
    fetch(lesson, cache)
    for name in ("x/y", "z"):
        take_away(f"{term}/{name}")
    if term.startswith("memory"):
        take_away_folder(f"{term}/x")
    store(term, {"x": b"3", "z/a": b"4"})
    assert mirrored(fetch(lesson, cache)) == {"lesson.yaml": b"", "x": b"3", "z/a": b"4"}


def take_away_folder(url: str) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    if memory.exists(url):
        memory.rmdir(url)


def test_after_a_failed_read_the_rest_is_kept_and_nothing_half(
    bucket: str, s3: S3Server, cache: Cache, monkeypatch: pytest.MonkeyPatch
):
    lesson = source(f"{bucket}/lesson.yaml")
    put(bucket, LESSON)
    download = inputs.Remote.download

    def cut_off(self: inputs.Remote, name: str, target: Path) -> bool:
        done = download(self, name, target)
        if name == "lesson.yaml":
            target.write_bytes(b"for")
            raise UsageError.of("storage.unreachable", place=name, reason="")
        return done

    with monkeypatch.context() as patched:
        patched.setattr(inputs.Remote, "download", cut_off)
        with pytest.raises(UsageError, match=r"storage\.unreachable"):
            fetch(lesson, cache)
    left = {path.read_bytes() for path in (cache.folder / "inputs").rglob("*") if path.suffix in {".yaml", ".mp4"}}
    assert b"for" not in left
    s3.forget()
    assert mirrored(fetch(lesson, cache)) == LESSON
    assert [each for each in s3.requests if each.startswith("GET") and "clip.mp4" in each] == []


@pytest.mark.parametrize(
    "name",
    [
        "../x.txt",
        "a/../../x.txt",
        "a//b.txt",
        "/etc/passwd",
        "./x",
        "a\x7fb.txt",
        "a\x1bb",
        "я" * 128,
        "d/" * 510 + "x",
    ],
)
def test_a_hostile_name_is_refused_and_nothing_is_written(bucket: str, cache: Cache, name: str):
    put(bucket, {"l1/lesson.yaml": b""})
    client().call_s3("put_object", Bucket=bucket[5:], Key=f"l1/{name}", Body=b"x")
    before = files_of(cache.folder.parent)
    with pytest.raises(LessonError) as told:
        fetch(source(f"{bucket}/l1/lesson.yaml"), cache)
    (problem,) = told.value.problems
    assert problem.code == "storage.bad-name"
    assert str(problem.fields["name"]).isprintable()
    assert files_of(cache.folder.parent) == before


def files_of(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_a_name_as_long_as_names_can_be_is_taken(bucket: str, cache: Cache):
    name = "я" * 127
    put(bucket, {"lesson.yaml": b"", name: b"long"})
    assert mirrored(fetch(source(f"{bucket}/lesson.yaml"), cache))[name] == b"long"


def test_a_file_and_a_folder_of_one_name_are_refused(bucket: str, cache: Cache):
    put(bucket, {"lesson.yaml": b"", "x": b"", "x/y": b""})
    with pytest.raises(LessonError, match=r"storage\.same-name\(name=x\)"):
        fetch(source(f"{bucket}/lesson.yaml"), cache)


def test_too_many_files_and_too_many_bytes_are_refused(term: str, cache: Cache, monkeypatch: pytest.MonkeyPatch):
    store(term, LESSON)
    lesson = source(f"{term}/lesson.yaml")
    with monkeypatch.context() as patched:
        patched.setattr(inputs, "MOST_FILES", 2)
        with pytest.raises(LessonError, match=r"storage\.too-many-files\(count=3, limit=2\)"):
            fetch(lesson, cache)
    monkeypatch.setattr(inputs, "MOST_BYTES", 10)
    with pytest.raises(LessonError, match=r"storage\.too-big"):
        fetch(lesson, cache)


@pytest.mark.parametrize(("vanished", "told"), [("clip.mp4", "clip.mp4"), ("lesson.yaml", "lesson.yaml")])
def test_a_file_that_vanishes_is_named(
    term: str, cache: Cache, monkeypatch: pytest.MonkeyPatch, vanished: str, told: str
):
    store(term, LESSON)
    listed = inputs.Remote.files

    def then_gone(self: inputs.Remote, folder: str = "") -> dict[str, Any]:
        found = listed(self, folder)
        take_away(f"{term}/{vanished}")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(inputs.Remote, "files", then_gone)
        with pytest.raises(LessonError, match=rf"storage\.vanished\(name={told}\)"):
            fetch(source(f"{term}/lesson.yaml"), cache)
    if vanished == "lesson.yaml":
        with pytest.raises(LessonError, match=r"storage\.vanished"):
            fetch(source(f"{term}/lesson.yaml"), cache)


def test_a_file_replaced_while_it_is_read_is_read_anew(term: str, cache: Cache, monkeypatch: pytest.MonkeyPatch):
    store(term, LESSON)
    download = inputs.Remote.download
    versions = iter([b"second", b"third", b"fourth", b"fifth"])
    times = [1]

    def replaced(self: inputs.Remote, name: str, target: Path) -> bool:
        done = download(self, name, target)
        if name == "clip.mp4" and times[0]:
            times[0] -= 1
            store(term, {"clip.mp4": next(versions)})
        return done

    monkeypatch.setattr(inputs.Remote, "download", replaced)
    lesson = source(f"{term}/lesson.yaml")
    assert mirrored(fetch(lesson, cache))["clip.mp4"] == b"second"
    store(term, {"clip.mp4": b"first again"})
    times[0] = 2
    with pytest.raises(LessonError, match=r"storage\.changing\(name=clip\.mp4\)"):
        fetch(lesson, cache)
    assert mirrored(fetch(lesson, cache))["clip.mp4"] == b"fourth"


def test_two_that_fetch_at_once_read_every_file_once(bucket: str, s3: S3Server, cache: Cache):
    put(bucket, LESSON)
    s3.forget()
    with ThreadPoolExecutor(4) as threads:
        scripts = set(threads.map(lambda _: fetch(source(f"{bucket}/lesson.yaml"), cache), range(4)))
    assert [mirrored(script) for script in scripts] == [LESSON]
    read = [each for each in s3.requests if each.startswith("GET") and "list-type" not in each]
    assert len(read) == len(LESSON)


def test_a_mirror_is_whole_for_a_reader_while_it_is_refreshed(term: str, cache: Cache):
    lesson = source(f"{term}/lesson.yaml")
    store(term, {"lesson.yaml": b"0" * 300_000})
    script = fetch(lesson, cache)
    done, seen = threading.Event(), set()

    def read() -> None:
        while not done.is_set():
            data = script.read_bytes()
            seen.add((len(data), len(set(data))))

    with ThreadPoolExecutor(1) as reader:
        reading = reader.submit(read)
        for number in range(1, 8):
            store(term, {"lesson.yaml": str(number).encode() * 300_000})
            fetch(lesson, cache)
        done.set()
        reading.result()
    assert seen == {(300_000, 1)}


def test_mirrors_that_nobody_used_the_longest_go(term: str, cache: Cache):
    for number in range(4):
        store(term, {f"l{number}/lesson.yaml": b"x" * 100})
    cache.limit = 250
    scripts = []
    for number in range(3):
        scripts.append(fetch(source(f"{term}/l{number}/lesson.yaml"), cache))
        age(cache, scripts[-1], IN_USE_SECONDS * (5 - number))
    fetch(source(f"{term}/l0/lesson.yaml"), cache)  # used again just now
    fetch(source(f"{term}/l3/lesson.yaml"), cache)
    assert [script.exists() for script in scripts] == [True, False, False]
    assert mirrored(fetch(source(f"{term}/l1/lesson.yaml"), cache)) == {"lesson.yaml": b"x" * 100}


def test_mirrors_in_use_stay_though_the_limit_is_passed_or_the_clock_moved_back(term: str, cache: Cache):
    store(term, {f"l{number}/lesson.yaml": b"x" * 100 for number in range(3)})
    cache.limit = 10
    first = fetch(source(f"{term}/l0/lesson.yaml"), cache)
    second = fetch(source(f"{term}/l1/lesson.yaml"), cache)
    age(cache, second, -IN_USE_SECONDS * 10)
    fetch(source(f"{term}/l2/lesson.yaml"), cache)
    assert first.exists()
    assert second.exists()


def age(cache: Cache, script: Path, seconds: float) -> None:
    record = cache.folder / "inputs" / f"{script.parents[1].name}.json"
    used = time.time() - seconds
    os.utime(record, (used, used))


@pytest.mark.parametrize("record", [b"", b"{", b"[]", b'{"files": 3}', b'{"files": {"a": 1}}', b"[" * 100_000])
def test_a_damaged_record_only_costs_reading_again(term: str, cache: Cache, record: bytes):
    lesson = source(f"{term}/lesson.yaml")
    store(term, LESSON)
    fetch(lesson, cache)
    (path,) = (cache.folder / "inputs").glob("*.json")
    path.write_bytes(record)
    assert mirrored(fetch(lesson, cache)) == LESSON


def test_a_full_disk_is_told_in_words(term: str, cache: Cache, monkeypatch: pytest.MonkeyPatch):
    store(term, LESSON)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for broken in (failing(inputs.Remote, full), failing(inputs._Mirror, full, "_remember")):
        with monkeypatch.context() as patched:
            broken(patched)
            with pytest.raises(TelesabaqError, match=r"cache\.unusable.*No space"):
                fetch(source(f"{term}/lesson.yaml"), cache)


def failing(kind: type, fail: Callable[..., None], name: str = "download") -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patched: patched.setattr(kind, name, fail)
