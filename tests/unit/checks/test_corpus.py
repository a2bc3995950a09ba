"""Every case of the corpus yields its finding and no other; every rule has cases of both verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.checks.registry import rule_functions
from pipeline.checks.run import CheckOptions, check_paths
from pipeline.reports.model import Report
from pipeline.rulebook import rulebook
from tests.unit.checks.corpus import CORPUS, Case, cases

CASES = list(cases())
NOT_FROM_FILES = {"RUN-001"}
"""Rules that no file can break by itself; other tests show them."""

OF_A_PROFILE = {"SUB-005"}
"""Rules that only a profile with requirements of its own asks for; other tests show them."""


def judged_rules() -> set[str]:
    return {each.id for each in rulebook().values() if each.question is None} - NOT_FROM_FILES


def found(report: Report, rule: str) -> set[str]:
    """What was found; notes count only for a rule that never says more."""
    counted = {"fail", "warn", "not-run"}
    noted = {rule} if rulebook()[rule].severity == "note" else set()
    findings = [finding for _, finding in report.findings() if finding.waived is None]
    return {each.rule for each in findings if each.outcome in counted or each.rule in noted}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_yields_its_finding_and_no_other(case: Case, tmp_path: Path) -> None:
    report = check_paths([case.lay(tmp_path)], CheckOptions())
    assert found(report, case.rule) == ({case.rule} if case.fails else set())


def test_every_rule_has_a_function_and_every_function_a_rule() -> None:
    assert set(rule_functions()) == judged_rules()


@pytest.mark.parametrize("verdict", ["pass-", "fail-"])
def test_every_rule_has_cases_of_both_verdicts(verdict: str) -> None:
    assert {each.rule for each in CASES if each.path.name.startswith(verdict)} == judged_rules() - OF_A_PROFILE


def test_the_corpus_holds_no_case_without_a_verdict() -> None:
    stray = [
        path.name
        for folder in CORPUS.iterdir()
        if folder.is_dir()
        for path in folder.iterdir()
        if not path.name.startswith(("pass-", "fail-"))
    ]
    assert stray == []
