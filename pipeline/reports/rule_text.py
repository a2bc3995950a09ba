"""The catalogue on a terminal: a table of the rules, or one rule with everything about it."""

from __future__ import annotations

from pipeline.messages import say
from pipeline.reports.catalogue import Page, page, rows
from pipeline.reports.paper import WIDTH, Colours, Paper
from pipeline.rulebook import CheckProfile, Rule

_ARROW = "  → "


def rules_text(profile: CheckProfile, language: str, *, width: int = WIDTH, colours: Colours | None = None) -> str:
    """The rules of a profile, one a line or more."""
    paper = Paper(width, colours)
    heads = [say(f"rules.{each}", language) for each in ("id", "severity", "title", "clause")]
    paper.table(heads, [(row.rule, row.severity, row.title, row.clause) for row in rows(profile, language)])
    return paper.text()


def rule_text(rule: Rule, language: str, *, width: int = WIDTH, colours: Colours | None = None) -> str:
    """One rule: title, basis, why, limits, what it says and advises, files it was tried on."""
    paper = Paper(width, colours)
    told = page(rule, language)
    row = told.row
    paper.paragraph((f"{row.rule} · {row.title}", "bold"))
    paper.paragraph((" · ".join(filter(None, (told.name, row.severity, row.clause))), "dim"))
    if told.changed:
        paper.paragraph((told.changed, "yellow"))
    for head, lines in _parts(told, language):
        paper.paragraph((head, "bold"))
        for line in lines:
            paper.paragraph((line, ""), left=2, hanging=4 if line.startswith(_ARROW) else 2)
    return paper.text()


def _parts(told: Page, language: str) -> list[tuple[str, list[str]]]:
    fine = say("rules.fine", language)
    said = [line for each in told.sayings for line in (each.message, each.remedy and f"{_ARROW}{each.remedy}") if line]
    parts = [
        ("rules.why", [told.why]),
        ("rules.kinds", [told.row.kinds] if told.row.kinds else []),
        ("rules.limits", [f"{name}: {value}" for name, value in told.limits]),
        ("rules.question", [told.question] if told.question else []),
        ("rules.says", said),
        ("rules.examples", [f"{each.case}: {each.message or fine}" for each in told.examples]),
    ]
    return [(say(head, language), lines) for head, lines in parts if lines]
