from __future__ import annotations

import json

import pytest

from pipeline.errors import UsageError
from pipeline.lesson.load import load_lesson
from pipeline.lesson.scaffold import new_lesson
from pipeline.specs import load_structure


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_new_lesson_has_no_problems_and_fills_the_explanation(tmp_path, language):
    written = new_lesson(tmp_path / "sabaq", language)
    structure = load_structure()
    lesson, problems = load_lesson(written[0], structure)
    assert problems == []
    assert lesson.language == language
    explanation = structure.part("explanation")
    seconds = sum(item.seconds for item in lesson.explanation)
    assert seconds == 355
    assert seconds * structure.fps + explanation.opens_with.frames == explanation.frames


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_script_points_editors_to_the_schema_beside_it(tmp_path, language):
    script, schema = new_lesson(tmp_path, language)
    first_line = script.read_text(encoding="utf-8").splitlines()[0]
    assert first_line == "# yaml-language-server: $schema=.telesabaq/lesson.schema.json"
    assert schema == tmp_path / ".telesabaq" / "lesson.schema.json"
    assert json.loads(schema.read_text(encoding="utf-8"))["title"]


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_clip_that_is_commented_out_works_when_it_is_let_in(tmp_path, language):
    script = new_lesson(tmp_path, language)[0]
    text = script.read_text(encoding="utf-8")
    for line in ("- clip: media", "  from: 0:03", "  to: 3:30", "  source: own"):
        assert f"  # {line}" in text
        text = text.replace(f"  # {line}", f"  {line}")
    script.write_text(text, encoding="utf-8")
    (tmp_path / "media" / "teacher.mp4").write_bytes(b"x")
    lesson, problems = load_lesson(tmp_path, load_structure())
    assert problems == []
    assert lesson.explanation[0].file.name == "media/teacher.mp4"


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "lesson.yaml").write_text("mine")
    with pytest.raises(UsageError) as caught:
        new_lesson(tmp_path, "kk")
    assert caught.value.problems[0].code == "new.folder-not-empty"
    assert [each.name for each in tmp_path.iterdir()] == ["lesson.yaml"]
    assert (tmp_path / "lesson.yaml").read_text() == "mine"


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "sabaq").write_text("mine")
    with pytest.raises(UsageError) as caught:
        new_lesson(tmp_path / "sabaq", "kk")
    assert caught.value.problems[0].code == "new.folder-is-file"


@pytest.mark.parametrize("language", ["en", "../kk", "", "/"])
def test_there_are_templates_in_the_two_languages_only(tmp_path, language):
    with pytest.raises(UsageError) as caught:
        new_lesson(tmp_path / "sabaq", language)
    assert caught.value.problems[0].code == "new.unknown-language"
    assert not (tmp_path / "sabaq").exists()
