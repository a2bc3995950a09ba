"""The report as JUnit XML, for the test tabs of CI services: a suite a file, a case a rule."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from pipeline.messages import say
from pipeline.reports.digest import FailOn, in_order, is_named, unjudged, where_in
from pipeline.reports.model import Finding, Report, SubjectReport
from pipeline.reports.wording import clause_in_full, rule_of, shown, tell, visible
from pipeline.rulebook import CheckProfile

if TYPE_CHECKING:
    from junitparser import TestCase
    from junitparser.junitparser import FinalResult


def junit(report: Report, language: str, fail_on: FailOn = "error") -> str:
    """Errors are failures, and warnings where the threshold says so (else output of a passed case); what was not
    judged is an error; questions for a person, waived findings and rules that were not applied are skipped.
    """
    from junitparser import JUnitXml, TestSuite

    whole = JUnitXml("telesabaq")
    for subject in report.subjects:
        suite = TestSuite(visible(subject.path))
        suite.add_testcases(list(_cases(subject, report.profile, language, fail_on)))
        whole.add_testsuite(suite)
    written = io.BytesIO()
    whole.write(written)
    return written.getvalue().decode("utf-8") + "\n"


def _cases(subject: SubjectReport, profile: CheckProfile, language: str, fail_on: FailOn) -> Iterator[TestCase]:
    found: dict[str, list[Finding]] = {}
    for finding in in_order(subject.findings):
        about = unjudged(finding, profile)
        found.setdefault(about.id if about else finding.rule, []).append(finding)
    for identity in sorted({*found, *subject.passed, *subject.not_applicable, *subject.blocked, *subject.left_out}):
        case = _case(identity, subject, profile, language)
        if identity in found:
            _tell(case, found[identity], subject, profile, language, fail_on)
        elif reason := _not_applied(identity, subject, language):
            _skip(case, reason)
        yield case


def _case(identity: str, subject: SubjectReport, profile: CheckProfile, language: str) -> TestCase:
    rule = rule_of(identity, profile)
    case: TestCase = _case_class()(
        f"{identity} {rule.title[language]}" if rule else identity, classname=visible(subject.path)
    )
    setattr(case, "file", visible(subject.path))  # noqa: B010  # of the subclass, which no type checker sees
    return case


@cache
def _case_class() -> Any:
    from junitparser import Attr, TestCase

    class Case(TestCase):
        """With the file that GitLab links a case to."""

        file = Attr()

    return Case


def _tell(
    case: TestCase,
    findings: list[Finding],
    subject: SubjectReport,
    profile: CheckProfile,
    language: str,
    fail_on: FailOn,
) -> None:
    """One case, however many findings a rule has: the worst decides, the text has them all."""
    from junitparser import Error, Failure, Skipped

    first = findings[0]
    message = tell(first, rule_of(first.rule, profile), language).message
    text = "\n\n".join(_paragraph(each, subject, profile, language) for each in findings)
    if first.waived is not None:
        _skip(case, say("report.waived", language, **_waiver(first, language)))
        case.system_out = text
    elif first.outcome == "needs-human":
        _skip(case, message)
    elif first.outcome == "not-run":
        case.result = _filled(Error(message, first.rule), text)
    elif first.outcome == "fail" or (first.outcome == "warn" and fail_on == "warning"):
        case.result = _filled(Failure(message, first.rule), text)
    elif first.outcome == "not-applicable":
        case.result = Skipped(message)
    else:
        case.system_out = text


def _waiver(finding: Finding, language: str) -> dict[str, str]:
    assert finding.waived is not None
    waiver = finding.waived
    return {name: shown(getattr(waiver, name), language) for name in ("author", "reason", "expires")}


def _filled(result: FinalResult, text: str) -> FinalResult:
    result.text = text
    return result


def _skip(case: TestCase, reason: str) -> None:
    from junitparser import Skipped

    case.result = Skipped(reason)


def _paragraph(finding: Finding, subject: SubjectReport, profile: CheckProfile, language: str) -> str:
    rule = rule_of(finding.rule, profile)
    told = tell(finding, rule, language)
    where = where_in(finding.place, subject, language)
    needed = str(where) and not is_named(where, told.message)
    first = f"{where}: {told.message}" if needed else told.message
    clause = clause_in_full(rule, language) if rule else ""
    return "\n".join(filter(None, (first, told.remedy and f"→ {told.remedy}", clause)))


def _not_applied(identity: str, subject: SubjectReport, language: str) -> str:
    if identity in subject.blocked:
        return say("report.blocked", language, rule=subject.blocked[identity])
    if identity in subject.left_out:
        return say("report.left-out", language)
    return say("report.outcome-not-applicable", language) if identity in subject.not_applicable else ""
