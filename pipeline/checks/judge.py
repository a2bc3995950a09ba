"""Judges one subject: the side that runs in a worker process."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module

from pipeline.checks.archive import settled
from pipeline.checks.registry import RuleFunction, rule_functions
from pipeline.checks.subject import Blocked, Kind, NotApplicable, NotRun, Subject, Submitted, Task
from pipeline.errors import Place, Severity, SpecError
from pipeline.reports.model import Finding, Outcome, SubjectReport
from pipeline.rulebook import CheckProfile, Rule

SUBJECTS: dict[Kind, str] = {
    Kind.PICTURE: "pipeline.checks.picture:PictureSubject",
    Kind.SOUND: "pipeline.checks.sound:SoundSubject",
    Kind.VIDEO: "pipeline.checks.video:VideoSubject",
    Kind.SCRIPT: "pipeline.checks.script:ScriptSubject",
    Kind.SCENARIO: "pipeline.checks.scenario:ScenarioSubject",
    Kind.CAPTIONS: "pipeline.checks.captions:CaptionsSubject",
    Kind.PACKAGE: "pipeline.checks.package:PackageSubject",
    Kind.ARCHIVE: "pipeline.checks.archive:ArchiveSubject",
    Kind.SUBMISSION: "pipeline.checks.submission:SubmissionSubject",
    Kind.WAIVERS: "pipeline.checks.waivers:WaiversSubject",
}
"""Kind -> where its class is; kinds without one have the facts every file has."""

NEEDS_DECODING = "decode"
"""The limit key that marks a rule as one that decodes a file whole; a quick check leaves it out."""

UNJUDGED = "RUN-001"
"""The rule under which everything is told that had to be judged and was not."""

_OUTCOMES: dict[Severity, Outcome] = {"error": "fail", "warning": "warn", "note": "pass"}
_MOST_FINDINGS = 200
"""Of one rule on one subject; a file with ten thousand faults of a kind is told once as such."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a worker sends back: the verdict on its subject, and the files that were inside it."""

    report: SubjectReport
    produced: tuple[Submitted, ...] = ()
    broken: bool = False


@dataclass
class _Verdict:
    findings: list[Finding] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    not_applicable: list[str] = field(default_factory=list)
    blocked: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    broken: bool = False
    failures: set[object] = field(default_factory=set)
    """Of our own, as they were told."""


def judge(task: Task, profile: CheckProfile) -> Judged:
    """Every rule of the profile that fits the subject's kind. Never raises for what a file holds."""
    task = settled(task)
    subject = _subject(task)
    with subject.digested_ahead():
        return _judged(subject, profile)


def _judged(subject: Subject, profile: CheckProfile) -> Judged:
    task, verdict = subject.task, _Verdict()
    for each in profile.rules.values():
        if task.file.kind in each.kinds or "any" in each.kinds:
            _apply(each, subject, verdict)
    _expand(subject, verdict)
    report = SubjectReport(
        path=task.file.shown,
        kind=task.file.kind.value,
        sha256=subject.sha256,
        size=subject.size,
        findings=tuple(verdict.findings),
        passed=tuple(verdict.passed),
        not_applicable=tuple(verdict.not_applicable),
        blocked=verdict.blocked,
        left_out=tuple(verdict.left_out),
        thumbnail=_thumbnail(subject) if task.thumbnails else b"",
        facts=dict(subject.facts()),
    )
    return Judged(report, tuple(subject.produced), verdict.broken)


def _subject(task: Task) -> Subject:
    where = SUBJECTS.get(task.file.kind)
    if where is None:
        return Subject(task)
    module, _, name = where.partition(":")
    made: Subject = getattr(import_module(module), name)(task)
    return made


def _apply(each: Rule, subject: Subject, verdict: _Verdict) -> None:
    if each.question is not None:
        verdict.findings.append(Finding(rule=each.id, outcome="needs-human", severity="note"))
        return
    if subject.task.quick and each.limits.get(NEEDS_DECODING):
        verdict.left_out.append(each.id)
        return
    function = rule_functions().get(each.id)
    if function is None:
        raise SpecError.of("spec.rule-without-function", name=each.id)
    found: list[Finding] = []
    try:
        found = list(_limited(function, subject, each))
    except Blocked as blocked:
        verdict.blocked[each.id] = blocked.rule
    except NotApplicable:
        verdict.not_applicable.append(each.id)
    except NotRun as missing:
        found = [unjudged(subject.task.file, missing.variant, each.id, **missing.fields)]
    except (MemoryError, RecursionError):
        found = [unjudged(subject.task.file, "too-large", each.id)]
    except Exception as error:
        found = [_broken(subject, each.id, error)]
        if verdict.broken and found[0].fields["reason"] in verdict.failures:
            # What many rules ask for broke down: that is told once.
            verdict.blocked[each.id] = UNJUDGED
            return
        verdict.broken = True
        verdict.failures.add(found[0].fields["reason"])
    else:
        if all(finding.outcome == "pass" for finding in found):
            verdict.passed.append(each.id)
    verdict.findings += found


def _limited(function: RuleFunction, subject: Subject, each: Rule) -> Iterator[Finding]:
    for number, finding in enumerate(function(subject, each.limits)):
        if number == _MOST_FINDINGS:
            return
        yield completed(finding, each, subject.task.file.shown)


def completed(finding: Finding, each: Rule, shown: str) -> Finding:
    """What a rule function yielded, with its rule, outcome, severity and place."""
    severity = _milder(finding.severity or each.severity, each.severity)
    if severity == "warning" and each.warnings_fail:
        severity = "error"
    place = finding.place or Place(shown)
    return replace(finding, rule=each.id, severity=severity, outcome=_OUTCOMES[severity], place=place)


def _milder(one: Severity, other: Severity) -> Severity:
    order: tuple[Severity, ...] = ("note", "warning", "error")
    return min(one, other, key=order.index)


def unjudged(file: Submitted, variant: str, rule: str, /, **fields: object) -> Finding:
    """What is told of a file that could not be judged by `rule` ("": by none), in a wording of UNJUDGED."""
    return Finding(
        rule=UNJUDGED,
        outcome="not-run",
        severity="error",
        variant=variant,
        place=Place(file.shown),
        fields={"rule": rule, **fields},
    )


def _broken(subject: Subject, rule: str, error: Exception) -> Finding:
    """Our own failure, told without a traceback: the last line of ours that was running."""
    if os.environ.get("TELESABAQ_DEBUG"):
        raise error
    frames = [each for each in traceback.extract_tb(error.__traceback__) if "pipeline" in each.filename]
    last = frames[-1] if frames else None
    where = f"{last.filename.rpartition('pipeline/')[2]}:{last.lineno}" if last else "?"
    found = unjudged(subject.task.file, "broken", rule, reason=f"{type(error).__name__} ({where})")
    inside = getattr(error, "__notes__", [])
    return replace(found, place=subject.place(inside[0])) if inside and hasattr(subject, "place") else found


def _expand(subject: Subject, verdict: _Verdict) -> None:
    try:
        subject.expand()
    except (Blocked, NotApplicable):
        pass
    except NotRun as missing:
        verdict.findings.append(unjudged(subject.task.file, missing.variant, UNJUDGED, **missing.fields))
    except (MemoryError, RecursionError):
        verdict.findings.append(unjudged(subject.task.file, "too-large", UNJUDGED))
    except Exception as error:
        verdict.broken = True
        verdict.findings.append(_broken(subject, UNJUDGED, error))


def _thumbnail(subject: Subject) -> bytes:
    try:
        return subject.thumbnail()
    except Exception:
        # A picture that cannot be drawn is what the rules report; a report can do without its thumbnail.
        return b""
