"""Every message code used by the code has its sentence in three languages, and every sentence is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from pipeline.errors import Place, Problem
from pipeline.messages import catalogue, interface_language, remedy, say, what
from pipeline.specs import LANGUAGES

PIPELINE = Path(__file__).parents[2] / "pipeline"
CODE = re.compile(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*")

SAYING = {"Problem", "of", "say", "report", "warn", "slip", "FormulaError"}
"""Calls whose first string is a message code."""


@dataclass(frozen=True)
class Use:
    """A message code in the code. `fields` is None where they cannot be told by reading."""

    code: str
    where: str
    fields: frozenset[str] | None


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PIPELINE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


@cache
def uses() -> tuple[Use, ...]:
    return tuple(each for path, module in sources() for each in uses_in(module, path.relative_to(PIPELINE.parent)))


def uses_in(module: ast.Module, path: Path) -> Iterator[Use]:
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0]
        written = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
        if name in SAYING and CODE.fullmatch(written):
            yield Use(written, f"{path}:{node.lineno}", fields_of(node, name))


def fields_of(call: ast.Call, name: str) -> frozenset[str] | None:
    """The names of the fields a call gives its message."""
    if name == "Problem":
        given = call.args[2] if len(call.args) > 2 else None
        given = given or next((each.value for each in call.keywords if each.arg == "fields"), None)
        if given is None:
            return frozenset()
        keys = given.keys if isinstance(given, ast.Dict) else [None]
        names = [key.value if isinstance(key, ast.Constant) else None for key in keys]
    else:
        names = [each.arg for each in call.keywords]
    return None if None in names else frozenset(str(each) for each in names)


@cache
def strings() -> frozenset[str]:
    """Every string of the code; of an f-string its beginning with a * behind it."""
    found: set[str] = set()
    for _, module in sources():
        for node in ast.walk(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                found.add(f"{node.values[0].value}*")
    return frozenset(found)


def is_used(code: str) -> bool:
    begun = (each[:-1] for each in strings() if each.endswith("*") and re.match(r"[a-z]+\.", each))
    return code in strings() or any(code.startswith(each) for each in begun)


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def listed(lines: list[str]) -> str:
    return "\n".join(["", *sorted(lines)])


def test_every_code_that_is_used_has_a_sentence():
    missing = [f"{each.code} ({each.where})" for each in uses() if each.code not in catalogue()]
    assert not missing, listed(missing)


def test_every_sentence_is_used():
    unused = [code for code in catalogue() if not is_used(code)]
    assert not unused, listed(unused)


def test_every_sentence_is_in_three_languages_and_says_the_same():
    wrong = []
    for code, texts in catalogue().items():
        if set(texts) != set(LANGUAGES):
            wrong.append(f"{code}: has {sorted(texts)}")
            continue
        parts = [set(texts[language]) for language in LANGUAGES]
        if any(part != parts[0] for part in parts) or "what" not in parts[0] or not parts[0] <= {"what", "do"}:
            wrong.append(f"{code}: what and do are not alike in all languages")
        wrong += [
            f"{code}: {language} {part} is empty"
            for language in LANGUAGES
            for part, text in texts[language].items()
            if not text.strip()
        ]
    assert not wrong, listed(wrong)


def test_placeholders_are_the_same_in_every_language():
    wrong = []
    for code, texts in catalogue().items():
        found = {language: set().union(*map(placeholders, parts.values())) for language, parts in texts.items()}
        if len({frozenset(each) for each in found.values()}) > 1:
            wrong.append(f"{code}: {found}")
    assert not wrong, listed(wrong)


def test_every_placeholder_gets_its_field():
    wrong = []
    for use in uses():
        texts = catalogue().get(use.code, {})
        wanted = {field for parts in texts.values() for text in parts.values() for field in placeholders(text)}
        if use.fields is not None and not wanted <= use.fields:
            wrong.append(f"{use.where}: {use.code} lacks {sorted(wanted - use.fields)}")
    assert not wrong, listed(wrong)


def test_a_code_without_a_sentence_would_be_found():
    module = ast.parse('Problem("lesson.never-written", place, {"a": 1})\nerror.of("x.y", a=1, **more)\nsay("no code")')
    assert list(uses_in(module, Path("some.py"))) == [
        Use("lesson.never-written", "some.py:1", frozenset({"a"})),
        Use("x.y", "some.py:2", None),
    ]
    assert "lesson.never-written" not in catalogue()


def test_a_sentence_carries_its_fields():
    problem = Problem("lesson.grade", Place("lesson.yaml", 4, 8), {"found": 12})
    assert what(problem, "en") == "There is no grade 12."
    assert what(problem, "kk") == "12-сынып жоқ."
    assert remedy(problem, "ru") == "Классы — от 1 до 11."


def test_a_code_that_nobody_wrote_is_shown_bare():
    assert say("lesson.never-written", "kk", a=1) == "lesson.never-written a=1"


def test_a_field_with_braces_is_shown_as_it_is():
    problem = Problem("lesson.expected-number", None, {"key": "grade", "found": "{key} {0} {found}"})
    assert what(problem, "en") == "`grade` must be a whole number, not {key} {0} {found}."


@pytest.mark.parametrize(
    ("asked", "environment", "language"),
    [
        ("kk", {}, "kk"),
        (None, {"TELESABAQ_LANG": "ru"}, "ru"),
        (None, {"LANG": "kk_KZ.UTF-8"}, "kk"),
        (None, {"LANG": "C.UTF-8"}, "en"),
        ("xx", {"LC_ALL": "ru_RU.UTF-8", "LANG": "kk_KZ"}, "ru"),
        (None, {}, "en"),
    ],
)
def test_the_interface_speaks_as_asked_or_as_the_machine_does(monkeypatch, asked, environment, language):
    for name in ("TELESABAQ_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert interface_language(asked) == language
