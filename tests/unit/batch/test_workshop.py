"""A worker's open lessons: read once, looked at again when their files change, given back in the end."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.batch import workshop as workshop_module
from pipeline.batch.model import BatchOptions, Source
from pipeline.batch.workshop import KEPT_OPEN, Workshop
from pipeline.errors import LessonError
from pipeline.render.cache import Cache
from pipeline.specs import load_structure
from tests.conftest import SHORT

OPTIONS = BatchOptions("/out", load_structure(str(SHORT)))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    shop = Workshop(Cache(tmp_path / "cache"))
    yield shop
    shop.close()
    assert not any((tmp_path / "cache" / "work").iterdir())


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every script that was read and laid out."""
    read: list[Path] = []
    prepare = workshop_module.prepare

    def counted(path: Path, *arguments: object, **named: object) -> object:
        read.append(path)
        return prepare(path, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(workshop_module, "prepare", counted)
    return read


def source(folder: Path) -> Source:
    return Source(str(folder / "lesson.yaml"), folder.name)


def edit(folder: Path, old: str, new: str) -> None:
    script = folder / "lesson.yaml"
    text = script.read_text(encoding="utf-8")
    assert old in text
    script.write_text(text.replace(old, new), encoding="utf-8")


def test_a_lesson_is_laid_out_once_for_all_its_steps(
    shop: Workshop, make_lesson: Callable[..., Path], readings: list[Path]
) -> None:
    lesson = source(make_lesson())
    with shop.film(lesson, OPTIONS) as film:
        key = film.key()
    with shop.film(lesson, OPTIONS, key) as again:
        assert again is film
    assert len(readings) == 1


def test_a_changed_script_is_read_again(shop: Workshop, make_lesson: Callable[..., Path], readings: list[Path]) -> None:
    folder = make_lesson()
    with shop.film(source(folder), OPTIONS) as film:
        before = film.key()
    edit(folder, "Дискриминант неге тең?", "Дискриминант деген не?")
    with shop.film(source(folder), OPTIONS) as film:
        assert film.key() != before
    assert len(readings) == 2


def test_files_that_changed_since_the_planning_are_told(shop: Workshop, make_lesson: Callable[..., Path]) -> None:
    folder = make_lesson()
    with shop.film(source(folder), OPTIONS) as film:
        planned = film.key()
    edit(folder, "Дискриминант неге тең?", "Дискриминант деген не?")
    with pytest.raises(LessonError) as told, shop.film(source(folder), OPTIONS, planned):
        pass
    assert [problem.code for problem in told.value.problems] == ["batch.input-changed"]


def test_a_changed_clip_is_noticed_though_the_script_is_the_same(
    shop: Workshop, make_lesson: Callable[..., Path]
) -> None:
    folder = make_lesson()
    with shop.film(source(folder), OPTIONS) as film:
        planned = film.key()
    captions = folder / "clip.vtt"
    captions.write_text(captions.read_text(encoding="utf-8").replace("Бүгін", "Ертең"), encoding="utf-8")
    with pytest.raises(LessonError) as told, shop.film(source(folder), OPTIONS, planned):
        pass
    assert [problem.code for problem in told.value.problems] == ["batch.input-changed"]


def test_only_the_lessons_used_last_stay_open(
    shop: Workshop, make_lesson: Callable[..., Path], readings: list[Path], tmp_path: Path
) -> None:
    folders = [make_lesson(f"lesson-{number}") for number in range(KEPT_OPEN + 2)]
    for folder in folders:
        with shop.film(source(folder), OPTIONS):
            pass
    assert len(list((tmp_path / "cache" / "work").iterdir())) == KEPT_OPEN
    with shop.film(source(folders[-1]), OPTIONS):
        pass
    assert len(readings) == len(folders)
    with shop.film(source(folders[0]), OPTIONS):
        pass
    assert len(readings) == len(folders) + 1


def test_a_lesson_in_use_is_never_closed(shop: Workshop, make_lesson: Callable[..., Path]) -> None:
    folders = [make_lesson(f"lesson-{number}") for number in range(KEPT_OPEN + 2)]
    with shop.film(source(folders[0]), OPTIONS) as film:
        for folder in folders[1:]:
            with shop.film(source(folder), OPTIONS):
                pass
        assert film.work.exists()


def test_threads_may_share_a_lesson(shop: Workshop, make_lesson: Callable[..., Path]) -> None:
    lesson = source(make_lesson())
    keys: list[str] = []
    errors: list[BaseException] = []

    def use() -> None:
        try:
            with shop.film(lesson, OPTIONS) as film:
                keys.append(film.key())
                assert film.work.exists()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(set(keys)) == 1
    assert len(keys) == 8


def test_a_script_with_errors_leaves_no_work_folder(
    shop: Workshop, make_lesson: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_lesson()
    os.unlink(folder / "clip.mp4")  # noqa: PTH108  # the lesson's own link to the shared clip
    with pytest.raises(LessonError), shop.film(source(folder), OPTIONS):
        pass
    assert not any((tmp_path / "cache" / "work").iterdir())
