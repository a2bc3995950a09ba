"""A season on storage: lessons, films and records behind addresses, and every request to the server seen."""

from __future__ import annotations

import json
import shutil
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from tests.e2e.seasons.cluster import cluster
from tests.e2e.seasons.conftest import Undisturbed
from tests.e2e.seasons.drive import Stage, Started, await_that
from tests.e2e.seasons.judge import OF_THE_BATCH
from tests.e2e.seasons.season import TINY
from tests.unit.batch.s3 import S3Server, bucket, client, put, s3

assert bucket, s3  # fixtures

OWN = ".telesabaq/"


@dataclass(frozen=True)
class Store:
    """A bucket with lessons in `term4/`, a batch whose films go to `out/`, and the stage where it is driven."""

    url: str
    server: S3Server
    at: Stage

    def put(self, folder: Path, name: str) -> None:
        """A lesson of a disk, under this name below `term4/`."""
        put(f"{self.url}/term4/{name}", {each.name: each.read_bytes() for each in folder.iterdir()})

    def start(self, *options: str, **env: str) -> Started:
        self.server.forget()
        named = [f"{self.url}/term4/", "-o", f"{self.url}/out/", "--structure", str(TINY), *options]
        jobs = [] if "--scheduler" in options else ["--jobs", "2"]
        return self.at.spawn([sys.executable, "-m", "pipeline.cli.main", "--lang", "en", "build", *named, *jobs], **env)

    def build(self, *options: str, **env: str) -> Started:
        started = self.start(*options, **env)
        started.wait()
        return started

    def status(self) -> Started:
        command = [sys.executable, "-m", "pipeline.cli.main", "--lang", "en", "status", f"{self.url}/out"]
        return self.at.spawn(command)

    def asked(self, method: str, folder: str) -> Counter[str]:
        """Objects below a folder of which this was asked since the last start; listings ask of none."""
        top = f"{method} /{self.url.removeprefix('s3://')}/{folder}/"
        return Counter(each.removeprefix(top) for each in self.server.requests if each.startswith(top))

    def objects(self) -> dict[str, str]:
        """Everything in the output folder: name -> SHA-256."""
        top = f"{self.url.removeprefix('s3://')}/out/"
        return {name.removeprefix(top): sha256(client().cat_file(name)).hexdigest() for name in client().find(top)}

    def published(self) -> dict[str, str]:
        """What a visitor sees of the lessons. Nothing of an exchange is left beside it."""
        found = {name: digest for name, digest in self.objects().items() if not name.startswith(OWN)}
        assert not [name for name in found if "partial" in name]
        return {name: digest for name, digest in found.items() if name not in OF_THE_BATCH}

    def whole_lessons(self) -> set[str]:
        """Lessons whose manifest lies there; everything that it names must lie there with the digest it tells."""
        there = self.objects()
        lessons = {name.partition("/")[0] for name in there if name.count("/") == 1 and name.endswith("/manifest.json")}
        for lesson in lessons:
            for each in json.loads(client().cat_file(f"{self.url}/out/{lesson}/manifest.json"))["outputs"]:
                assert there[f"{lesson}/{each['path']}"] == each["sha256"]
        return lessons


@pytest.fixture
def make_store(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed, s3: S3Server, bucket: str
) -> Callable[..., Store]:
    def make(*names: str, warm: bool = True, quiet: bool = True) -> Store:
        made = Store(bucket, s3, make_stage(warm=warm, quiet=quiet))
        for each in names:
            made.put(undisturbed.lessons / Path(each).name, each)
        return made

    return make


# A whole season ----------------------------------------------------------------------------------


def test_a_season_on_storage_gives_what_one_on_a_disk_gives(
    make_store: Callable[..., Store], undisturbed: Undisturbed
) -> None:
    store = make_store("a-clip", "grade-8/d-slides", "c-clip", "e-slides")
    clip = (undisturbed.lessons / "c-clip/clip.mp4").read_bytes()
    put(f"{store.url}/term4", {"c-clip/clip.mp4": clip[: len(clip) // 3], "e-slides/a\x1b[31mb": b"x"})
    driver = store.build()
    assert driver.process.returncode == 1, driver.text()

    assert store.published() == undisturbed.of("a-clip", "d-slides")
    others = {name for name in store.objects() if name.startswith(OWN)} - {f"{OWN}lease.json"}
    assert all(name.startswith(f"{OWN}journal/000001-") for name in others)
    assert f"{store.url}/term4/c-clip/lesson.yaml:10:11: error: “clip.mp4”" in driver.text()
    assert f"{store.url}/term4/e-slides/lesson.yaml: error: The lesson's folder holds" in driver.text()
    assert "\x1b" not in driver.text()
    assert "inputs/" not in driver.text()
    summary = json.loads(client().cat_file(f"{store.url}/out/batch.json"))
    assert {each["id"]: each["outcome"] for each in summary["lessons"]} == {
        "a-clip": "made",
        "d-slides": "made",
        "c-clip": "failed",
        "e-slides": "failed",
    }
    assert client().cat_file(f"{store.url}/out/index.html").rstrip().endswith(b"</html>")

    # Everything came over the line once, and a film is one PUT: whole or not there.
    assert set(store.asked("GET", "term4").values()) == {1}
    assert "a-clip/clip.mp4" in store.asked("GET", "term4")
    writes = store.asked("PUT", "out") + store.asked("POST", "out")
    assert not [name for name in writes if "?" in name]
    assert {name: count for name, count in writes.items() if not name.startswith(OWN)} == dict.fromkeys(
        [
            *store.published(),
            *OF_THE_BATCH,
            "a-clip/.publishing.telesabaq-partial",
            "d-slides/.publishing.telesabaq-partial",
        ],
        1,
    )


def test_only_what_changed_on_storage_is_read_and_made(
    make_store: Callable[..., Store], undisturbed: Undisturbed
) -> None:
    store = make_store("a-clip", "grade-8/d-slides", "e-slides")
    wanted = undisturbed.of("a-clip", "d-slides", "e-slides")
    assert store.build().process.returncode == 0
    assert store.published() == wanted

    def assert_built(*lessons: str, options: tuple[str, ...] = ()) -> Started:
        driver = store.build(*options)
        assert driver.process.returncode == 0, driver.text()
        put_films = {name.partition("/")[0] for name in store.asked("PUT", "out") if not name.startswith(OWN)}
        assert put_films - OF_THE_BATCH == set(lessons)
        return driver

    assert_built()
    assert not store.asked("GET", "term4")
    kept = {"batch.json", *(f"{name}/manifest.json" for name in ("a-clip", "d-slides", "e-slides"))}
    assert {name for name in store.asked("GET", "out") if not name.startswith(OWN)} == kept
    assert {name for name in store.asked("PUT", "out") if not name.startswith(OWN)} == OF_THE_BATCH

    script = (undisturbed.lessons / "d-slides/lesson.yaml").read_bytes()
    put(f"{store.url}/term4/grade-8/d-slides", {"lesson.yaml": script.replace("Мысал".encode(), b"2")})
    planned = assert_built(options=("--dry-run",))
    assert "d-slides" in planned.text()
    assert not store.asked("PUT", "out")
    assert_built("d-slides", options=("--only-changed", "--check", "full"))
    assert set(store.asked("GET", "term4")) <= {"grade-8/d-slides/lesson.yaml"}

    put(f"{store.url}/term4/grade-8/d-slides", {"lesson.yaml": script})
    client().rm_file(f"{store.url}/out/a-clip/poster.jpg")
    put(f"{store.url}/out/e-slides", {"e-slides.mp4": b"cut off"})
    assert_built("a-clip", "d-slides", "e-slides")
    assert store.published() == wanted


def test_each_worker_of_a_cluster_reads_a_file_once(make_store: Callable[..., Store], undisturbed: Undisturbed) -> None:
    store = make_store("a-clip", "grade-8/d-slides", quiet=False)
    with cluster(store.at, "left", "right") as workers:
        for name in ("left", "right"):
            shutil.copytree(undisturbed.objects, workers.cache(name) / "objects")
        # The longest work of all is missing everywhere, in several portions.
        missing = sorted((undisturbed.objects).glob("??/*"), key=lambda each: each.stat().st_size)[-6:]
        for each in missing:
            for name in ("left", "right"):
                (workers.cache(name) / "objects" / each.relative_to(undisturbed.objects)).unlink()
        driver = store.build("--scheduler", workers.address)
        assert driver.process.returncode == 0, driver.text()
        store.at.assert_quiet(driver)
    assert store.published() == undisturbed.of("a-clip", "d-slides")
    assert max(store.asked("GET", "term4").values()) <= 2
    assert max(count for name, count in store.asked("PUT", "out").items() if name.endswith(".mp4")) == 1


# What goes wrong ---------------------------------------------------------------------------------


class Line:
    """A line to a server, which can be cut, and held where a certain request is about to pass."""

    def __init__(self, server: str) -> None:
        host, _, port = server.removeprefix("http://").partition(":")
        self._server = (host, int(port))
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self._request = b""
        self.is_held, self._go_on = threading.Event(), threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    def hold(self, request: str) -> None:
        self._request = request.encode()

    def cut(self) -> None:
        """As when a server is killed: what is under way is broken off, and nobody answers."""
        with self._lock:
            self._is_cut = True
            for each in self._ends:
                _reset(each)
        self._go_on.set()

    def mend(self) -> None:
        with self._lock:
            self._is_cut = False

    def end(self) -> None:
        self.cut()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._threads:
            each.join(30)
        for end in self._ends:
            end.close()

    def _listen(self) -> None:
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._is_cut:
                    _reset(here)
                    here.close()
                    continue
                there = socket.create_connection(self._server)
                self._ends |= {here, there}
                for way in ((here, there), (there, here)):
                    self._threads.append(threading.Thread(target=self._carry, args=way, daemon=True))
                    self._threads[-1].start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if self._request and data.startswith(self._request):
                    self._request = b""
                    self.is_held.set()
                    self._go_on.wait()
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _reset(end: socket.socket) -> None:
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def line(s3: S3Server) -> Iterator[Line]:
    made = Line(s3.url)
    yield made
    made.end()


def test_a_driver_killed_while_it_publishes_leaves_nothing_half_and_is_followed(
    make_store: Callable[..., Store], undisturbed: Undisturbed, line: Line
) -> None:
    store = make_store("a-clip", "d-slides")
    wanted = undisturbed.of("a-clip", "d-slides")
    line.hold(f"PUT /{store.url.removeprefix('s3://')}/out/a-clip/poster.jpg")
    first = store.start(AWS_ENDPOINT_URL=line.url)
    await_that(lambda: line.is_held.is_set() or first.is_over, "a film to be published")
    assert not first.is_over, first.text()

    standing, second = store.status(), store.build()
    assert second.process.returncode == 2
    assert "Another telesabaq is at work" in second.text()
    assert str(first.pid) in second.text()
    assert standing.wait() == 0, standing.text()
    assert ": running" in standing.text()

    first.kill()
    line.cut()
    store.at.assert_nobody_left()
    assert "a-clip" not in store.whole_lessons()
    assert {
        name: wanted.get(name) for name in store.objects() if name.count("/") == 1 and "." not in name[:1]
    }.items() <= (wanted | {"a-clip/.publishing.telesabaq-partial": None}).items()

    standing, third = store.status(), store.start()
    assert third.wait() == 0, third.text()
    assert f"(process {first.pid}) was at work in {store.url}/out; watching for 15 s" in third.text()
    assert standing.wait() == 1, standing.text()
    assert "cut off" in standing.text()
    assert store.published() == wanted
    assert store.whole_lessons() == {"a-clip", "d-slides"}
    assert not [name for name in store.objects() if name.endswith("lease.json")]


def test_a_server_that_goes_away_for_some_seconds_is_waited_for(
    make_store: Callable[..., Store], undisturbed: Undisturbed, line: Line
) -> None:
    store = make_store("a-clip", "d-slides")
    line.hold(f"PUT /{store.url.removeprefix('s3://')}/out/a-clip/a-clip.mp4")
    driver = store.start(AWS_ENDPOINT_URL=line.url)
    await_that(lambda: line.is_held.is_set() or driver.is_over, "a film to be published")
    line.cut()
    time.sleep(8)  # longer than the attempts of one request take
    line.mend()
    assert driver.wait() == 0, driver.text()
    assert "did not answer" not in driver.text()
    assert store.published() == undisturbed.of("a-clip", "d-slides")


SECRET = "a-secret-that-nobody-may-read"  # noqa: S105

NOWHERE = {"AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_CONFIG_FILE": "/nonexistent"}


@pytest.mark.parametrize(
    ("names", "env", "told"),
    [
        ((), {"AWS_PROFILE": "nobody", **NOWHERE}, "access was refused"),
        ((), {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_SECRET_ACCESS_KEY": SECRET}, "did not answer"),
        ((), {"AWS_ENDPOINT_URL": f"http://user:{SECRET}@127.0.0.1:9"}, "did not answer"),
        (("s3://no-such-bucket/term4", "-o", "out"), {}, "There is nothing at s3://no-such-bucket/term4:"),
        (("{lessons}", "-o", "s3://no-such-bucket/out"), {}, "There is nothing at s3://no-such-bucket/out:"),
        (
            ("{lessons}", "-o", "s3://no-such-bucket/out", "--dry-run"),
            {},
            "There is nothing at s3://no-such-bucket/out:",
        ),
        (("{lessons}", "-o", f"s3://key:{SECRET}@bucket/out"), {}, "there is a password"),
    ],
)
def test_storage_that_cannot_be_used_is_told_before_any_work(
    make_store: Callable[..., Store], names: tuple[str, ...], env: dict[str, str], told: str
) -> None:
    store = make_store("d-slides")
    if names:
        named = [each.format(lessons=store.at.lessons / "d-slides") for each in names]
        command = [sys.executable, "-m", "pipeline.cli.main", "--lang", "en", "build", *named, "--structure", str(TINY)]
        driver = store.at.spawn(command, **env)
    else:
        driver = store.start(**env)
    assert driver.wait() == 2, driver.text()
    assert told in driver.text()
    assert SECRET not in driver.text()


def test_keys_that_end_in_the_middle_are_told_and_good_ones_complete_the_batch(
    make_store: Callable[..., Store], undisturbed: Undisturbed
) -> None:
    store = make_store("d-slides", "e-slides")
    env = {"AWS_SECRET_ACCESS_KEY": SECRET}
    store.server.ask_for_keys(45)
    try:
        driver = store.build(**env)
    finally:
        store.server.ask_for_keys(float("inf"))
    assert driver.process.returncode == 1, driver.text()
    assert "access was refused" in driver.text()
    client().rm_file(
        f"{store.url}/out/{OWN}lease.json"
    )  # which could not be given back, and would be watched for a while
    # Nobody touched a lesson, and yet those that the keys spoilt are not left alone.
    again = store.build("--only-changed", **env)
    assert again.process.returncode == 0, again.text()
    assert store.published() == undisturbed.of("d-slides", "e-slides")
    records = b"".join(client().cat_file(f"{store.url}/out/{name}") for name in store.objects() if "." in name[:1])
    assert SECRET.encode() not in records + client().cat_file(f"{store.url}/out/batch.json")
    assert SECRET not in driver.text() + again.text()
