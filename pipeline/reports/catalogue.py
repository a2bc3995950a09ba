"""The catalogue of rules for people: a list, one rule with everything about it, and docs/rules.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass
from itertools import groupby

from pipeline.messages import say
from pipeline.reports.examples import examples_of
from pipeline.reports.wording import clause_in_full, filled, kind_word, shown, tell
from pipeline.rulebook import CheckProfile, Rule, Wording, rulebook

MAKE = "make docs"
"""The command that writes docs/rules.md again."""

LONGEST_LIMIT = 60
"""Characters."""

_FIELD = re.compile(r"\{[a-z_][a-z0-9_]*\}")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")
_OUTCOMES = {"error": "fail", "warning": "warn", "note": "pass"}


@dataclass(frozen=True, slots=True)
class Row:
    """A rule in the list."""

    rule: str
    title: str
    severity: str
    clause: str
    kinds: str


@dataclass(frozen=True, slots=True)
class Saying:
    """What a rule says in one case; what is only known of a file stands as "…"."""

    variant: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A file the rule was tried on; `message` is empty where it found nothing."""

    case: str
    message: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything about one rule."""

    row: Row
    name: str
    why: str
    changed: str
    """What the profile made of its severity and why; empty where it left it alone."""
    limits: tuple[tuple[str, str], ...]
    question: str
    sayings: tuple[Saying, ...]
    examples: tuple[Shown, ...]


def rows(profile: CheckProfile, language: str) -> list[Row]:
    """The rules of a profile in the order of their ids."""
    return [_row(each, language) for each in profile.rules.values()]


def page(rule: Rule, language: str) -> Page:
    """One rule, as its profile has it."""
    limits = {name: shown(value, language) for name, value in rule.limits.items()}
    wordings = [("", rule.wording), *rule.variants.items()]
    return Page(
        row=_row(rule, language),
        name=rule.name,
        why=rule.why[language],
        changed=_changed(rule, language),
        limits=tuple((name, _short(value, limits[name])) for name, value in rule.limits.items()),
        question=rule.question[language] if rule.question else "",
        sayings=tuple(_saying(name, wording, limits, language) for name, wording in wordings if wording.message),
        examples=tuple(_shown(rule, language)),
    )


def markdown(profile: CheckProfile, language: str = "en") -> str:
    """The whole catalogue as one document."""
    families = [
        (family, list(rules))
        for family, rules in groupby(profile.rules.values(), key=lambda each: each.id.partition("-")[0])
    ]
    lines = [
        f"# {say('rules.heading', language)}",
        "",
        f"<!-- {MAKE} -->",
        "",
        say("rules.intro", language, count=len(profile.rules), make=MAKE),
        "",
    ]
    for family, rules in families:
        lines += [f"## {family}", "", *_table(rules, language), ""]
        for each in rules:
            lines += [*_section(page(each, language)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _short(value: object, told: str) -> str:
    """A limit as the catalogue shows it: of a long list only how long it is; specs/rules has it whole."""
    if len(told) <= LONGEST_LIMIT:
        return told
    return f"… ({len(value)})" if isinstance(value, Sized) and not isinstance(value, str) else "…"


def _row(rule: Rule, language: str) -> Row:
    kinds = ", ".join(_kind(each, language) for each in rule.kinds)
    severity = _severity(rule, language)
    return Row(rule.id, rule.title[language], severity, clause_in_full(rule, language), kinds)


def _kind(kind: str, language: str) -> str:
    return say("rules.any-kind", language) if kind == "any" else kind_word(kind, language)


def _severity(rule: Rule, language: str) -> str:
    outcome = "needs-human" if rule.question else _OUTCOMES[rule.severity]
    return say(f"report.outcome-{outcome}", language)


def _changed(rule: Rule, language: str) -> str:
    if rule.reason is None:
        return ""
    before = _severity(rulebook()[rule.id], language)
    return say("rules.changed", language, before=before, after=_severity(rule, language), reason=rule.reason[language])


def _saying(name: str, wording: Wording, limits: dict[str, str], language: str) -> Saying:
    message, remedy = (filled(each.get(language, ""), limits) for each in (wording.message, wording.remedy))
    return Saying(name, _FIELD.sub("…", message), _FIELD.sub("…", remedy))


def _shown(rule: Rule, language: str) -> Iterator[Shown]:
    for example in examples_of(rule.id):
        yield Shown(example.case, tell(example.finding, rule, language).message if example.finding else "")


def _table(rules: Sequence[Rule], language: str) -> list[str]:
    heads = [say(f"rules.{each}", language) for each in ("id", "title", "severity", "clause")]
    lines = [f"| {' | '.join(heads)} |", "| --- | --- | --- | --- |"]
    for each in rules:
        row = _row(each, language)
        cells = [f"[{row.rule}](#{_anchor(row)})", *map(_escaped, (row.title, row.severity, row.clause))]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _section(told: Page) -> list[str]:
    row = told.row
    lines = [f"### {row.rule} {_escaped(row.title)}", ""]
    about = " · ".join(filter(None, (f"`{told.name}`", row.severity, row.clause, row.kinds)))
    lines += [about, "", _escaped(told.why)]
    if told.limits:
        lines += ["", "Limits: " + ", ".join(f"`{name}`: {_escaped(value)}" for name, value in told.limits) + "."]
    if told.question:
        lines += ["", f"> {_escaped(told.question)}"]
    for each in told.sayings:
        lines += ["", f"> {_escaped(each.message)}"]
        if each.remedy:
            lines += [">", f"> → {_escaped(each.remedy)}"]
    if told.examples:
        lines += ["", *(_listed(each) for each in told.examples)]
    return lines


def _listed(each: Shown) -> str:
    return f"- `{each.case}`: {_escaped(each.message)}" if each.message else f"- `{each.case}`"


def _anchor(row: Row) -> str:
    """What forges make of the heading."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", f"{row.rule} {row.title}".lower()).strip())


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
