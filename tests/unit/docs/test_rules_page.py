"""docs/rules.md and the examples of the rules keep step with the catalogue and the corpus."""

from __future__ import annotations

import json
from datetime import date

import pytest

from docs.rule_examples import chosen, examples, name_of, written
from pipeline.reports.catalogue import MAKE, markdown
from pipeline.reports.examples import FILE, examples_of
from pipeline.rulebook import load_check_profile, profile_names, rulebook
from pipeline.specs import specs_folder
from tests.unit.docs.documents import README, ROOT, read

PAGE = ROOT / "docs" / "rules.md"
RECORDED = specs_folder() / "rules" / FILE


def test_the_page_of_rules_is_fresh() -> None:
    fresh = read(PAGE) == markdown(load_check_profile())
    assert fresh, f"docs/rules.md is stale: run `{MAKE}`"


def test_the_page_tells_of_every_rule_with_its_anchor() -> None:
    page = read(PAGE)
    assert {each for each in rulebook() if f"\n### {each} " not in page} == set()


def test_the_examples_are_those_of_the_corpus() -> None:
    recorded = {(rule, each["case"]) for rule, cases in json.loads(read(RECORDED)).items() for each in cases}
    assert recorded == {(case.rule, name_of(case)) for case in chosen()}, f"specs/rules/{FILE} is stale: run `{MAKE}`"


@pytest.mark.slow
def test_the_examples_say_what_the_rules_say_now() -> None:
    assert read(RECORDED) == written(examples(chosen())), f"specs/rules/{FILE} is stale: run `{MAKE}`"


def test_every_example_with_a_fault_has_its_finding() -> None:
    for rule in rulebook():
        for example in examples_of(rule):
            assert (example.finding is not None) == example.case.startswith("fail-"), f"{rule}: {example.case}"


def test_readme_names_every_check_profile() -> None:
    assert {name for name in profile_names() if f"`{name}`" not in read(README)} == set()


def test_a_day_of_an_example_is_a_day_again() -> None:
    days = [each.finding.expected for each in examples_of("WVR-003") if each.finding]
    assert days
    assert all(isinstance(each, date) for each in days)
