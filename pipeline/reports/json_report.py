"""The report as JSON, after specs/report.schema.json."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipeline import __version__
from pipeline.reports.digest import FailOn, in_order, totals
from pipeline.reports.model import Finding, Report, SubjectReport
from pipeline.reports.wording import dumped, plain, rule_of, tell, writable
from pipeline.rulebook import CheckProfile

VERSION = 1
"""Of the format: raised when a reader of the last one would be misled."""


def json_report(report: Report, language: str, fail_on: FailOn = "error") -> str:
    """Everything that was found, files and findings in the order of the other reports."""
    told = {
        "version": VERSION,
        "tool": {"name": "telesabaq", "version": __version__},
        "language": language,
        "profile": {"id": report.profile.id, "title": report.profile.title[language]},
        "summary": {**asdict(totals(report)), "fail_on": fail_on, "exit_code": report.exit_code(fail_on)},
        "subjects": [_subject(each, report.profile, language) for each in report.subjects],
    }
    return dumped(told)


def _subject(subject: SubjectReport, profile: CheckProfile, language: str) -> dict[str, Any]:
    return {
        "path": writable(subject.path),
        "kind": subject.kind,
        "sha256": subject.sha256,
        "size": subject.size,
        "outcome": subject.outcome,
        "findings": [_finding(each, profile, language) for each in in_order(subject.findings)],
        "passed": list(subject.passed),
        "not_applicable": list(subject.not_applicable),
        "blocked": dict(subject.blocked),
        "left_out": list(subject.left_out),
        "facts": plain(subject.facts),
    }


def _finding(finding: Finding, profile: CheckProfile, language: str) -> dict[str, Any]:
    rule = rule_of(finding.rule, profile)
    told = tell(finding, rule, language)
    place, waiver = finding.place, finding.waived
    return {
        "rule": finding.rule,
        "name": rule.name if rule else "",
        "outcome": finding.outcome,
        "severity": finding.severity or (rule.severity if rule else "error"),
        "basis": rule.basis if rule else "policy",
        "clause": rule.clause if rule else "",
        "where": {"file": writable(place.file), "line": place.line, "column": place.column} if place else None,
        "title": told.title,
        "message": told.message,
        "remedy": told.remedy,
        "measured": plain(finding.measured),
        "expected": plain(finding.expected),
        "variant": finding.variant,
        "fields": plain(finding.fields),
        "waived": {"author": waiver.author, "reason": waiver.reason, "expires": waiver.expires.isoformat()}
        if waiver
        else None,
    }
