"""A report laid out for reading: the most serious first, files and what is said of each; the same thing said once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.errors import Place
from pipeline.messages import say
from pipeline.reports.model import Finding, Outcome, Report, SubjectReport
from pipeline.reports.wording import Told, clause_in_words, filled, rule_of, severity_word, shown, tell, visible
from pipeline.rulebook import Basis, CheckProfile, Rule

FailOn = Literal["error", "warning"]

_SERIOUS_FIRST: tuple[Outcome, ...] = ("fail", "not-run", "warn", "needs-human", "pass", "not-applicable")
_QUOTES = (("«", "»"), ("“", "”"))
_JUDGED_FOR = "rule"
"""The field of a finding that tells which rule could not be judged."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place for people: a member of the subject, a point in it; neither for all of it."""

    file: str = ""
    point: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.file, self.point)))


@dataclass(frozen=True, slots=True)
class Statement:
    """What is the matter, and everywhere in the file that it is; no place: all of it."""

    message: str
    places: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one rule has to say about a file: statements that share a remedy."""

    rule: str
    outcome: Outcome
    label: str
    title: str
    statements: tuple[Statement, ...]
    remedy: str
    clause: str
    basis: Basis
    remark: str
    """Why the profile changed the severity, or who waived the findings and until when."""
    waived: bool


@dataclass(frozen=True, slots=True)
class Section:
    """What there is to say about one file."""

    subject: SubjectReport
    path: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked to judge, once, with the files it is about."""

    rule: str
    text: str
    title: str
    clause: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """How much was found. `passed`, `not_applicable`, `blocked` and `left_out` count rules on subjects."""

    subjects: int
    errors: int
    warnings: int
    not_run: int
    questions: int
    notes: int
    waived: int
    passed: int
    not_applicable: int
    blocked: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Digest:
    """A report in one language, ready for people."""

    profile: str
    sections: tuple[Section, ...]
    """Files about which there is something to say; those with errors first, alike ones in the order of their paths."""
    clean: tuple[SubjectReport, ...]
    questions: tuple[Question, ...]
    totals: Totals
    verdict: str
    exit_code: int

    @property
    def checklists(self) -> Mapping[tuple[str, ...], list[Question]]:
        """Files -> what is asked about just these."""
        lists: dict[tuple[str, ...], list[Question]] = {}
        for question in self.questions:
            lists.setdefault(question.paths, []).append(question)
        return lists


def digest(report: Report, language: str, fail_on: FailOn = "error") -> Digest:
    """Everything a report says, in the order it is said."""
    sections, clean = [], []
    for subject in report.subjects:
        entries = tuple(_entries(subject, report.profile, language))
        if entries:
            sections.append(Section(subject, visible(subject.path), entries))
        else:
            clean.append(subject)
    sections.sort(key=lambda section: _gravity(section.entries[0]))
    sums = totals(report)
    code = report.exit_code(fail_on)
    return Digest(
        profile=report.profile.title[language],
        sections=tuple(sections),
        clean=tuple(clean),
        questions=tuple(_questions(report, language)),
        totals=sums,
        verdict=_verdict(sums, code, language),
        exit_code=code,
    )


def totals(report: Report) -> Totals:
    counts = Counter(each.outcome for _, each in report.findings() if each.waived is None)
    return Totals(
        subjects=len(report.subjects),
        errors=counts["fail"],
        warnings=counts["warn"],
        not_run=counts["not-run"],
        questions=len({each.rule for _, each in report.findings() if _is_question(each)}),
        notes=counts["pass"],
        waived=sum(each.waived is not None for _, each in report.findings()),
        passed=sum(len(each.passed) for each in report.subjects),
        not_applicable=sum(len(each.not_applicable) for each in report.subjects),
        blocked=sum(len(each.blocked) for each in report.subjects),
        left_out=sum(len(each.left_out) for each in report.subjects),
    )


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The most serious first, then by place; what somebody answers for comes last."""
    return sorted(findings, key=_rank)


def where_in(place: Place | None, subject: SubjectReport, language: str) -> Where:
    """Where in the subject a place is, without what its heading says already."""
    if place is None:
        return Where()
    file = place.file.removeprefix(subject.path)
    file = file[1:] if file != place.file and file[:1] in {"!", "/"} else file
    return Where(visible(file), point(place, language))


def point(place: Place, language: str) -> str:
    """Line and character as people say them; "" for the whole of a file."""
    if not place.line:
        return ""
    code = "report.line-and-column" if place.column else "report.line"
    return say(code, language, line=place.line, column=place.column)


def listed(places: Sequence[Where]) -> str:
    """Places in a row, a file that is the same as in the one before told once."""
    told, last = [], ""
    for each in places:
        told.append(each.point if each.point and each.file == last else str(each))
        last = each.file
    return "; ".join(told)


def is_named(where: Where, message: str) -> bool:
    """Whether a message names the file that it is about, so that its place would only say it again."""
    return not where.point and any(f"{opening}{where.file}{closing}" in message for opening, closing in _QUOTES)


def unjudged(finding: Finding, profile: CheckProfile) -> Rule | None:
    """The rule that a not-run finding says was not judged, if it was one rule."""
    if finding.outcome != "not-run":
        return None
    return rule_of(str(finding.fields.get(_JUDGED_FOR, "")), profile)


def _rank(finding: Finding) -> tuple[bool, int, Place, str, str]:
    serious = _SERIOUS_FIRST.index(finding.outcome)
    return finding.waived is not None, serious, finding.place or Place(""), finding.rule, finding.variant


def _is_question(finding: Finding) -> bool:
    return finding.outcome == "needs-human" and finding.waived is None


def _entries(subject: SubjectReport, profile: CheckProfile, language: str) -> Iterator[Entry]:
    """The findings of a subject by rule, in the order in which each rule first speaks."""
    found: dict[Entry, dict[str, list[Where]]] = {}
    for finding in in_order(subject.findings):
        if finding.outcome == "needs-human":
            continue
        told = tell(finding, rule_of(finding.rule, profile), language)
        statements = found.setdefault(_entry(finding, told, profile, language), {})
        places = statements.setdefault(told.message, [])
        where = where_in(finding.place, subject, language)
        if str(where) and where not in places and not is_named(where, told.message):
            places.append(where)
    for entry in sorted(found, key=_gravity):
        statements = found[entry]
        yield replace(entry, statements=tuple(Statement(each, tuple(places)) for each, places in statements.items()))


def _gravity(entry: Entry) -> tuple[bool, int]:
    return entry.waived, _SERIOUS_FIRST.index(entry.outcome)


def _entry(finding: Finding, told: Told, profile: CheckProfile, language: str) -> Entry:
    """What all statements of an entry have in common."""
    rule = rule_of(finding.rule, profile)
    about = unjudged(finding, profile)
    meant = about or rule
    return Entry(
        rule=about.id if about else finding.rule,
        outcome=finding.outcome,
        label=severity_word(finding.outcome, language),
        title=about.title[language] if about else told.title,
        statements=(),
        remedy=told.remedy,
        clause=clause_in_words(about, language) if about else told.clause,
        basis=meant.basis if meant else "policy",
        remark=_remark(finding, rule, language),
        waived=finding.waived is not None,
    )


def _remark(finding: Finding, rule: Rule | None, language: str) -> str:
    if finding.waived is not None:
        waiver = finding.waived
        expires = shown(waiver.expires, language)
        author, reason = shown(waiver.author, language), shown(waiver.reason, language)
        return say("report.waived", language, author=author, reason=reason, expires=expires)
    if rule is not None and rule.reason is not None:
        return say("report.severity-changed", language, reason=rule.reason[language])
    return ""


def _questions(report: Report, language: str) -> Iterator[Question]:
    about: dict[str, list[str]] = {}
    for subject, finding in report.findings():
        if _is_question(finding):
            about.setdefault(finding.rule, []).append(visible(subject.path))
    for identity in sorted(about):
        rule = rule_of(identity, report.profile)
        told = tell(Finding(rule=identity, outcome="needs-human"), rule, language)
        yield Question(identity, told.message, told.title, told.clause, tuple(dict.fromkeys(about[identity])))


def _verdict(sums: Totals, code: int, language: str) -> str:
    if code in {3, 4}:
        return say(f"report.verdict-{code}", language)
    if not sums.passed + sums.errors + sums.warnings + sums.notes + sums.waived:
        return say("report.verdict-nothing", language)
    if sums.errors:
        return say("report.verdict-errors", language)
    return say("report.verdict-warnings" if sums.warnings else "report.verdict-clean", language)


def summary_line(sums: Totals, language: str) -> str:
    """One line of counts; what there is none of is left out, files and errors aside."""
    counts = {
        "files": sums.subjects,
        "errors": sums.errors,
        "warnings": sums.warnings,
        "not-run": sums.not_run,
        "questions": sums.questions,
        "notes": sums.notes,
        "waived": sums.waived,
        "passed": sums.passed,
        "blocked": sums.blocked,
        "left-out": sums.left_out,
    }
    always = {"files", "errors", "warnings"}
    parts = [
        filled(say(f"report.count-{name}", language), {"count": shown(count, language)})
        for name, count in counts.items()
        if count or name in always
    ]
    return " · ".join(parts)
