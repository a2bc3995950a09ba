"""Building again: the same bytes, only what changed, never a half file."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import LessonError, UsageError
from pipeline.render.build import Built, Options, build
from pipeline.render.cache import Cache
from pipeline.specs import load_profile, load_structure
from tests.conftest import SHORT
from tests.e2e.conftest import Film, ffprobe


@pytest.fixture
def again(film: Film, tmp_path: Path) -> Film:
    """A copy of the built lesson, its films and its cache, to be changed at will."""
    copy = tmp_path / "copy"
    shutil.copytree(film.lesson.parent, copy, copy_function=shutil.copy2)
    lesson = copy / "sabaq"
    return Film(lesson, copy / "out", copy / "cache", film.built)


def rebuild(film: Film, *, out: Path | None = None, cache: Path | None = None, profile: str = "platform") -> Built:
    options = Options(load_structure(str(SHORT)), load_profile(profile), workers=2)
    return build(film.lesson, out or film.out, options, Cache(cache or film.cache))


def edit(film: Film, old: str, new: str) -> None:
    script = film.lesson / "lesson.yaml"
    text = script.read_text(encoding="utf-8")
    assert old in text
    script.write_text(text.replace(old, new), encoding="utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_input_gives_the_same_bytes_from_an_empty_cache(again: Film, tmp_path: Path) -> None:
    built = rebuild(again, out=tmp_path / "other", cache=tmp_path / "empty")
    assert built.remade
    assert contents(built.folder) == contents(again.out / "sabaq")


def test_nothing_changed_makes_nothing(again: Film) -> None:
    before = (again.out / "sabaq" / "sabaq.mp4").stat()
    built = rebuild(again)
    assert built.up_to_date
    assert (again.out / "sabaq" / "sabaq.mp4").stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("name", ["sabaq.mp4", "cues.csv", "manifest.json"])
def test_a_damaged_or_missing_output_is_made_again_without_encoding(again: Film, name: str) -> None:
    good = contents(again.out / "sabaq")
    (again.out / "sabaq" / name).write_bytes(good[name][:-20])
    built = rebuild(again)
    assert (built.up_to_date, built.remade) == (False, ())
    assert contents(built.folder) == good


def test_one_changed_question_is_all_that_is_encoded_again(again: Film) -> None:
    edit(again, "Дискриминант неге тең?", "Дискриминант қалай есептеледі?")
    built = rebuild(again)
    assert [(each.segment.label, each.segment.start, each.reason) for each in built.remade] == [
        ("question", 175, "explain.text")
    ]
    assert built.remade[0].before == "Дискриминант неге тең?"


def test_the_rest_of_picture_and_sound_is_untouched_by_a_changed_question(again: Film) -> None:
    def packets(stream: str) -> list[tuple[str, str]]:
        found = ffprobe(film, "-select_streams", stream, "-show_entries", "packet=pts_time,data_hash", *hashed)
        return [(packet["pts_time"], packet["data_hash"]) for packet in found["packets"]]

    hashed = ("-show_data_hash", "md5")
    film = again.out / "sabaq" / "sabaq.mp4"
    picture, sound = packets("v:0"), packets("a:0")
    edit(again, "Дискриминант неге тең?", "Дискриминант қалай есептеледі?")
    rebuild(again)
    changed = {float(after[0]) for before, after in zip(picture, packets("v:0"), strict=True) if before != after}
    assert changed
    assert min(changed) >= 7
    assert max(changed) < 8
    assert packets("a:0") == sound


def test_a_corrected_name_remakes_only_the_frames_under_it_and_the_title(again: Film) -> None:
    edit(again, "Нұрланова", "Нұрланқызы")
    built = rebuild(again)
    assert [(each.segment.label.split()[0], each.segment.start, each.reason) for each in built.remade] == [
        ("title", 0, "explain.look"),
        ("clip.mp4", 35, "explain.caption"),
        ("clip.mp4", 87, "explain.caption"),
    ]


def test_a_new_clip_file_is_said_to_be_the_reason(again: Film, tmp_path: Path) -> None:
    (again.lesson / "clip.mp4").write_bytes((again.lesson / "clip.mp4").read_bytes() + b"\0\0\0\x08free")
    built = rebuild(again)
    assert {each.reason for each in built.remade} == {"explain.file"}


def test_a_cut_off_cache_object_is_never_used(again: Film) -> None:
    good = contents(again.out / "sabaq")
    shutil.rmtree(again.out)
    for path in (again.cache / "objects").glob("??/*"):
        if path.suffix != ".json":
            path.write_bytes(path.read_bytes()[:-7])
    built = rebuild(again)
    assert built.remade
    assert contents(built.folder) == good


def test_a_mov_of_the_same_lesson_encodes_nothing_again(again: Film) -> None:
    built = rebuild(again, profile="platform-mov")
    assert built.remade == ()
    assert built.film.name == "sabaq.mov"
    assert ffprobe(built.film, "-show_entries", "format=format_name,duration:format_tags=major_brand")["format"] == {
        "format_name": "mov,mp4,m4a,3gp,3g2,mj2",
        "duration": "15.000000",
        "tags": {"major_brand": "qt  "},
    }


def test_an_erroneous_script_writes_nothing(again: Film, tmp_path: Path) -> None:
    edit(again, "grade: 8", "grade: 12")
    with pytest.raises(LessonError):
        rebuild(again, out=tmp_path / "none")
    assert not (tmp_path / "none").exists()
    assert not any((again.cache / "work").iterdir())


def test_a_read_only_output_folder_is_a_clear_error(again: Film, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(UsageError) as caught:
        rebuild(again, out=blocked)
    assert caught.value.problems[0].code == "build.cannot-write"


def test_two_builds_at_once_on_one_cache_make_the_same_film(again: Film, tmp_path: Path) -> None:
    outs = [tmp_path / "a", tmp_path / "b"]
    cache = tmp_path / "shared"
    threads = [threading.Thread(target=rebuild, args=(again,), kwargs={"out": out, "cache": cache}) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = (contents(out / "sabaq") for out in outs)
    assert first == second == contents(again.out / "sabaq")


COMMAND = [sys.executable, "-m", "pipeline.cli.main", "build"]


@pytest.mark.parametrize("deadly", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_build_that_is_stopped_leaves_no_half_file_and_can_go_on(
    again: Film, tmp_path: Path, deadly: signal.Signals
) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    environment = os.environ | {"TELESABAQ_CACHE": str(cache)}
    command = [*COMMAND, str(again.lesson), "-o", str(out), "--structure", str(SHORT)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _wait_for(lambda: any(cache.glob("work/build-*/*.mp4")), process)
    process.send_signal(deadly)
    assert process.wait(timeout=60) in {130, -signal.SIGKILL}
    assert not any(out.rglob("*"))
    if deadly != signal.SIGKILL:
        assert not any((cache / "work").iterdir())
    for record in cache.glob("objects/??/*.json"):
        assert record.with_suffix("").exists()
    built = rebuild(again, out=out, cache=cache)
    assert contents(built.folder) == contents(again.out / "sabaq")


def test_what_a_killed_build_left_is_swept_away_by_the_next(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    stale = tmp_path / "work" / "build-dead"
    stale.mkdir()
    (stale / "half.mp4").write_bytes(b"half")
    os.utime(stale, (0, 0))
    with cache.work_folder() as mine:
        assert not stale.exists()
        os.utime(mine, (0, 0))
        with Cache(tmp_path).work_folder():
            assert mine.exists()


def _wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, "the build ended before it could be stopped"
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
