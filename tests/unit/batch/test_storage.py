"""An output folder keeps the same promises on a disk, in S3, and in a store that cannot write an object at once."""

from __future__ import annotations

import errno
import multiprocessing
import os
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.batch.journal import choose
from pipeline.batch.logs import MOST_CHUNK, READ_AT_ONCE, object_lines
from pipeline.batch.remote import Entry, Remote
from pipeline.batch.storage import Output, open_output
from pipeline.errors import InternalError, UsageError
from pipeline.render.cache import Cache
from pipeline.render.publish import PARTIAL
from tests.unit.batch.s3 import S3Server, bucket, client, s3

__all__ = ["bucket", "s3"]


@pytest.fixture
def memory() -> Iterator[str]:
    from fsspec.implementations.memory import MemoryFileSystem

    yield "memory://term/out"
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture(params=["disk", "file", "s3", "memory"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> Output:
    places: dict[str, Callable[[], str]] = {
        "disk": lambda: str(tmp_path / "out"),
        "file": (tmp_path / "out folder").as_uri,
        "s3": lambda: f"{request.getfixturevalue('bucket')}/out",
        "memory": lambda: str(request.getfixturevalue("memory")),
    }
    return open_output(places[request.param]())


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def finished(tmp_path: Path) -> Callable[..., dict[str, Path]]:
    """Makes the finished files of a lesson in a work folder, with the manifest that names them."""

    def make(**contents: bytes) -> dict[str, Path]:
        work = tmp_path / f"work-{sha256(repr(contents).encode()).hexdigest()[:8]}"
        work.mkdir(exist_ok=True)
        files = {name.replace("_", "."): data for name, data in contents.items()}
        for name, data in files.items():
            (work / name).write_bytes(data)
        (work / "manifest.json").write_text(str(manifest(files)).replace("'", '"'))
        return {name: work / name for name in (*files, "manifest.json")}

    return make


def manifest(files: dict[str, bytes]) -> dict[str, Any]:
    outputs = [{"path": name, "bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in files.items()]
    return {"format": 1, "build": "0", "outputs": outputs}


def published(output: Output) -> dict[str, bytes | None]:
    return {name: output.read(name) for name in output.names("")}


def test_a_published_lesson_is_there_whole(output: Output, finished: Callable[..., dict[str, Path]], cache: Cache):
    output.publish(finished(film_mp4=b"film", film_vtt=b"captions"), "algebra")
    told = output.manifest("algebra")
    assert told == manifest({"film.mp4": b"film", "film.vtt": b"captions"})
    assert output.is_whole(told, "algebra", cache)
    assert output.read("algebra/film.mp4") == b"film"
    assert output.names("algebra") == ["algebra/film.mp4", "algebra/film.vtt", "algebra/manifest.json"]


def test_what_an_earlier_manifest_names_and_the_new_one_does_not_goes(
    output: Output, finished: Callable[..., dict[str, Path]]
):
    output.publish(finished(film_mp4=b"old", film_vtt=b"captions"), "algebra")
    output.write("algebra/notes.txt", b"by hand")
    output.publish(finished(film_mp4=b"new"), "algebra")
    assert output.names("algebra") == ["algebra/film.mp4", "algebra/manifest.json", "algebra/notes.txt"]
    assert output.read("algebra/film.mp4") == b"new"


def test_a_withdrawn_lesson_is_gone_and_others_stay(output: Output, finished: Callable[..., dict[str, Path]]):
    output.publish(finished(film_mp4=b"one"), "algebra")
    output.publish(finished(film_mp4=b"two"), "physics")
    output.withdraw("algebra")
    output.withdraw("never-there")
    assert output.names("") == ["physics/film.mp4", "physics/manifest.json"]
    assert output.manifest("algebra") is None
    assert output.local is None or not (output.local / "algebra").exists()


def test_a_film_of_another_size_or_none_is_not_whole(
    output: Output, finished: Callable[..., dict[str, Path]], cache: Cache
):
    output.publish(finished(film_mp4=b"film", film_vtt=b"captions"), "algebra")
    told = output.manifest("algebra")
    assert told is not None
    output.write("algebra/film.mp4", b"longer film")
    assert not output.is_whole(told, "algebra", cache)
    output.write("algebra/film.mp4", b"film")
    assert output.is_whole(told, "algebra", cache)
    output.withdraw("algebra")
    assert not output.is_whole(told, "algebra", cache)


@pytest.mark.parametrize(
    "told",
    [{}, {"outputs": []}, {"outputs": 3}, {"outputs": [{}]}, {"outputs": [{"path": "../x", "sha256": 1, "bytes": 1}]}],
)
def test_a_manifest_written_by_hand_is_not_whole(output: Output, cache: Cache, told: dict[str, Any]):
    assert not output.is_whole(told, "algebra", cache)


def test_a_manifest_that_is_no_json_is_none(output: Output):
    for data in (b"", b"{", b"[" * 100_000, b"[]", b'{"format": 2}', b"\xff\xfe"):
        output.write("algebra/manifest.json", data)
        assert output.manifest("algebra") is None


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "a//b", "", "a\0b"])
def test_no_name_leads_out_of_the_folder(output: Output, name: str):
    assert output.read(name) is None
    with pytest.raises(InternalError, match="outside"):
        output.write(name, b"")


def test_files_are_written_and_read_back_with_any_letters(output: Output):
    files = {"batch.json": b"{}", ".telesabaq/план.txt": b"", "8 сынып/a#b?c%20.txt": b"\x00\xff"}
    for name, data in files.items():
        output.write(name, b"before")
        output.write(name, data)
    assert published(output) == files
    assert output.read("not there") is None
    assert output.names("nowhere") == []


def test_a_url_opens_the_same_place_again(output: Output):
    output.write("batch.json", b"1")
    assert open_output(output.url).read("batch.json") == b"1"
    assert open_output(output.url).url == output.url


def test_a_second_look_sees_what_others_wrote_meanwhile(output: Output):
    other = open_output(output.url)
    assert (output.names(""), output.read("a/b.txt")) == ([], None)
    other.write("a/b.txt", b"1")
    assert (output.names(""), output.read("a/b.txt")) == (["a/b.txt"], b"1")
    other.write("a/b.txt", b"22")
    other.write("a/c.txt", b"3")
    assert published(output) == {"a/b.txt": b"22", "a/c.txt": b"3"}


# Logs --------------------------------------------------------------------------------------------


def test_a_log_gives_back_its_lines_while_it_is_written(output: Output):
    log = output.append_log(".telesabaq/journal/000001-abcd.jsonl")
    log.write(b"one\n")
    log.write(b"two\n")
    log.flush()
    log.write(b"three\nfour")
    log.flush()
    assert list(output.read_log(".telesabaq/journal/000001-abcd.jsonl")) == [b"one", b"two", b"three", b"four"]
    assert output.names(".telesabaq/journal/") == [".telesabaq/journal/000001-abcd.jsonl"]
    log.write(b"th\n")
    log.close()
    again = output.append_log(".telesabaq/journal/000001-abcd.jsonl")
    again.write(b"five\n")
    again.close()
    lines = [b"one", b"two", b"three", b"fourth", b"five"]
    assert list(open_output(output.url).read_log(".telesabaq/journal/000001-abcd.jsonl")) == lines
    assert list(output.read_log("no such log")) == []


def test_a_line_without_an_end_is_cut(output: Output):
    log = output.append_log("log")
    for _ in range(9):
        log.write(b"x" * (1 << 20))
        log.flush()
    log.write(b"\nend\n")
    log.close()
    lines = list(output.read_log("log"))
    assert ([len(line) for line in lines], lines[1]) == ([4 << 20, 3], b"end")


def test_a_flush_that_failed_is_made_good_by_the_next(bucket: str, monkeypatch: pytest.MonkeyPatch):
    output = open_output(bucket)
    log = output.append_log("log")
    log.write(b"one\n")
    with monkeypatch.context() as patched:
        patched.setattr(type(output._remote), "write", raises(UsageError.of("storage.failed")))  # type: ignore[attr-defined]
        with pytest.raises(UsageError):
            log.flush()
    log.write(b"two\n")
    log.close()
    assert list(output.read_log("log")) == [b"one", b"two"]


def raises(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


# In stores ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_large_film_is_one_put(bucket: str, s3: S3Server, finished: Callable[..., dict[str, Path]], cache: Cache):
    output = open_output(f"{bucket}/out")
    film = b"\x5a" * 120_000_000
    files = finished(film_mp4=film)
    s3.forget()
    output.publish(files, "algebra")
    asked = [each for each in s3.requests if "film.mp4" in each]
    assert asked == [f"PUT /{bucket[5:]}/out/algebra/film.mp4"]
    stored = client().info(f"{bucket}/out/algebra/film.mp4")
    assert stored["size"] == len(film)
    assert stored["ContentType"] == "video/mp4"
    assert "-" not in stored["ETag"]  # that of a multipart upload ends in -<parts>
    assert output.is_whole(manifest({"film.mp4": film}), "algebra", cache)


def test_in_a_store_the_manifest_goes_first_and_comes_last(
    bucket: str, s3: S3Server, finished: Callable[..., dict[str, Path]]
):
    output = open_output(bucket)
    output.publish(finished(film_mp4=b"old", film_vtt=b"captions"), "algebra")
    s3.forget()
    output.publish(finished(film_mp4=b"new"), "algebra")
    done = [each.replace(f"{bucket[5:]}/algebra/", "") for each in s3.requests if not each.startswith(("GET", "HEAD"))]
    intent = f".publishing{PARTIAL}"
    assert done == [
        f"PUT /{intent}",
        "DELETE /manifest.json",
        "PUT /film.mp4",
        "DELETE /film.vtt",
        "PUT /manifest.json",
        f"DELETE /{intent}",
    ]


def test_a_page_is_shown_by_a_browser_and_not_saved(bucket: str):
    output = open_output(bucket)
    for name in ("index.html", "batch.json", "x/x.vtt"):
        output.write(name, b"{}")
    kinds = [client().info(f"{bucket}/{name}")["ContentType"] for name in ("index.html", "batch.json", "x/x.vtt")]
    assert kinds == ["text/html; charset=utf-8", "application/json; charset=utf-8", "text/vtt; charset=utf-8"]


@pytest.mark.parametrize("step", range(1, 7))
def test_after_a_kill_in_a_store_no_manifest_vouches_for_mixed_files(
    bucket: str,
    finished: Callable[..., dict[str, Path]],
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
):
    output = open_output(bucket)
    output.publish(finished(film_mp4=b"old!", film_vtt=b"captions"), "algebra")
    store = output._remote.store  # type: ignore[attr-defined]
    killed = Countdown(step)
    with monkeypatch.context() as patched:
        for name in ("pipe_file", "put_file", "rm_file"):
            patched.setattr(store, name, killed.before(getattr(store, name)))
        with pytest.raises(Killed):
            output.publish(finished(film_mp4=b"new!"), "algebra")
    told = output.manifest("algebra")
    films = output.read("algebra/film.mp4"), output.read("algebra/film.vtt")
    if told is not None:
        expected = {(b"old!", b"captions"): {"film.mp4": b"old!", "film.vtt": b"captions"}}
        expected[b"new!", None] = {"film.mp4": b"new!"}  # type: ignore[index]
        assert told == manifest(expected[films])  # type: ignore[index]
    output.withdraw("algebra")
    assert client().find(f"{bucket}/algebra") == []


class Killed(BaseException):
    """As after a kill, nobody cleans up: our code has no handler for it that reaches the store."""


class Countdown:
    def __init__(self, steps: int) -> None:
        self.steps = steps

    def before(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **options: Any) -> Any:
            self.steps -= 1
            if self.steps == 0:
                raise Killed
            return method(*args, **options)

        return step


def test_a_store_without_whole_puts_gets_files_aside_and_moves_them(
    memory: str, finished: Callable[..., dict[str, Path]], monkeypatch: pytest.MonkeyPatch
):
    from fsspec.implementations.memory import MemoryFileSystem

    output = open_output(memory)
    output.publish(finished(film_mp4=b"old"), "algebra")
    written: list[str] = []
    put = MemoryFileSystem.put_file

    def cut_off(self: MemoryFileSystem, local: str, path: str, **options: Any) -> None:
        written.append(path)
        self.pipe_file(path, b"hal")
        raise ConnectionResetError

    monkeypatch.setattr(MemoryFileSystem, "put_file", cut_off)
    monkeypatch.setattr("pipeline.batch.remote.PATIENCE_SECONDS", 0)
    with pytest.raises(UsageError, match=r"storage\.unreachable"):
        output.publish(finished(film_mp4=b"new"), "algebra")
    assert [path.endswith(PARTIAL) for path in written] == [True]
    assert output.read("algebra/film.mp4") == b"old"
    monkeypatch.setattr(MemoryFileSystem, "put_file", put)
    output.publish(finished(film_mp4=b"new"), "algebra")
    assert sorted(MemoryFileSystem.store) == ["/term/out/algebra/film.mp4", "/term/out/algebra/manifest.json"]


@pytest.mark.slow
def test_spawned_workers_with_threads_share_a_store(bucket: str):
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        done = pool.map(work_in_threads, [(bucket, "first"), (bucket, "second")])
    assert done == [8, 8]
    names = [f"{worker}/{number}.txt" for worker in ("first", "second") for number in range(8)]
    assert open_output(bucket).names("") == sorted(names)


def work_in_threads(given: tuple[str, str]) -> int:
    url, worker = given

    def work(number: int) -> bool:
        output = open_output(url)
        output.write(f"{worker}/{number}.txt", str(number).encode() * 1000)
        return output.read(f"{worker}/{number}.txt") == str(number).encode() * 1000

    with ThreadPoolExecutor(4) as threads:
        return sum(threads.map(work, range(8)))


# On a disk ---------------------------------------------------------------------------------------


def test_a_reader_on_a_disk_never_sees_part_of_a_file(tmp_path: Path):
    output = open_output(tmp_path)
    output.write("index.html", b"0" * 500_000)
    done = threading.Event()
    seen: set[tuple[int, int]] = set()

    def read() -> None:
        while not done.is_set():
            data = output.read("index.html")
            assert data is not None
            seen.add((len(data), len(set(data))))

    with ThreadPoolExecutor(1) as reader:
        reading = reader.submit(read)
        for number in range(200):
            output.write("index.html", str(number % 10).encode() * 500_000)
        done.set()
        reading.result()
    assert seen == {(500_000, 1)}


def test_a_folder_that_cannot_be_written_is_told_in_words(tmp_path: Path):
    (tmp_path / "out").touch()
    output = open_output(tmp_path / "out")
    for attempt in (
        lambda: output.write("batch.json", b""),
        lambda: output.append_log("log"),
        lambda: output.lease({}).__enter__(),
        lambda: output.publish({}, "algebra"),
    ):
        with pytest.raises(UsageError, match=r"build\.cannot-write"):
            attempt()
    assert output.read("batch.json") is None
    assert (output.names(""), output.manifest("algebra"), output.lease_holder()) == ([], None, None)


def test_a_log_on_a_full_disk_keeps_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    log = open_output(tmp_path).append_log("log")
    log.write(b"one\n")
    limit = 10
    real = log._file  # type: ignore[attr-defined]

    class Full:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def write(self, data: memoryview) -> int:
            room = limit - real.tell()
            if room <= 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return int(real.write(data[:room]))

    monkeypatch.setattr(log, "_file", Full())
    with pytest.raises(OSError, match="No space"):
        log.write(b"two is too long\n")
    assert list(open_output(tmp_path).read_log("log")) == [b"one"]
    monkeypatch.setattr(log, "_file", real)
    log.write(b"three\n")
    log.close()
    assert list(open_output(tmp_path).read_log("log")) == [b"one", b"three"]


def test_a_writer_that_takes_the_lease_sweeps_what_a_killed_one_left(tmp_path: Path):
    for name in (f".batch.json.1-2{PARTIAL}", f".telesabaq/.x.1-2{PARTIAL}", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with open_output(tmp_path).lease({}):
        left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"notes.txt", "lease.json"}


def in_time(act: Callable[[], Any]) -> Any:
    """What an act gives back; it fails if it takes for ever."""
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(act()), daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive(), "still waiting"
    return answers[0]


@pytest.mark.parametrize("planted", ["pipe", "socket", "zero", "folder"])
def test_what_is_no_file_is_neither_waited_for_nor_read(tmp_path: Path, planted: str):
    output = open_output(tmp_path)
    folder = tmp_path / ".telesabaq" / "journal"
    folder.mkdir(parents=True)
    for path in (folder / "000001-abcd.jsonl", tmp_path / ".telesabaq" / "lease.json", tmp_path / "batch.json"):
        if planted == "pipe":
            os.mkfifo(path)
        elif planted == "socket":
            os.mknod(path, 0o600 | stat.S_IFSOCK)
        elif planted == "zero":
            path.symlink_to("/dev/zero")
        else:
            path.mkdir()
    assert output.names(".telesabaq/journal/") == []
    assert in_time(lambda: list(output.read_log(".telesabaq/journal/000001-abcd.jsonl"))) == []
    assert in_time(lambda: output.read("batch.json")) is None
    assert in_time(output.lease_holder) is None


def test_a_log_that_may_not_be_read_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pipeline.batch.storage.file_lines", refuse)
    with pytest.raises(UsageError, match=r"storage\.failed"):
        list(open_output(tmp_path).read_log("log"))


class _Chunks:
    """A store that answers only when so many have asked at the same time."""

    def __init__(self, count: int, together: int, size: int = 10) -> None:
        self._count, self._size = count, size
        self._gate = threading.Barrier(together, timeout=20)
        self.most = self._asking = 0
        self._lock = threading.Lock()

    def files(self, _folder: str) -> dict[str, Entry]:
        return {f"{number:06d}": Entry(self._size, "") for number in range(1, self._count + 1)}

    def read(self, name: str, _limit: int) -> bytes:
        with self._lock:
            self._asking += 1
            self.most = max(self.most, self._asking)
        self._gate.wait()
        with self._lock:
            self._asking -= 1
        return f"{name[-6:]}\n".encode()


def test_the_objects_of_a_log_are_asked_for_at_once_and_come_in_order():
    store = _Chunks(4 * READ_AT_ONCE, READ_AT_ONCE)
    lines = list(object_lines(cast(Remote, store), "log"))
    assert lines == [f"{number:06d}".encode() for number in range(1, 4 * READ_AT_ONCE + 1)]
    assert store.most == READ_AT_ONCE


def test_large_objects_of_a_log_are_not_held_together():
    store = _Chunks(6, 1, MOST_CHUNK)
    assert len(list(object_lines(cast(Remote, store), "log"))) == 6
    assert store.most == 1


def test_a_reader_that_wants_no_more_of_a_log_leaves_the_rest():
    store = _Chunks(10_000, 1)
    lines = object_lines(cast(Remote, store), "log")
    assert next(lines) == b"000001"
    lines.close()  # type: ignore[attr-defined]
    assert store.most <= READ_AT_ONCE


def test_a_folder_is_shown_as_seen_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    output = open_output("out")
    assert (output.url, output.shown) == (str(tmp_path / "out"), "out")
    with output.lease({"host": "studio"}), pytest.raises(UsageError) as told, open_output("out").lease({}):
        pass
    assert told.value.problems[0].fields["out"] == "out"
    with pytest.raises(UsageError) as told:
        choose(open_output("new"))
    assert told.value.problems[0].fields["out"] == "new"
