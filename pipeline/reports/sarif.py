"""The report as SARIF 2.1.0, for code hosts, editors and dashboards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from pipeline import __version__
from pipeline.errors import Place, Severity
from pipeline.reports.digest import FailOn, in_order, unjudged
from pipeline.reports.model import Finding, Outcome, Report, SubjectReport, Waiver
from pipeline.reports.wording import clause_in_full, dumped, filled, plain, rule_of, shown, tell, visible, writable
from pipeline.rulebook import Rule, rulebook

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "telesabaq/v1"

_KINDS: dict[Outcome, str] = {
    "fail": "fail",
    "warn": "fail",
    "pass": "informational",
    "needs-human": "review",
    "not-run": "open",
    "not-applicable": "notApplicable",
}
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "note"}


def sarif(report: Report, language: str, fail_on: FailOn = "error") -> str:
    """One run. Only what fails or warns has a level: all else is `none`, as the standard asks."""
    rules = _rules(report)
    numbers = {each.id: number for number, each in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "telesabaq",
                "version": __version__,
                "semanticVersion": __version__,
                "language": language,
                "rules": [_descriptor(each, language) for each in rules],
            }
        },
        "automationDetails": {"id": f"telesabaq/{report.profile.id}/"},
        "language": language,
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, numbers, language, fail_on)],
        "artifacts": [_artifact(each) for each in report.subjects],
        "results": list(_results(report, numbers, language)),
    }
    return dumped({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rules(report: Report) -> list[Rule]:
    """The rules of the profile and those that something was found of besides."""
    named = set(report.profile.rules) | {each.rule for _, each in report.findings()}
    found = (rule_of(each, report.profile) for each in sorted(named))
    return [each for each in found if each is not None]


def _descriptor(rule: Rule, language: str) -> dict[str, Any]:
    known = rulebook().get(rule.id, rule)
    limits = {name: shown(value, language) for name, value in rule.limits.items()}
    remedy = filled(rule.wording.remedy.get(language, ""), limits)
    clause = clause_in_full(rule, language)
    parts = [rule.why[language], remedy, clause]
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.title[language]},
        "fullDescription": {"text": rule.why[language]},
        "help": {
            "text": "\n\n".join(filter(None, parts)),
            "markdown": "\n\n".join(filter(None, [f"**{rule.title[language]}**", *parts[:2], f"*{clause}*"])),
        },
        "defaultConfiguration": {"level": _LEVELS[known.severity]},
        "properties": {
            "tags": [rule.basis, *rule.kinds],
            "basis": rule.basis,
            "clause": rule.clause,
            "limits": plain(rule.limits),
        },
    }


def _invocation(report: Report, numbers: Mapping[str, int], language: str, fail_on: FailOn) -> dict[str, Any]:
    code = report.exit_code(fail_on)
    overridden = [
        {
            "descriptor": {"id": each.id, "index": numbers[each.id]},
            "configuration": {"level": _LEVELS[each.severity], "properties": {"reason": each.reason[language]}},
        }
        for each in report.profile.rules.values()
        if each.reason is not None
    ]
    return {
        "executionSuccessful": code not in {3, 4},
        "exitCode": code,
        "ruleConfigurationOverrides": overridden,
        "toolExecutionNotifications": [
            _notification(subject, finding, report, numbers, language)
            for subject, finding in report.findings()
            if finding.outcome == "not-run"
        ],
    }


def _notification(
    subject: SubjectReport, finding: Finding, report: Report, numbers: Mapping[str, int], language: str
) -> dict[str, Any]:
    about = unjudged(finding, report.profile)
    identity = about.id if about is not None and about.id in numbers else finding.rule
    notification: dict[str, Any] = {
        "level": "error",
        "message": {"text": tell(finding, rule_of(finding.rule, report.profile), language).message},
        "locations": [_location(finding.place or Place(subject.path))],
    }
    if identity in numbers:
        notification["associatedRule"] = {"id": identity, "index": numbers[identity]}
    return notification


def _artifact(subject: SubjectReport) -> dict[str, Any]:
    artifact: dict[str, Any] = {"location": {"uri": _uri(subject.path)}, "roles": ["analysisTarget"]}
    if subject.sha256:
        artifact["length"] = subject.size
        artifact["hashes"] = {"sha-256": subject.sha256}
    else:
        artifact["roles"] = ["analysisTarget", "directory"] if subject.kind == "submission" else ["analysisTarget"]
    artifact["properties"] = {"kind": subject.kind, "outcome": subject.outcome}
    return artifact


def _results(report: Report, numbers: Mapping[str, int], language: str) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    places = {each.path: number for number, each in enumerate(report.subjects)}
    for subject in report.subjects:
        for finding in in_order(subject.findings):
            mark = _fingerprint(subject, finding)
            seen[mark] += 1
            result = _result(finding, subject, report, language)
            if finding.rule in numbers:
                result["ruleIndex"] = numbers[finding.rule]
            result["partialFingerprints"] = {FINGERPRINT: f"{mark}:{seen[mark]}"}
            place = finding.place or Place(subject.path)
            result["locations"] = [_location(place, places.get(place.file))]
            yield result


def _result(finding: Finding, subject: SubjectReport, report: Report, language: str) -> dict[str, Any]:
    rule = rule_of(finding.rule, report.profile)
    told = tell(finding, rule, language)
    kind = _KINDS[finding.outcome]
    text = told.message if not told.remedy else f"{told.message} {told.remedy}"
    return {
        "ruleId": finding.rule,
        "kind": kind,
        "level": _LEVELS[finding.severity or (rule.severity if rule else "error")] if kind == "fail" else "none",
        "message": {"text": text},
        "suppressions": [_suppression(finding.waived)] if finding.waived else [],
        "properties": {
            "outcome": finding.outcome,
            "basis": rule.basis if rule else "policy",
            "clause": rule.clause if rule else "",
            "subject": writable(subject.path),
            "measured": plain(finding.measured),
            "expected": plain(finding.expected),
        },
    }


def _suppression(waiver: Waiver) -> dict[str, Any]:
    return {
        "kind": "external",
        "status": "accepted",
        "justification": visible(f"{waiver.reason} — {waiver.author}, {waiver.expires.isoformat()}"),
    }


def _location(place: Place, index: int | None = None) -> dict[str, Any]:
    artifact: dict[str, Any] = {"uri": _uri(place.file)}
    if index is not None:
        artifact["index"] = index
    physical: dict[str, Any] = {"artifactLocation": artifact}
    if place.line:
        physical["region"] = {"startLine": place.line}
        if place.column:
            physical["region"]["startColumn"] = place.column
    return {"physicalLocation": physical}


def _uri(path: str) -> str:
    """The path as a relative reference; "!" stands between an archive and what is in it, as everywhere."""
    return quote(writable(path), safe="/!")


def _fingerprint(subject: SubjectReport, finding: Finding) -> str:
    """The same fault in the next version of the file has the same mark: no lines, nothing measured."""
    member = finding.place.file if finding.place else ""
    code = finding.problem.code if finding.problem else ""
    parts = [
        finding.rule,
        finding.variant,
        subject.path,
        member,
        code,
        *(str(each) for each in finding.fields.values()),
    ]
    return sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]
