"""The report as workflow commands of GitHub Actions: each finding stands beside the line it is about."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.reports.digest import FailOn, Where, digest, in_order, is_named, point, summary_line
from pipeline.reports.model import Finding, Outcome, Report, SubjectReport
from pipeline.reports.wording import rule_of, tell, visible

_COMMANDS: dict[Outcome, str] = {"fail": "error", "not-run": "error", "warn": "warning"}


def github(report: Report, language: str, fail_on: FailOn = "error") -> str:
    """One command a line. A member of an archive is told in the message: the host only knows the archive. Notes and
    waived findings are left to the other reports; questions for a person are notices, each once.
    """
    told = digest(report, language, fail_on)
    paths = {each.path for each in report.subjects}
    lines = [
        _annotation(subject, finding, report, language, paths)
        for subject in report.subjects
        for finding in in_order(subject.findings)
        if finding.outcome in _COMMANDS and finding.waived is None
    ]
    lines += [_command("notice", question.text, title=question.title) for question in told.questions]
    lines.append(_command("notice", f"{told.verdict} {summary_line(told.totals, language)}", title="telesabaq"))
    return "".join(f"{line}\n" for line in lines)


def _annotation(subject: SubjectReport, finding: Finding, report: Report, language: str, paths: Iterable[str]) -> str:
    told = tell(finding, rule_of(finding.rule, report.profile), language)
    place = finding.place
    where = place.file if place else subject.path
    outer = container(where, paths)
    member = visible(where[len(outer) + 1 :])
    line = place.line if place else 0
    inner = Where(member, point(place, language) if place else "")
    properties = {"file": visible(outer)}
    if line and not member:
        properties["line"] = str(line)
        if place and place.column:
            properties["col"] = str(place.column)
    named = member and not is_named(inner, told.message)
    message = " ".join(
        filter(None, (f"{inner}:" if named else "", told.message, told.remedy, told.clause and f"[{told.clause}]"))
    )
    return _command(_COMMANDS[finding.outcome], message, **properties, title=f"{finding.rule} {told.title}")


def container(path: str, paths: Iterable[str]) -> str:
    """The outermost archive that `path` lies in, itself if it lies in none. "!" may also be part of a name."""
    inside = (each for each in paths if path.startswith(f"{each}!"))
    return min(inside, key=len, default=path)


def _command(name: str, message: str, **properties: str) -> str:
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {told}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
