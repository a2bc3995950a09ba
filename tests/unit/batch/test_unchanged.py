"""Lessons that need no work are recognised without reading them, and only those."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.batch import unchanged as module
from pipeline.batch.model import BatchOptions, LessonResult, Planned, Source
from pipeline.batch.storage import open_output
from pipeline.batch.unchanged import Memory
from pipeline.render.cache import Cache
from tests.unit.batch.plans import planned

LONG_AGO = 1_600_000_000


@dataclass
class Season:
    """One lesson that was made and published, and what a run remembers of it."""

    root: Path
    source: Source
    plan: Planned
    result: LessonResult
    options: BatchOptions

    def memory(self, **options: object) -> Memory:
        chosen = replace(self.options, **options)  # type: ignore[arg-type]
        return Memory(Cache(self.root / "cache"), open_output(self.root / "out"), chosen, {})

    def remember(self, result: LessonResult, plan: Planned | None, **options: object) -> None:
        memory = self.memory(**options)
        memory.note(self.source)
        memory.remember(self.source, result, plan)

    @property
    def script(self) -> Path:
        return Path(self.source.script)

    @property
    def published(self) -> Path:
        return self.root / "out" / "algebra"


def _aged(path: Path) -> None:
    os.utime(path, (LONG_AGO, LONG_AGO))


@pytest.fixture
def made(tmp_path: Path) -> Season:
    folder = tmp_path / "lessons" / "algebra"
    folder.mkdir(parents=True)
    inputs = {}
    for name, text in {"lesson.yaml": "format: 1", "clip.mp4": "moving pictures"}.items():
        (folder / name).write_text(text)
        _aged(folder / name)
        inputs[name] = sha256(text.encode()).hexdigest()
    source = Source(str(folder / "lesson.yaml"), "lessons/algebra/lesson.yaml")
    plan = replace(planned("algebra", {"a": 50}), source=source, inputs=inputs, build="b" * 64)
    published = tmp_path / "out" / "algebra"
    published.mkdir(parents=True)
    film = b"a film"
    (published / "algebra.mp4").write_bytes(film)
    manifest = {
        "format": 1,
        "build": plan.build,
        "film": {"bytes": len(film), "frames": 375, "fps": "25"},
        "sound": {"loudness": -23.0, "true_peak": -2.0},
        "outputs": [{"path": "algebra.mp4", "bytes": len(film), "sha256": sha256(film).hexdigest()}],
        "warnings": [],
    }
    (published / "manifest.json").write_text(json.dumps(manifest))
    warning = {"code": "VID-001", "severity": "warning", "where": None, "message": {"en": "hm"}, "remedy": {"en": ""}}
    result = LessonResult("algebra", source.shown, "made", plan.facts, {"folder": "algebra"}, (warning,))
    season = Season(tmp_path, source, plan, result, BatchOptions(str(tmp_path / "out")))
    season.remember(result, plan)
    return season


def test_a_lesson_whose_film_lies_there_is_unchanged(made: Season) -> None:
    result = made.memory().unchanged(made.source)
    assert result is not None
    assert result.outcome == "unchanged"
    assert result.film is not None
    assert (result.film["name"], result.film["frames"], result.film["loudness"]) == ("algebra.mp4", 375, -23.0)


def test_what_the_check_had_to_remark_is_still_told(made: Season) -> None:
    result = made.memory().unchanged(made.source)
    assert result is not None
    assert [each["code"] for each in result.warnings] == ["VID-001"]


def _edit_script(made: Season) -> None:
    made.script.write_text("format: 1 # changed")


def _edit_clip(made: Season) -> None:
    made.script.with_name("clip.mp4").write_text("moving picturez")


def _lose_clip(made: Season) -> None:
    made.script.with_name("clip.mp4").unlink()


def _lose_film(made: Season) -> None:
    (made.published / "algebra.mp4").unlink()


def _spoil_film(made: Season) -> None:
    (made.published / "algebra.mp4").write_bytes(b"b film")


def _lose_manifest(made: Season) -> None:
    (made.published / "manifest.json").unlink()


def _other_build(made: Season) -> None:
    manifest = json.loads((made.published / "manifest.json").read_text())
    (made.published / "manifest.json").write_text(json.dumps(manifest | {"build": "c" * 64}))


@pytest.mark.parametrize(
    "change", [_edit_script, _edit_clip, _lose_clip, _lose_film, _spoil_film, _lose_manifest, _other_build]
)
def test_any_change_makes_it_work_again(made: Season, change: Callable[[Season], None]) -> None:
    change(made)
    assert made.memory().unchanged(made.source) is None


@pytest.mark.parametrize("other", [{"check": "full"}, {"allow_code": True}, {"check_profile": "strict"}])
def test_other_options_are_another_film(made: Season, other: dict[str, object]) -> None:
    assert made.memory(**other).unchanged(made.source) is None


def test_another_version_of_the_product_looks_again(made: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "fingerprint", lambda: {"source": "another"})
    assert made.memory().unchanged(made.source) is None


def test_a_draft_voice_or_code_is_looked_at_again(made: Season) -> None:
    made.remember(made.result, replace(made.plan, drafts=True))
    assert made.memory().unchanged(made.source) is None
    made.remember(made.result, made.plan, allow_code=True)
    assert made.memory(allow_code=True).unchanged(made.source) is None


def test_a_failed_lesson_is_never_unchanged(made: Season) -> None:
    made.remember(replace(made.result, outcome="failed"), made.plan)
    assert made.memory().unchanged(made.source) is None


def test_only_changed_leaves_a_failed_lesson_alone_and_keeps_its_errors(made: Season) -> None:
    error = {"code": "media.unreadable"}
    made.remember(replace(made.result, outcome="failed", errors=(error,)), None)
    result = made.memory().left_alone(made.source)
    assert result is not None
    assert (result.outcome, result.errors) == ("left-alone", (error,))


def test_only_changed_sees_a_file_that_came_to_the_folder(made: Season) -> None:
    assert made.memory().left_alone(made.source) is not None
    made.script.with_name("new.png").write_text("x")
    assert made.memory().left_alone(made.source) is None


def test_another_lesson_below_is_not_this_ones_change(made: Season) -> None:
    below = made.script.parent / "next" / "lesson.yaml"
    below.parent.mkdir()
    below.write_text("format: 1")
    assert made.memory().left_alone(made.source) is not None


def test_a_lesson_nobody_has_seen_is_work(made: Season) -> None:
    stranger = Source(str(made.root / "lessons" / "new" / "lesson.yaml"), "new")
    assert made.memory().unchanged(stranger) is None
    assert made.memory().left_alone(stranger) is None


def test_only_changed_tries_again_what_failed_through_no_fault_of_the_files(made: Season) -> None:
    made.remember(replace(made.result, outcome="failed", errors=({"code": "cache.full"},), fleeting=True), None)
    assert made.memory().left_alone(made.source) is None


def test_only_changed_sees_an_edit_made_while_the_lesson_was_being_built(made: Season) -> None:
    memory = made.memory()
    memory.note(made.source)
    _edit_script(made)
    memory.remember(made.source, made.result, made.plan)
    assert made.memory().left_alone(made.source) is None
