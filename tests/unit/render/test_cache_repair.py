"""What is damaged is found, taken away and made again; nothing else is touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import LessonError, MediaError
from pipeline.render import repair
from pipeline.render.cache import Cache, Origin
from pipeline.render.engine import Silence, run_jobs, segment_job, sound_job
from pipeline.render.film import Film
from pipeline.render.objects import Kind, Record
from pipeline.render.prepare import Prepared, prepare
from pipeline.render.repair import Damage, inspect, remake
from pipeline.specs import load_profile, load_structure
from tests.conftest import CAPTIONS, LESSON, SHORT

KEY, OTHER = "ab" + "0" * 62, "cd" + "0" * 62


@pytest.fixture(autouse=True)
def _settles_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "SETTLE_SECONDS", 0.0)


def put(cache: Cache, key: str = KEY, data: bytes = b"0123456789", **more: Any) -> Path:
    made = cache.work / f"made-{key}"
    made.write_bytes(data)
    return cache.add(key, made, {"log": ""}, **more)


def record_of(path: Path) -> Path:
    return path.with_name(path.name + ".json")


# Looking -----------------------------------------------------------------------------------------


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def gone(path: Path) -> None:
    path.unlink()


def record_broken(path: Path) -> None:
    record_of(path).write_text("{")


def record_of_nothing(path: Path) -> None:
    record_of(path).write_text("{}")


def record_a_folder(path: Path) -> None:
    record_of(path).unlink()
    record_of(path).mkdir()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "inside").write_bytes(b"x")


def a_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("harm", "flaw"),
    [
        (flipped, "bytes"),
        (cut_off, "size"),
        (emptied, "size"),
        (gone, "gone"),
        (record_broken, "record"),
        (record_of_nothing, "record"),
        (record_a_folder, "record"),
        (a_folder, "no-file"),
        (a_link, "no-file"),
        (a_pipe, "no-file"),
    ],
)
def test_damage_is_named_and_nothing_of_it_is_left(tmp_path: Path, harm: Callable[[Path], None], flaw: str) -> None:
    cache = Cache(tmp_path)
    whole, path = put(cache, OTHER), put(cache)
    harm(path)
    found = inspect(cache)
    assert [(each.key, each.flaw) for each in found.damaged] == [(KEY, flaw)]
    assert not os.path.lexists(path)
    assert not os.path.lexists(record_of(path))
    assert whole.read_bytes() == b"0123456789"
    assert cache.find(OTHER) is not None
    assert inspect(cache).damaged == ()
    put(cache)
    assert cache.find(KEY) is not None


def test_a_whole_cache_is_left_as_it_is(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for number in range(50):
        os.utime(put(cache, f"{number:064x}", b"x" * number), (1000 + number, 1000 + number))
    before = cache.objects.listing()
    told: list[tuple[int, int]] = []
    found = inspect(cache, lambda done, known: told.append((done, known)))
    assert (found.objects, found.bytes, found.damaged, found.swept, found.foreign) == (50, 1225, (), 0, ())
    assert told[-1] == (1225, 1225)
    assert told == sorted(told)
    assert sorted(cache.objects.listing()) == sorted(before)


def test_an_object_without_a_record_is_swept_and_is_no_damage(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    path = put(cache)
    record_of(path).unlink()
    found = inspect(cache)
    assert (found.damaged, found.swept) == ((), 1)
    assert not path.exists()


def test_an_object_whose_record_is_still_on_its_way_is_not_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    path = put(cache)
    record = record_of(path).read_text()
    record_of(path).unlink()
    sweep = repair._sweep

    def after_the_record_came(*arguments: Any) -> int:
        record_of(path).write_text(record)
        return sweep(*arguments)

    monkeypatch.setattr(repair, "_sweep", after_the_record_came)
    found = inspect(cache)
    assert (found.damaged, found.swept) == ((), 0)
    assert cache.find(KEY) is not None


def test_strangers_are_named_and_left_alone(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    put(cache)
    strange = ["README", "ab/note.txt", f"zz/{OTHER}", "ab/.nfs000001", f"ab/{KEY}.json.bak"]
    for name in strange:
        (cache.objects.folder / name).parent.mkdir(exist_ok=True)
        (cache.objects.folder / name).write_text("x")
    found = inspect(cache)
    assert sorted(name.rpartition("/")[2] for name in found.foreign) == sorted(
        name.rpartition("/")[2] for name in strange
    )
    assert found.damaged == ()
    assert all((cache.objects.folder / name).exists() for name in strange)


def test_an_object_that_is_put_there_anew_while_it_is_looked_at_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    put(cache)
    digest = repair.file_sha256

    def meanwhile(path: Path) -> str:
        if cache.record(KEY).sha256 == sha256(b"0123456789").hexdigest():
            put(cache, KEY, b"9876543210")
        return digest(path)

    monkeypatch.setattr(repair, "file_sha256", meanwhile)
    assert inspect(cache).damaged == ()
    assert cache.find(KEY) is not None


def test_an_object_that_is_dropped_while_it_is_looked_at_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    put(cache)

    def meanwhile(path: Path) -> str:
        cache.drop(KEY)
        raise FileNotFoundError(path)

    monkeypatch.setattr(repair, "file_sha256", meanwhile)
    assert inspect(cache).damaged == ()


# Making again ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """A lesson of which two cards and a piece of the clip (and in slow tests the sound) are in the cache."""

    lesson: Path
    cache: Cache
    origin: Origin
    keys: dict[Kind, str]

    def bytes(self) -> dict[str, bytes]:
        return {each.key: self.cache.objects.path(each.key).read_bytes() for each in self.cache.objects.listing()}


def made(folder: Path, clip: Path, *, sound: bool = False) -> Made:
    lesson = folder / "sabaq"
    lesson.mkdir()
    (lesson / "lesson.yaml").write_text(LESSON, encoding="utf-8")
    (lesson / "clip.vtt").write_text(CAPTIONS, encoding="utf-8")
    shutil.copy(clip, lesson / "clip.mp4")
    cache = Cache(folder / "cache")
    origin = Origin.of(lesson / "lesson.yaml", str(SHORT), "platform")
    with cache.work_folder() as work:
        film = Film(prepare(lesson, load_structure(str(SHORT)), cache, work), load_profile(), cache, work)
        cards = [each for each in film.unique() if each.parts["step"] == "still"][:2]
        clips = sorted((each for each in film.unique() if each.parts["step"] == "clip"), key=lambda each: each.frames)
        jobs = [segment_job(each, cache, work, Silence(), origin) for each in (*cards, clips[0])]
        if sound:
            jobs.append(sound_job(film.timeline, film.house, film.sound, cache, work, origin))
        run_jobs(jobs, 2)
        return Made(lesson, cache, origin, {"card": cards[0].key, "clip": clips[0].key, "sound": film.sound})


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Made:
    return made(tmp_path_factory.mktemp("made"), clip)


@pytest.fixture
def lesson(once: Made, tmp_path: Path) -> Made:
    """The lesson with its own copy of the cache; the lesson's folder is everybody's and must not be changed."""
    once.cache._index.close()
    shutil.copytree(once.cache.folder, tmp_path / "cache")
    return Made(once.lesson, Cache(tmp_path / "cache"), once.origin, once.keys)


def test_objects_say_what_they_are_how_long_they_took_and_for_whom(lesson: Made) -> None:
    for kind in ("card", "clip"):
        record = lesson.cache.record(lesson.keys[kind])
        assert record.kind == kind
        assert 0 < record.seconds < 120
        assert record.origin == lesson.origin


def test_what_was_damaged_is_made_again_with_the_same_bytes(lesson: Made) -> None:
    before = lesson.bytes()
    for kind in ("card", "clip"):
        flipped(lesson.cache.objects.path(lesson.keys[kind]))
    told: list[tuple[int, int]] = []
    repairs = remake(lesson.cache, inspect(lesson.cache).damaged, heard=lambda *counts: told.append(counts))
    assert {(each.damage.key, each.remade, each.problems) for each in repairs} == {
        (lesson.keys[kind], True, ()) for kind in ("card", "clip")
    }
    assert lesson.bytes() == before
    assert told[-1] == (2, 2)
    assert inspect(lesson.cache).damaged == ()
    assert lesson.cache.record(lesson.keys["card"]).origin == lesson.origin
    assert not any(lesson.cache.work.iterdir())


@pytest.mark.slow
def test_a_films_sound_is_made_again_with_the_same_bytes(tmp_path: Path, clip: Path) -> None:
    lesson = made(tmp_path, clip, sound=True)
    before, facts = lesson.bytes(), lesson.cache.facts(lesson.keys["sound"])
    assert lesson.cache.record(lesson.keys["sound"]).kind == "sound"
    cut_off(lesson.cache.objects.path(lesson.keys["sound"]))
    (done,) = remake(lesson.cache, inspect(lesson.cache).damaged)
    assert done.remade
    assert lesson.bytes() == before
    assert lesson.cache.facts(lesson.keys["sound"]) == facts


def damage(key: str, origin: Origin | None) -> Damage:
    return Damage(key, "bytes", Record(1, "0" * 64, "card", 0.0, origin))


def test_what_does_not_come_out_of_its_lesson_any_more_is_not_made(lesson: Made) -> None:
    wanted = [damage(OTHER, lesson.origin), damage(lesson.keys["card"], lesson.origin)]
    for each in wanted:
        lesson.cache.drop(each.key)
    first, second = remake(lesson.cache, wanted)
    assert (first.remade, [problem.code for problem in first.problems]) == (False, ["cache.lesson-changed"])
    assert second.remade
    assert lesson.cache.find(OTHER) is None


def test_what_nobody_noted_a_lesson_for_is_not_made(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    wanted = [damage(KEY, None), Damage(OTHER, "record", None)]
    assert [[problem.code for problem in each.problems] for each in remake(cache, wanted)] == [
        ["cache.origin-unknown"]
    ] * 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"script": "/nowhere/lesson.yaml"}, "script.missing"),
        ({"structure": "/nowhere/own.yaml"}, "spec.no-such-file"),
        ({"profile": "cinema"}, "spec.unknown-profile"),
    ],
)
def test_why_a_lesson_cannot_be_planned_is_told_and_others_go_on(
    lesson: Made, changed: dict[str, str], code: str
) -> None:
    lesson.cache.drop(lesson.keys["card"])
    whole = {"script": lesson.origin.script, "structure": lesson.origin.structure, "profile": lesson.origin.profile}
    wanted = [damage(OTHER, Origin(**whole | changed)), damage(lesson.keys["card"], lesson.origin)]
    first, second = remake(lesson.cache, wanted)
    assert (first.remade, [problem.code for problem in first.problems]) == (False, [code])
    assert second.remade


def test_an_encoder_that_fails_costs_only_its_own_object(lesson: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> str:
        raise MediaError.of("media.ffmpeg-failed", name="clip.mp4", code=1, log="broken")

    monkeypatch.setattr("pipeline.render.clips._encode", fails)
    wanted = [damage(lesson.keys[kind], lesson.origin) for kind in ("clip", "card")]
    for each in wanted:
        lesson.cache.drop(each.key)
    clip, card = remake(lesson.cache, wanted)
    assert [problem.code for problem in clip.problems] == ["media.ffmpeg-failed"]
    assert card.remade


@pytest.mark.parametrize("allowed", [False, True])
@pytest.mark.parametrize("recorded", [False, True])
def test_a_record_cannot_allow_code_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, allowed: bool, recorded: bool
) -> None:
    ran: list[bool] = []

    def planned(*_: object, allow_code: bool) -> Prepared:
        ran.append(allow_code)
        raise LessonError.of("lesson.nothing")

    monkeypatch.setattr(repair, "prepare", planned)
    origin = Origin(str(tmp_path / "lesson.yaml"), allow_code=recorded)
    remake(Cache(tmp_path / "cache"), [damage(KEY, origin)], allow_code=allowed)
    assert ran == [allowed and recorded]


def test_a_lesson_on_storage_is_fetched(lesson: Made) -> None:
    asked: list[str] = []

    def fetch(script: str) -> Path:
        asked.append(script)
        return lesson.lesson / "lesson.yaml"

    lesson.cache.drop(lesson.keys["card"])
    origin = Origin.of("s3://bucket/sabaq/lesson.yaml", lesson.origin.structure, "platform")
    (done,) = remake(lesson.cache, [damage(lesson.keys["card"], origin)], fetch)
    assert asked == ["s3://bucket/sabaq/lesson.yaml"]
    assert done.remade
    assert lesson.cache.record(lesson.keys["card"]).origin == origin
