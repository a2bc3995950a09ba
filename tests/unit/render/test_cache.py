from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InternalError, MediaError, UsageError
from pipeline.render.cache import IN_USE_SECONDS, SPARE, Cache, Origin, key_of
from pipeline.render.objects import Held, Objects, Record

KEY = "ab" + "0" * 62
LONG_AGO = 1_000_000


def put(cache: Cache, key: str, data: bytes, **more: Any) -> Path:
    with cache.work_folder() as work:
        made = work / "made"
        made.write_bytes(data)
        return cache.add(key, made, {"log": ""}, **more)


def key(number: int) -> str:
    return sha256(str(number).encode()).hexdigest()


def files(cache: Cache) -> list[str]:
    return sorted(path.name for path in cache.objects.folder.rglob("*") if path.is_file())


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
    for age, each in zip((9, 7, 8, 0), keys, strict=True):
        path = put(cache, each, b"0123456789")
        if age:
            os.utime(path, (LONG_AGO - age, LONG_AGO - age))
    assert cache.trim() == 20
    assert [cache.find(each) is not None for each in keys] == [False, True, False, True]
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


@pytest.mark.parametrize("value", ["much", "inf", "nan", "1e400"])
def test_a_limit_that_is_no_number_is_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TELESABAQ_CACHE_GB", value)
    with pytest.raises(UsageError) as caught:
        Cache(tmp_path)
    assert caught.value.problems[0].code == "cache.bad-limit"


# Records -----------------------------------------------------------------------------------------


def test_a_record_says_what_an_object_is_and_what_it_was_made_for(tmp_path: Path) -> None:
    origin = Origin.of("lessons/a/lesson.yaml", "own.yaml", "platform", allow_code=True)
    put(Cache(tmp_path), KEY, b"data", kind="clip", seconds=1.2345, origin=origin)
    assert Path(origin.script).is_absolute()
    assert Path(origin.structure).is_absolute()
    record = Cache(tmp_path).record(KEY)
    assert record == Record(4, sha256(b"data").hexdigest(), "clip", 1.234, origin, {"log": ""})


def test_an_origin_on_storage_keeps_its_address() -> None:
    assert Origin.of("s3://bucket/a/lesson.yaml", "tv-lesson", "platform").script == "s3://bucket/a/lesson.yaml"


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        "record",
        {"size": 4},
        {"size": "4", "sha256": "0" * 64, "facts": {}},
        {"size": 4, "sha256": "../../etc", "facts": {}},
        {"size": 4, "sha256": "0" * 64, "facts": []},
    ],
)
def test_a_strange_record_vouches_for_nothing(told: object) -> None:
    assert Record.judged(told) is None


def test_what_is_strange_in_a_record_is_left_out() -> None:
    whole = {"size": 4, "sha256": "0" * 64, "facts": {}}
    strange = {"kind": "virus", "seconds": float("nan"), "origin": {"script": 1, "structure": "", "profile": ""}}
    assert Record.judged(whole | strange) == Record.judged(whole) == Record(4, "0" * 64)


def test_a_record_written_by_an_earlier_version_still_counts(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    path = put(cache, KEY, b"data")
    path.with_name(KEY + ".json").write_text(json.dumps({"size": 4, "sha256": "0" * 64, "facts": {"log": "x"}}))
    assert cache.find(KEY) is not None
    assert cache.facts(KEY) == {"log": "x"}


def test_facts_of_an_object_that_has_gone_are_our_own_error(tmp_path: Path) -> None:
    with pytest.raises(InternalError) as caught:
        Cache(tmp_path).facts(KEY)
    assert caught.value.problems[0].code == "render.segment-vanished"


def test_a_pipe_in_the_place_of_a_record_stops_nobody(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    path = put(cache, KEY, b"data")
    path.with_name(KEY + ".json").unlink()
    os.mkfifo(path.with_name(KEY + ".json"))
    assert cache.find(KEY) is None


def test_other_bytes_under_the_same_key_are_never_vouched_for_by_the_older_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    put(cache, KEY, b"older")
    replace, moved = Path.replace, list[Path]()

    def killed_after_the_object(self: Path, target: Path) -> Path:
        if moved:
            raise KeyboardInterrupt
        moved.append(target)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", killed_after_the_object)
    with pytest.raises(KeyboardInterrupt):
        put(cache, KEY, b"newer")
    assert cache.objects.path(KEY).read_bytes() == b"newer"
    assert cache.find(KEY) is None


def test_two_that_put_other_bytes_under_one_key_do_not_mix_object_and_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, others = Path.replace, list[threading.Thread]()

    def while_another_adds(self: Path, target: Path) -> Path:
        moved = replace(self, target)
        if not others:
            others.append(threading.Thread(target=put, args=(Cache(tmp_path), KEY, b"theirs")))
            others[0].start()
            others[0].join(0.3)
        return moved

    monkeypatch.setattr(Path, "replace", while_another_adds)
    cache = Cache(tmp_path)
    put(cache, KEY, b"of ours")
    others[0].join(30)
    found = cache.find(KEY)
    assert found is not None
    assert sha256(found.read_bytes()).hexdigest() == cache.record(KEY).sha256


def test_a_folder_in_the_place_of_an_object_gives_way(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    (cache.objects.path(KEY) / "inside").mkdir(parents=True)
    assert put(cache, KEY, b"data").read_bytes() == b"data"


def test_an_object_of_another_cache_is_taken_when_it_is_whole(tmp_path: Path) -> None:
    there, here = Cache(tmp_path / "there"), Cache(tmp_path / "here")
    path = put(there, KEY, b"data", kind="card", seconds=2.0)
    told = json.loads(path.with_name(KEY + ".json").read_text())
    for copy, taken in ((b"dama", False), (b"dat", False), (b"data", True)):
        (here.work / "copy").write_bytes(copy)
        assert (here.take(KEY, here.work / "copy", told) is not None) == taken
        assert (here.find(KEY) is not None) == taken
    assert here.record(KEY) == there.record(KEY)
    assert here.uses()[0].made == 0


# Counting ----------------------------------------------------------------------------------------


def test_what_is_found_and_what_is_made_is_counted_for_every_run_and_for_all(tmp_path: Path) -> None:
    first = Cache(tmp_path, run="first")
    assert first.wanted([KEY]) == frozenset()
    put(first, KEY, b"data", seconds=1.5)
    put(first, key(1), b"data", seconds=0.5)
    first.find(KEY)
    first.trim()
    second = Cache(tmp_path, run="second")
    assert second.wanted([KEY, key(1), key(2)]) == {KEY, key(1)}
    total, runs = second.uses()
    assert (total.found, total.made, total.saved, total.spent) == (2, 2, 2.0, 2.0)
    assert [(each.run, each.uses.found, each.uses.made, each.uses.saved) for each in runs] == [
        ("second", 2, 0, 2.0),
        ("first", 0, 2, 0.0),
    ]


def test_processes_of_one_run_are_counted_together(tmp_path: Path) -> None:
    for number in range(3):
        put(Cache(tmp_path, run="batch"), key(number), b"data")
    (run,) = Cache(tmp_path).uses()[1]
    assert run.uses.made == 3


def test_counts_reach_the_disk_when_the_process_ends(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from pipeline.render.cache import Cache\n"
        f"cache = Cache(Path({str(tmp_path)!r}), run='child')\n"
        f"for number in range(3):\n"
        "    made = cache.work / 'made'; made.write_bytes(b'x')\n"
        "    cache.add(f'{number:064x}', made, seconds=1.0)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=Path(__file__).parents[3])
    assert Cache(tmp_path).uses()[0].made == 3


# Size --------------------------------------------------------------------------------------------


@pytest.fixture
def listings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Lengths of the folder's listings since the test began."""
    made: list[int] = []
    listing = Objects.listing

    def counted(self: Objects) -> list[Held]:
        found = listing(self)
        made.append(len(found))
        return found

    monkeypatch.setattr(Objects, "listing", counted)
    return made


def test_the_limit_holds_over_a_season_and_the_folder_is_seldom_listed(tmp_path: Path, listings: list[int]) -> None:
    limit, size, lessons = 200, 10, 300
    workers = [Cache(tmp_path, limit_bytes=limit * size, run=name) for name in ("one", "two")]
    held = most = 0
    for lesson in range(lessons):
        cache = workers[lesson % 2]
        for number in range(4):
            made = tmp_path / "made"
            made.write_bytes(b"x" * size)
            os.utime(cache.add(key(lesson * 10 + number), made), (LONG_AGO + lesson, LONG_AGO + lesson))
            held += size
        held -= cache.trim()
        most = max(most, held)
    objects = [path for path in cache.objects.folder.glob("??/*") if path.suffix != ".json"]
    assert len(objects) * size == held
    assert most <= limit * size
    assert len(objects) >= limit * (1 - SPARE) - 4
    # Once a worker, and then once for every share of the limit that was added.
    assert len(listings) <= 2 + lessons * 4 / (limit * SPARE)
    assert len(listings) < lessons / 2


def test_a_cache_below_its_limit_is_listed_once_a_process(tmp_path: Path, listings: list[int]) -> None:
    cache = Cache(tmp_path, limit_bytes=10**9)
    for number in range(50):
        put(cache, key(number), b"x")
        cache.trim()
    assert len(listings) == 1


def test_a_cache_full_of_objects_in_use_is_not_listed_again_and_again(tmp_path: Path, listings: list[int]) -> None:
    cache = Cache(tmp_path, limit_bytes=10)
    for number in range(20):
        put(cache, key(number), b"0123456789")
        assert cache.trim() == 0
    # The first fills the cache, the second passes the limit.
    assert len(listings) == 2


def test_a_process_that_added_nothing_lists_nothing(tmp_path: Path, listings: list[int]) -> None:
    os.utime(put(Cache(tmp_path, limit_bytes=10), KEY, b"0123456789" * 2), (0, 0))
    cache = Cache(tmp_path, limit_bytes=10)
    assert cache.trim() == 0
    assert listings == []
    assert cache.trim(at_once=True) == 20


def test_what_would_be_dropped_is_what_is_dropped(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=100)
    for number in range(20):
        os.utime(put(cache, key(number), b"0123456789"), (LONG_AGO + number, LONG_AGO + number))
    due = cache.due()
    assert [each.key for each in due.objects] == [key(number) for number in range(11)]
    assert due.bytes == 110
    assert cache.trim() == 110
    assert {held.key for held in cache.objects.listing()} == {key(number) for number in range(11, 20)}
    assert cache.due().objects == ()


def test_what_is_in_use_is_told_and_not_dropped(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=10)
    recent = time.time() - IN_USE_SECONDS + 60
    for number in range(3):
        os.utime(put(cache, key(number), b"0123456789"), (recent, recent))
    os.utime(put(cache, KEY, b"0123456789"), (LONG_AGO, LONG_AGO))
    due = cache.due()
    assert ([each.key for each in due.objects], due.kept_in_use) == ([KEY], 20)


def test_an_object_found_since_the_folder_was_listed_is_not_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path, limit_bytes=10)
    for number in range(3):
        os.utime(put(cache, key(number), b"0123456789"), (LONG_AGO + number, LONG_AGO + number))
    listing = Objects.listing

    def then_found(self: Objects) -> list[Held]:
        found = listing(self)
        assert Cache(tmp_path).find(key(0)) is not None
        return found

    monkeypatch.setattr(Objects, "listing", then_found)
    cache.trim()
    assert cache.find(key(0)) is not None
    assert cache.find(key(1)) is None


# A disk that says no -----------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["record", "object", "record's move"])
@pytest.mark.parametrize("before", [False, True])
def test_a_disk_that_is_full_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, *, before: bool
) -> None:
    cache = Cache(tmp_path)
    if before:
        put(cache, KEY, b"older")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    replace, moves = Path.replace, list[Path]()

    def move(self: Path, target: Path) -> Path:
        moves.append(target)
        if len(moves) == (1 if step == "object" else 2):
            raise full
        return replace(self, target)

    def write(self: Path, *_: object, **__: object) -> int:
        self.write_bytes(b"{")
        raise full

    monkeypatch.setattr(Path, "replace", move) if step != "record" else monkeypatch.setattr(Path, "write_text", write)
    with pytest.raises(UsageError) as caught:
        put(cache, KEY, b"newer")
    monkeypatch.undo()
    (problem,) = caught.value.problems
    assert problem.code == "cache.full"
    assert problem.fields["folder"] == str(tmp_path)
    assert isinstance(problem.fields["free"], int)
    found = cache.find(KEY)
    assert found is None or found.read_bytes() == b"older"
    assert not any(cache.work.iterdir())
    # Only an older object may be left, alone or with its own record.
    assert files(cache) in ([], [KEY], [KEY, f"{KEY}.json"]) if before else files(cache) == []
    put(cache, KEY, b"newer")
    assert cache.find(KEY) is not None


SCRIPT_ON_A_FULL_DISK = """
import os, sys
from pathlib import Path
from pipeline.errors import UsageError
from pipeline.render.cache import Cache
from pipeline.render.repair import inspect
cache = Cache(Path(sys.argv[1]))
added, refused = 0, 0
for number in range(40):
    try:
        with cache.work_folder() as work:
            (work / "made").write_bytes(bytes([number]) * 30_000)
            cache.add(f"{number:064x}", work / "made", {"log": "x" * 3000}, seconds=1.0)
        added += 1
    except UsageError as error:
        assert [problem.code for problem in error.problems] == ["cache.full"], error
        refused += 1
    cache.remember(f"fact {number}", "x" * 3000)
    cache.trim()
found = inspect(cache)
assert added and refused, (added, refused)
assert found.objects == added and not found.damaged and not found.swept and not found.foreign, found
assert not any(cache.work.iterdir())
print("held")
"""


def _in_a_small_disk(script: str, size: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script with a disk of `size` mounted on `folder`, for it alone."""
    inside = 'mount -t tmpfs -o size="$1" none "$2" && exec "$3" -c "$4" "$2"'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", inside, "sh", size, str(folder), sys.executable]
    root = Path(__file__).parents[3]
    return subprocess.run([*command, script], capture_output=True, text=True, timeout=120, cwd=root, check=False)


def test_a_real_disk_that_fills_up_is_an_error_that_says_so_and_damages_nothing(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or _in_a_small_disk("", "100k", tmp_path).returncode:
        pytest.skip("this system lets nobody mount a disk of their own")
    done = _in_a_small_disk(SCRIPT_ON_A_FULL_DISK, "700k", tmp_path)
    assert done.stdout == "held\n", done.stderr


def test_an_encoder_that_found_no_room_is_not_the_clips_fault(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    log = "[out#0/mp4] Error writing trailer: No space left on device"
    with pytest.raises(UsageError) as caught, cache.work_folder():
        raise MediaError.of("media.ffmpeg-failed", name="clip.mp4", code=228, log=log)
    assert caught.value.problems[0].code == "cache.full"
    with pytest.raises(MediaError), cache.work_folder():
        raise MediaError.of("media.ffmpeg-failed", name="clip.mp4", code=1, log="Invalid data")


def test_a_fault_of_another_disk_is_not_blamed_on_the_cache(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    other = OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "out" / "film.mp4"))
    moved = OSError(errno.EACCES, "Permission denied", str(cache.work / "film.mp4"), None, str(tmp_path / "film.mp4"))
    for error in (other, moved):
        with pytest.raises(OSError, match=r"No space|Permission") as caught, cache.work_folder():
            raise error
        assert caught.value is error


def test_a_cache_folder_that_vanishes_is_a_clear_error(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")

    def vanishing() -> None:
        with cache.work_folder() as work:
            shutil.rmtree(tmp_path / "cache")
            (work / "made").write_bytes(b"data")

    with pytest.raises(UsageError) as caught:
        vanishing()
    assert caught.value.problems[0].code == "cache.unusable"
    with pytest.raises(UsageError) as caught, cache.work_folder():
        pass
    assert caught.value.problems[0].code == "cache.unusable"
    assert cache.find(KEY) is None
    assert cache.usage().objects == 0
    cache.remember("fact", 1)
    assert cache.recall("fact") in (1, None)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_folder_that_cannot_be_written_still_serves_and_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    cache = Cache(tmp_path)
    put(cache, KEY, b"data")

    def refuse(*names: object, **_: object) -> None:
        raise OSError(number, os.strerror(number), str(cache.work / "build-x"))

    monkeypatch.setattr("pipeline.render.cache.mkdtemp", refuse)
    monkeypatch.setattr(os, "utime", refuse)
    assert cache.find(KEY) is not None
    with pytest.raises(UsageError) as caught, cache.work_folder():
        pass
    assert caught.value.problems[0].code == "cache.unusable"
    assert caught.value.problems[0].fields["reason"] == os.strerror(number)


def test_a_file_with_a_name_that_is_no_text_has_a_digest(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/clip-\xff.mp4"))
    file.write_bytes(b"data")
    assert cache.digest(file) == sha256(b"data").hexdigest()
