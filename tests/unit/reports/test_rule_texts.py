"""Every text of the catalogue: in three languages, with the same placeholders, with somewhere to look it up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

import pytest

import pipeline
from pipeline.reports.wording import clause_in_words
from pipeline.rulebook import Rule, load_check_profile, profile_names, rulebook
from pipeline.specs import LANGUAGES

each_rule = pytest.mark.parametrize("rule", rulebook().values(), ids=lambda rule: rule.id)


def texts_of(rule: Rule) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "title", rule.title
    yield "why", rule.why
    if rule.question is not None:
        yield "question", rule.question
        return
    for name, wording in [("", rule.wording), *rule.variants.items()]:
        if wording.message or not rule.variants:
            yield f"{name} message".strip(), wording.message
        if wording.remedy or rule.severity != "note":
            yield f"{name} remedy".strip(), wording.remedy


def placeholders(text: str) -> set[str]:
    return {
        f"{name}{conversion or ''}{spec or ''}"
        for _, name, spec, conversion in Formatter().parse(text)
        if name is not None
    }


def test_every_way_of_not_judging_has_words_of_its_own() -> None:
    said = re.compile(r"""(?:NotRun\(|unjudged\([^"()]*|_lost\([^"()]*)"([a-z-]+)\"""")
    sources = (Path(pipeline.__file__).parent / "checks").rglob("*.py")
    variants = {each for path in sources for each in said.findall(path.read_text(encoding="utf-8"))}
    assert len(variants) > 5
    assert variants - set(rulebook()["RUN-001"].variants) == set()


@each_rule
def test_a_rule_speaks_three_languages(rule: Rule) -> None:
    wrong = [
        f"{name}: {language}"
        for name, texts in texts_of(rule)
        for language in LANGUAGES
        if not texts.get(language, "").strip()
    ]
    assert wrong == []


@each_rule
def test_a_text_takes_the_same_placeholders_in_every_language(rule: Rule) -> None:
    for name, texts in texts_of(rule):
        assert len({frozenset(placeholders(text)) for text in texts.values()}) == 1, name


@each_rule
def test_placeholders_are_plain_names(rule: Rule) -> None:
    """Numbers are formatted for the language by the reports, so a text never formats them itself."""
    for name, texts in texts_of(rule):
        for text in texts.values():
            assert all(re.fullmatch(r"[a-z_][a-z0-9_]*", each) for each in placeholders(text)), name


@each_rule
def test_a_clause_says_which_document_or_that_it_is_ours(rule: Rule) -> None:
    documents = r"(?:order-121 §|concept, )"
    ours = documents if rule.basis == "order" else rf"project policy|{documents}"
    assert re.match(ours, rule.clause)


@each_rule
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_clause_is_told_without_a_word_of_english(rule: Rule, language: str) -> None:
    told = clause_in_words(rule, language)
    assert re.findall(r"§|\b[A-H]\d*\b", told) == []
    assert re.findall(r"[a-z]{4,}", re.sub(r"Unicode|HTML standard", "", told)) == []


@pytest.mark.parametrize("name", profile_names())
def test_a_changed_severity_has_a_reason_in_three_languages(name: str) -> None:
    for rule in load_check_profile(name).rules.values():
        if rule.severity != rulebook()[rule.id].severity:
            assert rule.reason is not None
        assert rule.reason is None or set(rule.reason) == set(LANGUAGES)
