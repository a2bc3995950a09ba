"""A check profile says which rules, with which severities and limits, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.checks.judge import completed
from pipeline.checks.subject import Kind
from pipeline.errors import UsageError
from pipeline.reports.model import Finding
from pipeline.rulebook import CheckProfile, load_check_profile, profile_names, rulebook
from pipeline.specs import LANGUAGES, load_yaml, specs_folder

NAMES = ["application", "platform", "scenario", "strict", "tv-lesson"]
each_profile = pytest.mark.parametrize("name", NAMES)


def entry(name: str) -> dict[str, Any]:
    found: dict[str, Any] = load_yaml(specs_folder() / "check_profiles" / f"{name}.yaml")
    return found


def test_these_profiles_there_are() -> None:
    assert profile_names() == NAMES


@each_profile
def test_a_profile_holds_every_rule(name: str) -> None:
    assert set(load_check_profile(name).rules) == set(rulebook())


@each_profile
def test_a_profile_is_called_what_its_file_is_and_has_a_title_in_every_language(name: str) -> None:
    profile = load_check_profile(name)
    assert profile.id == name
    assert set(profile.title) == set(LANGUAGES)


@each_profile
def test_a_changed_severity_has_a_reason_in_every_language(name: str) -> None:
    profile = load_check_profile(name)
    for identity, rule in profile.rules.items():
        if rule.severity != rulebook()[identity].severity:
            assert rule.reason is not None, identity
            assert set(rule.reason) == set(LANGUAGES), identity
        else:
            assert rule.reason is None, identity


@each_profile
def test_a_profile_names_only_rules_and_kinds_that_exist(name: str) -> None:
    written = entry(name)
    for identity in [*written.get("severities", {}), *written.get("limits", {})]:
        assert identity == "*" or identity in rulebook()
    assert {Kind(each) for each in load_check_profile(name).requires} <= set(Kind)


@each_profile
def test_a_profile_changes_what_it_says_it_changes(name: str) -> None:
    severities = entry(name).get("severities", {})
    for identity in set(severities) - {"*"}:
        assert load_check_profile(name).rules[identity].severity != rulebook()[identity].severity


def test_the_strict_profile_has_errors_and_notes_alone() -> None:
    strict = load_check_profile("strict").rules
    assert {rule.severity for rule in strict.values()} == {"error", "note"}
    notes = {identity for identity, rule in rulebook().items() if rule.severity == "note"}
    assert {identity for identity, rule in strict.items() if rule.severity == "note"} == notes


@pytest.mark.parametrize(("name", "outcome"), [("platform", "warn"), ("strict", "fail")])
def test_a_milder_case_of_an_error_is_an_error_too_in_the_strict_profile(name: str, outcome: str) -> None:
    rule = load_check_profile(name).rules["SCN-010"]
    assert completed(Finding(severity="warning"), rule, "a").outcome == outcome
    assert completed(Finding(severity="note"), rule, "a").outcome == "pass"


@pytest.mark.parametrize(
    ("name", "requires"),
    [("platform", ()), ("tv-lesson", ("script",)), ("scenario", ("scenario",)), ("application", ("package",))],
)
def test_a_profile_asks_for_what_its_works_are_made_of(name: str, requires: tuple[str, ...]) -> None:
    assert load_check_profile(name).requires == requires


def test_a_profile_is_narrowed_to_what_is_asked_for() -> None:
    profile = load_check_profile("strict", select=["sub-*", "NAM-001"], ignore=["SUB-00?"])
    assert set(profile.rules) == {"SUB-010", "SUB-011", "NAM-001"}


@pytest.mark.parametrize(("name", "select"), [("nobody", []), ("platform", ["ZZZ-*"])])
def test_what_does_not_exist_is_wrong_use(name: str, select: list[str]) -> None:
    with pytest.raises(UsageError):
        load_check_profile(name, select=select)


def test_narrowing_leaves_the_profile_as_it_was() -> None:
    before = load_check_profile()
    narrowed = load_check_profile(ignore=["SUB-*"])
    assert isinstance(narrowed, CheckProfile)
    assert replace(narrowed, rules=before.rules) == load_check_profile()
