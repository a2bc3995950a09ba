"""What an output folder holds after a build, and after one that was killed: new files or old ones, never a mixture."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pipeline.errors import UsageError
from pipeline.render import publish as module
from pipeline.render.publish import INTENT, LOCK, PARTIAL, locked, names_in, publish, unpublish

ROOT = Path(__file__).parents[3]
OLD = {"film.mp4": b"old film", "film.vtt": b"old captions", "cues.csv": b"same"}
NEW = {"film.mp4": b"new film", "poster.jpg": b"new poster", "cues.csv": b"same"}

KILLED = """\
import os, signal, sys
from pathlib import Path
from pipeline.render.publish import publish, unpublish
left = int(sys.argv[1])
def dying(step):
    def method(*args, **options):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*args, **options)
    return method
for name in ("rename", "unlink", "replace"):
    setattr(os, name, dying(getattr(os, name)))
work, folder = map(Path, sys.argv[2:4])
if len(sys.argv) > 4:
    publish({name: work / name for name in sys.argv[4:]}, folder)
else:
    unpublish(folder)
"""
"""Publishes, or takes away, and is killed -9 in front of the n-th step that changes the folder."""


def finished(work: Path, contents: dict[str, bytes]) -> dict[str, Path]:
    """The files of a build, with the manifest that names them."""
    work.mkdir(exist_ok=True)
    outputs = [{"path": name, "sha256": sha256(data).hexdigest()} for name, data in contents.items()]
    manifest = json.dumps({"format": 1, "outputs": outputs}).encode()
    files = contents | {"manifest.json": manifest}
    for name, data in files.items():
        (work / name).write_bytes(data)
    return {name: work / name for name in files}


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def vouched(folder: Path) -> bool:
    """Whether there is a manifest, and everything it names is as it says."""
    try:
        outputs = json.loads((folder / "manifest.json").read_bytes())["outputs"]
    except FileNotFoundError:
        return False
    found = [sha256((folder / each["path"]).read_bytes()).hexdigest() == each["sha256"] for each in outputs]
    assert all(found), "a manifest that says what is not so"
    return True


@pytest.fixture(params=["same disk", "another disk"])
def work(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    if request.param == "same disk":
        yield tmp_path / "work"
        return
    with TemporaryDirectory(dir="/dev/shm") as folder:
        assert Path(folder).stat().st_dev != tmp_path.stat().st_dev
        yield Path(folder) / "work"


def test_files_that_are_no_longer_made_are_taken_away_and_others_stay(tmp_path: Path, work: Path) -> None:
    folder = tmp_path / "out" / "algebra"
    publish(finished(work, OLD), folder)
    (folder / "notes.txt").write_bytes(b"by hand")
    files = finished(work, NEW)
    publish(files, folder)
    manifest = json.dumps(json.loads((folder / "manifest.json").read_bytes())).encode()
    assert held(folder) == NEW | {"notes.txt": b"by hand", "manifest.json": manifest}
    assert vouched(folder)


@pytest.mark.parametrize("step", range(1, 15))
def test_after_a_kill_nothing_vouches_for_a_mixture_and_the_next_build_mends_it(
    tmp_path: Path, work: Path, step: int
) -> None:
    folder = tmp_path / "out"
    publish(finished(work, OLD), folder)
    run_and_kill(step, work, folder, *finished(work, NEW))
    left = held(folder)
    whole = vouched(folder)
    for name in ("film.mp4", "film.vtt", "poster.jpg"):
        assert left.get(name) in {None, OLD.get(name), NEW.get(name)}
    if whole and left["film.mp4"] == NEW["film.mp4"]:
        assert set(left) <= {*NEW, "manifest.json", LOCK}
    publish(finished(work, NEW), folder)
    assert vouched(folder)
    assert set(held(folder)) == {*NEW, "manifest.json"}


@pytest.mark.parametrize("step", range(1, 15))
def test_what_a_killed_build_left_can_be_taken_away(tmp_path: Path, work: Path, step: int) -> None:
    folder = tmp_path / "out"
    publish(finished(work, OLD), folder)
    run_and_kill(step, work, folder, *finished(work, NEW))
    unpublish(folder)
    assert not folder.exists()


@pytest.mark.parametrize("step", range(1, 7))
def test_a_kill_while_a_lesson_is_taken_away_leaves_nothing_that_vouches(tmp_path: Path, step: int) -> None:
    folder = tmp_path / "out"
    publish(finished(tmp_path / "work", OLD), folder)
    run_and_kill(step, tmp_path, folder)
    vouched(folder)  # or it would say what is not so
    unpublish(folder)
    publish(finished(tmp_path / "work", NEW), folder)
    assert vouched(folder)


def run_and_kill(step: int, work: Path, folder: Path, *names: str) -> None:
    command = [sys.executable, "-c", KILLED, str(step), str(work), str(folder), *names]
    done = subprocess.run(command, cwd=ROOT, timeout=60, check=False)
    assert done.returncode in {-signal.SIGKILL, 0}
    assert done.returncode == 0 or step < 25


def test_the_steps_that_are_killed_are_all_there_are(tmp_path: Path) -> None:
    """If publishing grows steps, the tests above must try them too."""
    folder, work = tmp_path / "out", tmp_path / "work"
    publish(finished(work, OLD), folder)
    command = [sys.executable, "-c", KILLED, "14", str(work), str(folder), *finished(work, NEW)]
    assert subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode == 0


def test_a_reader_sees_old_files_or_new_ones_and_never_part_of_one(tmp_path: Path, work: Path) -> None:
    folder = tmp_path / "out"
    film = [{"film.mp4": bytes([number]) * 3_000_000} for number in range(31)]
    publish(finished(work, film[0]), folder)
    done, seen, mixed = threading.Event(), set(), []

    def read() -> None:
        while not done.is_set():
            try:
                before = (folder / "manifest.json").read_bytes()
                data = (folder / "film.mp4").read_bytes()
                after = (folder / "manifest.json").read_bytes()
            except FileNotFoundError:
                continue
            seen.add((len(data), len(set(data))))
            # Whoever finds the same manifest before and after has read what it names.
            if before == after and sha256(data).hexdigest() not in before.decode():
                mixed.append(data[:1])

    with ThreadPoolExecutor(1) as reader:
        reading = reader.submit(read)
        for number in range(1, 31):
            publish(finished(work, film[number]), folder)
        done.set()
        reading.result()
    assert seen == {(3_000_000, 1)}
    assert mixed == []


def test_two_publishers_of_one_folder_take_turns(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    contents = [OLD, NEW, {"film.mp4": b"third", "third.txt": b""}]

    def work(number: int) -> None:
        for _ in range(20):
            publish(finished(tmp_path / f"work{number}", contents[number]), folder)
            unpublish(folder)

    with ThreadPoolExecutor(3) as threads:
        for each in [threads.submit(work, number) for number in range(3)]:
            each.result()
    publish(finished(tmp_path / "work", NEW), folder)
    assert set(held(folder)) == {*NEW, "manifest.json"}


def test_a_publisher_waits_for_another_process(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    held_by = "import sys; from pathlib import Path; from pipeline.render.publish import locked\n"
    held_by += "with locked(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", held_by, str(folder / LOCK)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with ThreadPoolExecutor(1) as threads:
            publishing = threads.submit(publish, finished(tmp_path / "work", NEW), folder)
            with pytest.raises(TimeoutError):
                publishing.result(timeout=0.3)
            assert set(held(folder)) == {LOCK}
            other.kill()  # it dies with its lock
            publishing.result(timeout=30)
    assert set(held(folder)) == {*NEW, "manifest.json"}


def test_a_failed_copy_leaves_what_was_there(tmp_path: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "out"
    publish(finished(work, OLD), folder)
    before = held(folder)
    move = module._move

    def full(made: Path, target: Path) -> None:
        if made.name == "cues.csv":
            target.write_bytes(b"sa")
            raise OSError(28, "No space left on device")
        move(made, target)

    monkeypatch.setattr(module, "_move", full)
    with pytest.raises(UsageError, match=r"build\.cannot-write.*No space left"):
        publish(finished(work, NEW), folder)
    assert held(folder) == before
    with pytest.raises(UsageError, match=r"build\.cannot-write"):
        publish(finished(work, NEW), tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_file_system_without_locks_is_used_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(module.fcntl, "flock", unknown)
    publish(finished(tmp_path / "work", NEW), tmp_path / "out")
    assert vouched(tmp_path / "out")


def test_a_lock_that_was_taken_away_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "lock"
    real, waits = module.fcntl.flock, [True]

    def after_a_wait(file: object, how: int) -> None:
        if waits.pop() if waits else False:
            lock.unlink()  # the one who held it ended at this moment
            lock.touch()  # and another came and holds a new one
        real(file, how)  # type: ignore[arg-type]

    monkeypatch.setattr(module.fcntl, "flock", after_a_wait)
    with locked(lock):
        assert lock.exists()
        with lock.open("ab") as file, pytest.raises(BlockingIOError):
            real(file, module.fcntl.LOCK_EX | module.fcntl.LOCK_NB)
    assert not lock.exists()


HOSTILE: list[object] = [
    *(None, 3, [], {}, {"outputs": 3}, {"outputs": [3]}, {"outputs": [{}]}, {"outputs": [{"path": 3}]}),
    *(
        {"outputs": [{"path": name}]}
        for name in ("../kept.txt", "/kept.txt", "..", ".", "", "a\0b", "a" * 256, "\ud800")
    ),
    *({"outputs": [{"path": name}]} for name in (LOCK, INTENT, "manifest.json", ["x"])),
]


@pytest.mark.parametrize("manifest", HOSTILE)
def test_a_manifest_that_is_not_ours_takes_nothing_away(tmp_path: Path, manifest: dict[str, object] | None) -> None:
    folder = tmp_path / "out"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "kept.txt").touch()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert names_in(manifest) == set()
    publish(finished(tmp_path / "work", NEW), folder)
    assert {path.name for path in folder.iterdir()} == {*NEW, "manifest.json", "sub"}
    unpublish(folder)
    assert (tmp_path / "kept.txt").exists()
    assert [path.name for path in folder.iterdir()] == ["sub"]


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"\xff", b'{"outputs": [' + b" " * (5 << 20)])
def test_a_manifest_that_is_no_json_does_not_stop_a_build(tmp_path: Path, data: bytes) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    for name in ("manifest.json", INTENT, f".manifest.json{PARTIAL}"):
        (folder / name).write_bytes(data)
    publish(finished(tmp_path / "work", NEW), folder)
    assert set(held(folder)) == {*NEW, "manifest.json"}


@pytest.mark.parametrize("obstacle", [lambda path: path.touch(), lambda path: path.symlink_to("nowhere")])
def test_a_folder_that_cannot_be_is_told_in_words(tmp_path: Path, obstacle: Callable[[Path], None]) -> None:
    obstacle(tmp_path / "out")
    for folder in (tmp_path / "out", tmp_path / "out" / "algebra"):
        with pytest.raises(UsageError, match=r"build\.cannot-write"):
            publish(finished(tmp_path / "work", NEW), folder)
