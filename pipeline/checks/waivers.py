"""Waivers: findings that somebody on the checking side answers for, bound to a file's bytes and to a date."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from pipeline.checks.authored import Authored, read_authored
from pipeline.checks.judge import completed
from pipeline.checks.kinds import WAIVERS_FILE
from pipeline.checks.names import printable
from pipeline.checks.registry import rule_functions
from pipeline.checks.subject import Kind, NotApplicable, Subject
from pipeline.errors import Problem, UsageError
from pipeline.reports.model import Finding, Report, SubjectReport, Waiver
from pipeline.rulebook import rulebook

SCHEMA = "waivers.schema.json"
NEVER = "WVR-006"
"""The rule whose limits name the rules that may not be waived."""

OF_USES = ("WVR-003", "WVR-004", "WVR-005", "WVR-006")
"""The rules whose functions take WaiverUses: they can be judged only when everything else is."""

_WAIVABLE = {"fail", "warn"}


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """What became of one waiver. `found`: the file it names was judged; `sha256`: of that file as it is now."""

    waiver: Waiver
    forbidden: bool
    expired: bool
    rule_judged: bool
    found: bool
    same_content: bool
    sha256: str
    used: bool


@dataclass(frozen=True, slots=True)
class WaiverUses:
    """All waivers of one file, after everything was judged."""

    uses: tuple[WaiverUse, ...]


class WaiversSubject(Subject):
    """A telesabaq-waivers.yaml."""

    @cached_property
    def form(self) -> tuple[tuple[Waiver, ...], tuple[Problem, ...]]:
        """The waivers, and what is wrong with the file. Raises NotApplicable where nobody accepts it."""
        if not self.task.accepted:
            raise NotApplicable
        return waivers_in(self.path, self.task.file.shown)

    @property
    def uses(self) -> Sequence[WaiverUse]:
        """What became of the waivers is known only when everything is judged: see apply_waivers."""
        raise NotApplicable


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file that the checking side names. Raises UsageError with the place of everything wrong.

    A waiver's path is that of the report, or the end of it: what it is bound to is the content.
    """
    waivers, problems = waivers_in(path, printable(path.name))
    if problems:
        raise UsageError(problems)
    return waivers


def waivers_in(path: Path, shown: str) -> tuple[tuple[Waiver, ...], tuple[Problem, ...]]:
    """The sound waivers of a file, and what is wrong with it."""
    form = read_authored(path, shown, SCHEMA)
    if form.problems:
        return (), form.problems
    waivers: list[Waiver] = []
    problems: list[Problem] = []
    for index, written in enumerate(form.data["waivers"]):
        found = _waiver(form, index, written)
        if isinstance(found, Waiver):
            waivers.append(found)
        else:
            problems.append(found)
    return tuple(waivers), tuple(problems)


def _waiver(form: Authored, index: int, written: Mapping[str, str]) -> Waiver | Problem:
    steps = ("waivers", index)
    if written["rule"] not in rulebook():
        return Problem("check.no-such-rule", form.place(*steps, "rule"), {"name": written["rule"]})
    try:
        expires = date.fromisoformat(written["expires"])
    except ValueError:
        fields = {"key": "expires", "found": written["expires"], "example": "2026-12-31"}
        return Problem("authored.bad-value", form.place(*steps, "expires"), fields)
    path = posixpath.normpath(written["path"])
    texts = {key: " ".join(written[key].split()) for key in ("reason", "author")}
    return Waiver(written["rule"], path, written["sha256"], expires=expires, place=form.place(*steps, "rule"), **texts)


def apply_waivers(report: Report, waivers: Sequence[Waiver], today: date) -> Report:
    """The report with waived findings marked, and with findings about waivers that do not hold. Pure.

    A waiver holds for warnings and failures of its rule on the file it names, while that file has the bytes it
    names, up to and including the day it expires. What was not judged, and what may never be waived, stays.
    """
    if not waivers:
        return report
    judged = _Judged(report)
    never = rulebook()[NEVER].limits["rules"]
    uses = [_use(waiver, judged, never, today) for waiver in waivers]
    holding: dict[str, list[Waiver]] = defaultdict(list)
    for use in uses:
        if not use.forbidden and not use.expired and use.same_content:
            holding[use.waiver.rule].append(use.waiver)
    subjects = tuple(_marked(subject, holding, judged) for subject in report.subjects)
    return replace(report, subjects=_with_uses(subjects, report, uses))


def with_folder_sums(report: Report) -> Report:
    """The report with the SHA-256 of each submission: of the lines "sum  name" of its files, sorted."""
    judged = _Judged(report)
    return replace(
        report,
        subjects=tuple(
            replace(each, sha256=judged.sum_of(each.path)) if each.kind == Kind.SUBMISSION else each
            for each in report.subjects
        ),
    )


class _Judged:
    """What was judged, to be looked up: findings by rule, subjects by name, sums by path."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._sums = {each.path: each.sha256 for each in report.subjects if each.sha256}
        self._sorted = sorted(report.subjects, key=lambda each: each.path)
        self._paths = [each.path for each in self._sorted]
        self._by_rule: dict[str, list[tuple[SubjectReport, Finding]]] = defaultdict(list)
        for subject, finding in report.findings():
            self._by_rule[finding.rule].append((subject, finding))
        self._by_name: dict[str, list[SubjectReport]] = defaultdict(list)
        for subject in report.subjects:
            self._by_name[_last(subject.path)].append(subject)

    def concerned(self, waiver: Waiver) -> list[tuple[SubjectReport, Finding]]:
        return [pair for pair in self._by_rule.get(waiver.rule, ()) if _concerns(waiver, *pair)]

    def named(self, waiver: Waiver) -> list[SubjectReport]:
        return [each for each in self._by_name.get(_last(waiver.path), ()) if _names(waiver, each.path)]

    def sum_of(self, path: str) -> str:
        """SHA-256 of a file, or of what a folder holds; empty where nothing of that name was judged."""
        if path not in self._sums:
            self._sums[path] = self._sum_of_folder(path)
        return self._sums[path]

    def _sum_of_folder(self, path: str) -> str:
        lines = []
        for begin in ("",) if path == "." else (path + "/", path + "!"):
            at = bisect_left(self._paths, begin)
            while at < len(self._paths) and self._paths[at].startswith(begin):
                each = self._sorted[at]
                if each.sha256 and each.kind not in {Kind.WAIVERS, Kind.SUBMISSION}:
                    lines.append(f"{each.sha256}  {each.path[len(begin) :]}\n")
                at += 1
        return sha256("".join(sorted(lines)).encode()).hexdigest() if lines else ""

    def same_content(self, waiver: Waiver, subject: SubjectReport, finding: Finding) -> bool:
        """A finding about a file is bound to that file, or to the folder or archive it was found in."""
        return waiver.sha256 in {self.sum_of(path) for path in _places(subject, finding)}


def _last(path: str) -> str:
    return path.replace("!", "/").rpartition("/")[2]


def _names(waiver: Waiver, path: str) -> bool:
    """Whether both are one path, seen from folders of different depth."""
    longer, shorter = sorted((path.replace("!", "/"), waiver.path.replace("!", "/")), key=len, reverse=True)
    return longer == shorter or longer.endswith("/" + shorter)


def _places(subject: SubjectReport, finding: Finding) -> set[str]:
    """Where a waiver may look for a finding: its subject, and the file it is about."""
    return {subject.path} | ({finding.place.file} if finding.place else set())


def _concerns(waiver: Waiver, subject: SubjectReport, finding: Finding) -> bool:
    return finding.outcome in _WAIVABLE and any(_names(waiver, path) for path in _places(subject, finding))


def _use(waiver: Waiver, judged: _Judged, never: Sequence[str], today: date) -> WaiverUse:
    concerned = judged.concerned(waiver)
    there = [*judged.named(waiver), *(subject for subject, _ in concerned)]
    return WaiverUse(
        waiver=waiver,
        forbidden=any(fnmatchcase(waiver.rule, pattern) for pattern in never),
        expired=today > waiver.expires,
        rule_judged=waiver.rule in judged.report.profile.rules,
        found=bool(there),
        used=bool(concerned),
        same_content=any(judged.same_content(waiver, *pair) for pair in concerned)
        or any(judged.sum_of(each.path) == waiver.sha256 for each in there),
        sha256=next((judged.sum_of(each.path) for each in there), ""),
    )


def _marked(subject: SubjectReport, waivers: Mapping[str, Sequence[Waiver]], judged: _Judged) -> SubjectReport:
    def mark(finding: Finding) -> Finding:
        for each in waivers.get(finding.rule, ()):
            if _concerns(each, subject, finding) and judged.same_content(each, subject, finding):
                return replace(finding, waived=each)
        return finding

    return replace(subject, findings=tuple(map(mark, subject.findings)))


def _with_uses(
    subjects: Sequence[SubjectReport], report: Report, uses: Sequence[WaiverUse]
) -> tuple[SubjectReport, ...]:
    """The findings about waivers, told of the file in which these stand."""
    by_file: dict[str, list[WaiverUse]] = defaultdict(list)
    for use in uses:
        by_file[use.waiver.place.file if use.waiver.place else WAIVERS_FILE].append(use)
    known = {each.path: each for each in subjects if each.kind == Kind.WAIVERS}
    others = [each for each in subjects if each.path not in by_file or each.kind != Kind.WAIVERS]
    told = [
        _with_findings(
            known.get(file) or SubjectReport(file, Kind.WAIVERS.value, "", 0), report, WaiverUses(tuple(all_))
        )
        for file, all_ in by_file.items()
    ]
    return tuple(sorted([*others, *told], key=lambda each: (each.path, each.kind)))


def _with_findings(before: SubjectReport, report: Report, uses: WaiverUses) -> SubjectReport:
    findings, passed = list(before.findings), list(before.passed)
    for each in (report.profile.rules[id_] for id_ in OF_USES if id_ in report.profile.rules):
        found = [completed(finding, each, before.path) for finding in rule_functions()[each.id](uses, each.limits)]
        findings += found
        if all(finding.outcome == "pass" for finding in found):
            passed.append(each.id)
    left = tuple(each for each in before.not_applicable if each not in OF_USES)
    return replace(before, findings=tuple(findings), passed=tuple(passed), not_applicable=left)
