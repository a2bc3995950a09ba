"""Our own verdict on a film before anyone else sees it, in words that a summary can carry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.batch.model import BatchOptions
from pipeline.checks.inside import judge_own
from pipeline.reports.model import Finding, SubjectReport
from pipeline.reports.wording import rule_of, tell
from pipeline.rulebook import CheckProfile, load_check_profile
from pipeline.specs import LANGUAGES

Findings = list[dict[str, Any]]


def check_findings(folder: Path, options: BatchOptions, scratch: Path | None = None) -> tuple[Findings, Findings]:
    """Errors and warnings of the check, as `pipeline.batch.model.told` words problems. What was not judged is an error.

    `scratch`: a folder that is swept up after a killed worker.
    Questions for a person and notes are left to `telesabaq check`, which lists them.
    """
    if options.check == "off":
        return [], []
    profile = load_check_profile(options.check_profile)
    report = judge_own(folder, profile, quick=options.check == "quick", scratch=scratch)
    bad = [_told(subject, each, profile) for subject, each in report.findings() if each.outcome in {"fail", "not-run"}]
    doubtful = [_told(subject, each, profile) for subject, each in report.findings() if each.outcome == "warn"]
    return bad, doubtful


def _told(subject: SubjectReport, finding: Finding, profile: CheckProfile) -> dict[str, Any]:
    rule = rule_of(finding.rule, profile)
    words = {language: tell(finding, rule, language) for language in LANGUAGES}
    place = finding.place
    return {
        "code": finding.rule,
        "severity": "warning" if finding.outcome == "warn" else "error",
        "where": {
            "path": subject.path,
            "line": place.line if place else 0,
            "column": place.column if place else 0,
        },
        "message": {language: each.message for language, each in words.items()},
        "remedy": {language: each.remedy for language, each in words.items()},
    }
