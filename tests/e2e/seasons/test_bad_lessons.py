"""Lessons that cannot be made, among good ones: told with the words of a single build, and nobody else suffers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.batch.model import told
from pipeline.errors import TelesabaqError
from pipeline.render.build import Options, build
from pipeline.render.cache import Cache
from pipeline.specs import load_structure
from tests.e2e.seasons.conftest import Undisturbed
from tests.e2e.seasons.drive import Stage, await_that
from tests.e2e.seasons.judge import assert_all_whole, published
from tests.e2e.seasons.season import TINY


def test_each_bad_lesson_fails_with_the_words_of_a_single_build(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed, tmp_path: Path
) -> None:
    at = make_stage(own=True, warm=True)
    _cut_off(at.lessons / "a-clip" / "clip.mp4")
    _misspell(at.lessons / "d-slides" / "lesson.yaml")
    (at.lessons / "c-clip" / "clip.mp4").unlink()
    driver = at.build()
    assert driver.process.returncode == 1, driver.text()
    good, bad = ("b-clip", "e-slides"), ("a-clip", "c-clip", "d-slides")
    assert at.outcomes() == dict.fromkeys(good, "made") | dict.fromkeys(bad, "failed")
    assert published(at.out) == undisturbed.of(*good)
    for name in bad:
        assert _said(at, name) == _said_alone(at.lessons / name, tmp_path)
        for error in at.errors(name):
            assert error["message"]["en"].splitlines()[0] in driver.text()


def test_a_clip_that_vanishes_while_others_are_made_fails_only_its_lesson(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed, tmp_path: Path
) -> None:
    # The longest lesson goes first: what vanishes is wanted later, on the one worker.
    at = make_stage("a-clip", "c-clip", "d-slides", own=True)
    driver = at.start("--jobs", "1")
    await_that(lambda: at.events("lesson-started"), "work to begin")
    first = at.events("lesson-started")[0]["lesson"]
    victim = "c-clip" if first == "a-clip" else "a-clip"
    (at.lessons / victim / "clip.mp4").unlink()
    assert driver.wait() == 1, driver.text()
    good = tuple(name for name in at.names if name != victim)
    assert at.outcomes() == dict.fromkeys(good, "made") | {victim: "failed"}
    assert _said(at, victim) == _said_alone(at.lessons / victim, tmp_path)
    assert published(at.out) == undisturbed.of(*good)


def test_a_clip_that_is_exchanged_while_others_are_made_is_noticed(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed
) -> None:
    at = make_stage("a-clip", "c-clip", "d-slides", own=True)
    driver = at.start("--jobs", "1")
    await_that(lambda: at.events("lesson-started"), "work to begin")
    first = at.events("lesson-started")[0]["lesson"]
    victim = "c-clip" if first == "a-clip" else "a-clip"
    clip = at.lessons / victim / "clip.mp4"
    clip.write_bytes(clip.read_bytes() + b"\0\0\0\x08free")
    assert driver.wait() == 1, driver.text()
    assert [each["code"] for each in at.errors(victim)] == ["batch.input-changed"]
    # The same command makes it of the new file; nothing of the old one's making is taken for it.
    assert at.build().process.returncode == 0
    assert at.outcomes()[victim] == "made"


def test_fail_fast_stops_and_tells_what_was_not_begun(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed
) -> None:
    at = make_stage(own=True)
    _misspell(at.lessons / "a-clip" / "lesson.yaml")
    driver = at.build("--fail-fast")
    assert driver.process.returncode == 1, driver.text()
    outcomes = at.outcomes()
    assert outcomes.pop("a-clip") == "failed"
    assert set(outcomes.values()) == {"not-run"}
    assert [each["outcome"] for each in at.events("run-ended")] == ["stopped"]
    assert not assert_all_whole(at.out, undisturbed.files)


def _said(at: Stage, lesson: str) -> list[dict[str, Any]]:
    """Code, place and text of why a lesson failed."""
    return [_placed(each) for each in at.errors(lesson)]


def _placed(told: dict[str, Any]) -> dict[str, Any]:
    """A summary names scripts as short as it can; a single build as they were named."""
    where = told["where"] and {**told["where"], "path": Path(told["where"]["path"]).name}
    return {**told, "where": where}


def _said_alone(lesson: Path, folder: Path) -> list[dict[str, Any]]:
    try:
        build(lesson, folder / "alone", Options(load_structure(str(TINY)), workers=1), Cache(folder / "alone-cache"))
    except TelesabaqError as error:
        return [_placed(each) for each in told(error.problems)]
    raise AssertionError(lesson)


def _cut_off(clip: Path) -> None:
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 3])


def _misspell(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace("grade: 8", "grade: [8").replace("questions:", "qestions:"), encoding="utf-8")
