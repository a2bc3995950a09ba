"""The report for people to read on a terminal or in a text file."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.messages import say
from pipeline.reports.digest import (
    Digest,
    Entry,
    FailOn,
    Question,
    Section,
    Statement,
    digest,
    listed,
    summary_line,
)
from pipeline.reports.model import Report
from pipeline.reports.paper import WIDTH, Colours, Paper
from pipeline.reports.wording import kind_word, shown

MOST_ALIKE = 10
"""Statements of one rule about a file; the JSON and HTML reports have them all."""
MOST_NOTES = 3
MOST_PLACES = 6
MOST_FILES = 6

_STYLES = {"fail": "bold red", "not-run": "bold magenta", "warn": "yellow", "pass": "cyan"}


def text(
    report: Report, language: str, fail_on: FailOn = "error", *, width: int = WIDTH, colours: Colours | None = None
) -> str:
    """The whole report in lines of at most `width` columns; without colours unless asked for."""
    paper = Paper(width, colours)
    _Writer(paper, language).report(digest(report, language, fail_on))
    return paper.text()


class _Writer:
    def __init__(self, paper: Paper, language: str) -> None:
        self._paper, self._language = paper, language

    def report(self, told: Digest) -> None:
        put = self._paper.paragraph
        for section in told.sections:
            self._section(section)
            put(("", ""))
        if told.questions:
            put((self._say("report.questions"), "bold"))
            for paths, questions in told.checklists.items():
                self._checklist(paths, questions)
            put(("", ""))
        put((told.verdict, "bold red" if told.exit_code else "bold green"))
        put((summary_line(told.totals, self._language), ""))
        put((self._say("report.profile", profile=told.profile), "dim"))

    def _section(self, section: Section) -> None:
        kind = kind_word(section.subject.kind, self._language)
        self._paper.paragraph((section.path, "bold"), (f"  ({kind})", "dim"))
        for entry in section.entries:
            self._entry(entry)

    def _entry(self, entry: Entry) -> None:
        put = self._paper.paragraph
        style = "dim" if entry.waived else _STYLES.get(entry.outcome, "")
        label = self._say("report.outcome-waived") if entry.waived else entry.label
        most = MOST_NOTES if entry.outcome == "pass" else MOST_ALIKE
        for each in entry.statements[:most]:
            put((f"{label}: ", style), *self._places(each), (each.message, ""), left=2, hanging=2)
        more = len(entry.statements) - most
        if more > 0:
            put((self._say("report.more-alike", count=more), "dim"), left=4)
        if entry.remedy:
            put(("→ ", "green"), (entry.remedy, ""), left=4, hanging=2)
        if entry.remark:
            put((entry.remark, "italic"), left=4)
        put((" · ".join(filter(None, (entry.rule, entry.clause))), "dim"), left=4)

    def _places(self, each: Statement) -> list[tuple[str, str]]:
        if not each.places:
            return []
        told = listed(each.places[:MOST_PLACES])
        more = len(each.places) - MOST_PLACES
        if more > 0:
            told = f"{told} {self._say('report.more-places', count=more)}"
        return [(f"{told}: ", "bold")]

    def _checklist(self, paths: Sequence[str], questions: Sequence[Question]) -> None:
        told = ", ".join(paths[:MOST_FILES])
        more = len(paths) - MOST_FILES
        if more > 0:
            told = f"{told} {self._say('report.more-files', count=more)}"
        put = self._paper.paragraph
        put((told, ""), left=2)
        for question in questions:
            put(("[ ] ", "bold"), (question.text, ""), left=4, hanging=4)
            put((f"{question.rule} · {question.clause}", "dim"), left=8)

    def _say(self, code: str, **fields: object) -> str:
        told = {key: shown(value, self._language) for key, value in fields.items()}
        return say(code, self._language, **told)
