"""The scripts and formulas in the documents work as they stand."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline.lesson.formula import parse_formula
from pipeline.lesson.load import load_lesson
from pipeline.lesson.model import Animation, Clip, Lesson, Slide
from pipeline.reports.model import Finding, Report, SubjectReport
from pipeline.reports.text import text
from pipeline.rulebook import load_check_profile
from pipeline.specs import load_structure
from tests.unit.docs.documents import GUIDES, README, ROOT, blocks, named, read

WITH_EXAMPLES = (README, *GUIDES)

each_document = pytest.mark.parametrize("document", WITH_EXAMPLES, ids=named)
each_guide = pytest.mark.parametrize("document", GUIDES, ids=named)

_MEDIA = re.compile(r"media/[\w.-]+")
_CELL = re.compile(r"`([^`]+)`")
_SIGN = re.compile(r"[-+*:<>=!~x]{1,3}")


def example(document: Path) -> str:
    """The one complete script of a document."""
    whole = [block.text for block in blocks(read(document)) if block.language == "yaml" and "format: 1" in block.text]
    assert len(whole) == 1
    return whole[0]


def pieces(document: Path) -> list[str]:
    """YAML blocks that show some keys of a script."""
    return [
        block.text for block in blocks(read(document)) if block.language == "yaml" and "format: 1" not in block.text
    ]


def loaded(script: str, folder: Path) -> Lesson:
    """The lesson of a script whose media are there, if empty; it must be without errors and warnings."""
    for name in _MEDIA.findall(script):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (folder / "lesson.yaml").write_text(script, encoding="utf-8")
    lesson, problems = load_lesson(folder, load_structure())
    assert problems == []
    assert lesson is not None
    return lesson


def with_keys(script: str, piece: str) -> str:
    """A script with the top-level keys of `piece` in place of its own."""
    reader = YAML(typ="safe", pure=True)
    data: dict[str, Any] = reader.load(script)
    for key in reader.load(piece):
        if key in data:
            script = re.sub(rf"^{key}:.*\n(?:[ \n].*\n?)*", "", script, flags=re.MULTILINE)
    return script + piece


@each_document
def test_the_example_script_loads_without_a_word(document: Path, tmp_path: Path) -> None:
    assert loaded(example(document), tmp_path).grade > 0


@each_document
def test_the_example_fills_the_explanation_to_the_second(document: Path, tmp_path: Path) -> None:
    structure = load_structure()
    part = structure.part("explanation")
    assert part.opens_with is not None
    seconds = sum(length(item) for item in loaded(example(document), tmp_path).explanation)
    assert seconds == (part.frames - part.opens_with.frames) / structure.fps


def length(item: Clip | Slide | Animation) -> Any:
    if isinstance(item, Clip):
        assert item.end is not None
        return item.end - item.start
    assert item.seconds is not None
    return item.seconds


@each_guide
def test_shorter_examples_fit_into_the_whole_one(document: Path, tmp_path: Path) -> None:
    shown = pieces(document)
    assert shown
    for number, piece in enumerate(shown):
        folder = tmp_path / str(number)
        folder.mkdir()
        loaded(with_keys(example(document), piece), folder)


@each_guide
def test_line_numbers_of_the_shown_errors_are_those_of_the_example(document: Path, tmp_path: Path) -> None:
    script = example(document)
    question = next(line for line in script.splitlines() if line.startswith("  - '"))
    spoilt = script.replace(question, question.replace("'", "")).replace("exercises:", "exercices:")
    (tmp_path / "lesson.yaml").write_text(spoilt, encoding="utf-8")
    _, problems = load_lesson(tmp_path, load_structure())
    found = {f":{problem.place.line}:{problem.place.column}: " for problem in problems if problem.place}
    report = next(block.text for block in blocks(read(document)) if "exercices" in block.text)
    told = set(re.findall(r":\d+:\d+: ", report))
    assert len(told) == 2
    assert told <= found


@each_guide
def test_the_shown_report_is_what_a_check_says(document: Path) -> None:
    shown = next(block.text for block in blocks(read(document)) if "PIC-002" in block.text)
    finding = Finding(".jpg", ".png", fields={"format": "PNG"}, rule="PIC-002", severity="error")
    subject = SubjectReport(shown.partition("  (")[0], "picture", "", 1, (finding,))
    language = document.suffixes[0].removeprefix(".")
    assert shown in text(Report(load_check_profile(), (subject,)), language)


@each_guide
def test_formulas_of_the_guides_are_understood(document: Path) -> None:
    rows = [line for line in read(document).splitlines() if line.startswith("| `") and "`" in line]
    typed = [cell for row in rows for cell in _CELL.findall(row.split("|")[1])]
    formulas = [cell for cell in typed if not _SIGN.fullmatch(cell)]
    assert len(formulas) > 20
    for formula in formulas:
        parse_formula(formula)


def test_the_picture_of_formulas_shows_what_can_be_typed() -> None:
    drawn = script_of("formulas").FORMULAS
    assert len(drawn) > 10
    for formula in drawn:
        parse_formula(formula)


def test_the_picture_of_cards_shows_lessons_that_are_there() -> None:
    rows = script_of("cards").ROWS
    assert len(rows) == 3
    assert all((ROOT / "sample_lessons" / lesson / "lesson.yaml").is_file() for lesson in rows)


def script_of(picture: str) -> ModuleType:
    """The script that draws a picture, imported without drawing."""
    path = ROOT / "docs" / "images" / f"{picture}.py"
    spec = importlib.util.spec_from_file_location(f"docs_images_{picture}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
