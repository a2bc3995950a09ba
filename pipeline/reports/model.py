"""What a check found: plain values, free of language, of paths of this machine and of any format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from pipeline.errors import Place, Problem, Severity
from pipeline.rulebook import CheckProfile

Outcome = Literal["pass", "fail", "warn", "not-applicable", "not-run", "needs-human"]

_WORST_FIRST: tuple[Outcome, ...] = ("fail", "not-run", "warn", "needs-human", "pass", "not-applicable")


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that somebody answers for: who, why, and until when."""

    rule: str
    path: str
    sha256: str
    reason: str
    author: str
    expires: date
    place: Place | None = None
    """Where it is written."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. A rule function fills the facts; the runner adds rule, outcome and severity.

    `measured` and `expected` are plain values (numbers in the units the rule's message states, or short text);
    `fields` are the other placeholders of the message; `variant` names another wording of the same rule;
    `place` is the member of an archive and the line, where that is not the subject itself;
    `problem` carries a message code of specs/messages instead of the rule's own wording.
    """

    measured: object = None
    expected: object = None
    variant: str = ""
    place: Place | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    problem: Problem | None = None
    severity: Severity | None = None
    """None: as the rule says. A rule may tell a milder case itself, never a worse one."""
    rule: str = ""
    outcome: Outcome = "fail"
    waived: Waiver | None = None


@dataclass(frozen=True, slots=True)
class SubjectReport:
    """What was found out about one subject.

    `path` is relative to where the check was asked, with forward slashes; "work.zip!media/a.png" is inside a ZIP.
    `blocked` names rules that could not be judged because another one failed: rule -> that other rule.
    """

    path: str
    kind: str
    sha256: str
    size: int
    """Bytes; 0 for a folder."""
    findings: tuple[Finding, ...] = ()
    passed: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    blocked: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    """Rules that the caller asked to leave out (a quick check does not decode)."""
    thumbnail: bytes = b""
    """A small JPEG of a picture, where thumbnails were asked for."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the rules measured and a report may show: size in pixels, seconds, codecs."""

    @property
    def outcome(self) -> Outcome:
        """The worst of what was found; a subject that no rule was applied to is not-applicable, never a pass."""
        outcomes: set[Outcome] = {each.outcome for each in self.findings if each.waived is None}
        outcomes.add("pass" if self.passed or self.findings else "not-applicable")
        return next(each for each in _WORST_FIRST if each in outcomes)


@dataclass(frozen=True, slots=True)
class Report:
    """The whole of one check: subjects in the order of their paths."""

    profile: CheckProfile
    subjects: tuple[SubjectReport, ...]
    broken: bool = False
    """A rule of ours broke down: our failure, whatever else was found."""

    def findings(self) -> Iterator[tuple[SubjectReport, Finding]]:
        """Every finding with its subject, waived ones too."""
        for subject in self.subjects:
            for each in subject.findings:
                yield subject, each

    def count(self, outcome: Outcome) -> int:
        """Findings of an outcome that nobody waived."""
        return sum(each.outcome == outcome and each.waived is None for _, each in self.findings())

    def exit_code(self, fail_on: Literal["error", "warning"] = "error") -> int:
        """0 clean, 1 findings at or above the threshold, 3 our own failure, 4 something could not be judged.

        3 goes before 4 and 4 before 1: a verdict that is not complete must not look like one.
        """
        if self.broken:
            return 3
        if self.count("not-run"):
            return 4
        return int(bool(self.count("fail") or (fail_on == "warning" and self.count("warn"))))
