"""A finding in words: title, message, remedy and clause in one language, safe to show whatever a file is called."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import isfinite
from numbers import Real
from typing import Any

from pipeline.errors import Problem
from pipeline.messages import catalogue, remedy, say, what
from pipeline.reports.model import Finding
from pipeline.rulebook import CheckProfile, Rule, rulebook

LONGEST_FIELD = 300
"""Characters of one placeholder; names and texts of strangers may be longer than any report."""

_FIELD = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that are not seen, or that turn the text around them over."""
_MOST_DECIMALS = 9
_NUMBER = re.compile(r"\d+")
_MINUS = "\N{MINUS SIGN}"
_DOCUMENT = re.compile(r"\b(order-121|concept|steps-kk|steps-ru|digital-tutor)\b(?:, (structure) of a TV lesson)?")
_ANNEX = re.compile(r"\bannex(?:es)? ([\d-]+)")
_POLICY = "project policy"
_LETTERS = re.compile(r"[A-H]\d*(?:[ -][A-H]\d*)*")
"""Signs of docs/sources.md: "C3", "A4-A7", "E1 E6". They mean nothing to whoever reads a report."""
_PARAGRAPH = re.compile(r",? §(\d+)(?:-(\d+))?(?: (\d+\)))?")


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as a person reads it. `remedy` may be empty; nothing in it can break a terminal or a page."""

    title: str
    message: str
    remedy: str
    clause: str


def rule_of(identity: str, profile: CheckProfile) -> Rule | None:
    """A rule as the profile has it, else as the catalogue has it."""
    return profile.rules.get(identity) or rulebook().get(identity)


def tell(finding: Finding, rule: Rule | None, language: str) -> Told:
    """The words of a finding. A rule or text that nobody wrote is told by its bare id, never by an exception."""
    if rule is None:
        return Told(finding.rule, finding.rule, "", "")
    title, clause = rule.title[language], clause_in_words(rule, language)
    if finding.outcome == "needs-human" and rule.question is not None:
        return Told(title, rule.question[language], "", clause)
    values = shown_values(finding, rule, language)
    if finding.problem is not None:
        problem = _shown_problem(finding.problem, language)
        return Told(title, what(problem, language), remedy(problem, language), clause)
    wording = rule.says(finding.variant)
    message = filled(wording.message.get(language, title), values)
    return Told(title, message, filled(wording.remedy.get(language, ""), values), clause)


def shown_values(finding: Finding, rule: Rule, language: str) -> dict[str, str]:
    """Every placeholder a message of the rule may use, as text."""
    decimals = _telling_decimals(finding.measured, finding.expected)
    values = {name: shown(value, language) for name, value in {**rule.limits, **finding.fields}.items()}
    values["measured"] = shown(finding.measured, language, decimals)
    values["expected"] = shown(finding.expected, language, decimals)
    for name, value in {"measured": finding.measured, "expected": finding.expected, **finding.fields}.items():
        if name in rule.clocks and isinstance(value, Real):
            values[name] = clock(value, language)
        elif name in rule.terms:
            values[name] = term(str(value), language)
    return values


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its placeholders filled once: braces inside a value stay what they are."""
    return _FIELD.sub(lambda match: values.get(match[1], match[0]), template)


def shown(value: object, language: str, decimals: int | None = None) -> str:
    """A plain value as people of the language write it; text with what is hidden in it made visible."""
    if isinstance(value, Real) and not isinstance(value, bool):
        return _number(value, language, decimals)
    if isinstance(value, date):
        return value.isoformat() if language == "en" else value.strftime("%d.%m.%Y")
    if isinstance(value, Mapping):
        return _cut(", ".join(f"{visible(str(key))}: {shown(each, language)}" for key, each in value.items()))
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes):
        listed = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return _cut(", ".join(shown(each, language) for each in listed))
    return _cut(visible(str(value)))


def level(value: float, language: str) -> str:
    """A level (LUFS, dB) to the tenth, which is as meters say it, with a minus that is one."""
    text = f"{value:.1f}".replace("-", _MINUS)
    return text if language == "en" else text.replace(".", ",")


def clock(seconds: Real, language: str) -> str:
    """Seconds as minutes and seconds, "11:05", with decimals only where there are any: "10:00.04"."""
    minutes, rest = divmod(abs(round(Fraction(float(seconds)), 3)), 60)
    part = _decimal(float(rest), language, 3)
    sign = _MINUS if float(seconds) < 0 else ""
    return f"{sign}{minutes}:{part if rest >= 10 else f'0{part}'}"


def term(word: str, language: str) -> str:
    """A technical word in the language, as far as it is known: "frame 3" is `term.frame N`; else as it stands."""
    number = _NUMBER.search(word)
    code = f"term.{_NUMBER.sub('N', word)}"
    known = code in catalogue()
    return say(code, language, number=number[0] if number else "") if known else shown(word, language)


def visible(text: str) -> str:
    r"""The text with control, invisible and direction characters written out, as \u202e: a name cannot hide or turn
    the words beside it, nor start a new line of a log.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if _is_hidden(char) else char for char in text)


def clause_in_words(rule: Rule, language: str) -> str:
    """Where the rule comes from, and whether the documents ask for it or the project does; for whoever mends a file,
    so without our letters.
    """
    documents = _paragraphs(_documents(_without_letters(_cited(rule)), language), language)
    if rule.basis == "order":
        return say("report.basis-order", language, clause=documents)
    return say("report.basis-policy-near" if documents else "report.basis-policy", language, clause=documents)


def clause_in_full(rule: Rule, language: str) -> str:
    """The same with the letters of docs/sources.md: for the catalogue and for machines."""
    documents = _documents(_cited(rule), language)
    if rule.basis == "order":
        return say("report.basis-order", language, clause=documents)
    own = say("report.basis-policy", language)
    return f"{own} ({documents})" if documents else own


def severity_word(outcome: str, language: str) -> str:
    """What an outcome is called in a list of findings: error, warning, not judged, ..."""
    return say(f"report.outcome-{outcome}", language)


def kind_word(kind: str, language: str) -> str:
    """What a kind of file is called."""
    code = f"report.kind-{kind}"
    return say(code, language) if code in catalogue() else visible(kind)


def plain(value: object) -> Any:
    """A value as JSON may carry it: numbers stay numbers, everything else becomes text or lists of these."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Real):
        number = float(value)
        return number if isfinite(number) else str(number)
    if isinstance(value, Mapping):
        return {writable(str(key)): plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return [plain(each) for each in sorted(value, key=str)]
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(each) for each in value]
    return writable(value.isoformat() if isinstance(value, date) else str(value))


def writable(text: str) -> str:
    r"""Text that UTF-8 can carry: bytes of a name that are no UTF-8 become \udcff."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def dumped(told: object) -> str:
    """JSON for machines that a person may also print: letters as they are, hidden characters as escapes."""
    lines = json.dumps(told, ensure_ascii=False, indent=2).split("\n")
    return "".join(f"{line if line.isprintable() else _json_escaped(line)}\n" for line in lines)


def _shown_problem(problem: Problem, language: str) -> Problem:
    return replace(problem, fields={name: shown(value, language) for name, value in problem.fields.items()})


def _documents(clause: str, language: str) -> str:
    def named(match: re.Match[str]) -> str:
        return say(f"report.document-{'-'.join(filter(None, match.groups()))}", language)

    annexed = _ANNEX.sub(lambda match: say("report.annex", language, number=match[1]), clause)
    return _DOCUMENT.sub(named, annexed)


def _cited(rule: Rule) -> str:
    """The documents that a rule names; of a rule of ours those that it goes beyond."""
    if rule.basis == "order":
        return rule.clause
    more = rule.clause.removeprefix(_POLICY).lstrip(" ,;").removeprefix("after ")
    return more[1:-1] if more.startswith("(") and more.endswith(")") else more


def _without_letters(clause: str) -> str:
    """Makes "order-121 §42; concept" of "order-121 §42, D; concept, A4"."""
    parts = ([each for each in part.split(", ") if not _LETTERS.fullmatch(each)] for part in clause.split("; "))
    return "; ".join(", ".join(part) for part in parts if part)


def _paragraphs(clause: str, language: str) -> str:
    """Says "§45 1)" as readers of the order do."""

    def told(match: re.Match[str]) -> str:
        first, last, point = match.groups()
        number = f"{first}–{last}" if last else first
        code = "report.point" if point else "report.paragraph"
        return f", {say(code, language, number=number, point=point)}"

    return _PARAGRAPH.sub(told, clause)


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _json_escaped(line: str) -> str:
    return "".join(json.dumps(char)[1:-1] if _is_hidden(char) else char for char in line)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_FIELD else f"{text[: LONGEST_FIELD - 1]}…"


def _number(value: Real, language: str, decimals: int | None) -> str:
    if isinstance(value, int):
        return _grouped(str(value).replace("-", _MINUS), language)
    return _decimal(float(value), language, decimals)


def _decimal(value: float, language: str, decimals: int | None) -> str:
    if not isfinite(value):
        return str(value).replace("inf", "∞").replace("-", _MINUS)
    places = _sensible_decimals(value) if decimals is None else decimals
    whole, _, part = f"{value:.{places}f}".partition(".")
    part = part.rstrip("0")
    whole = "0" if whole == "-0" and not part else whole.replace("-", _MINUS)
    point = "." if language == "en" else ","
    return f"{_grouped(whole, language)}{point}{part}" if part else _grouped(whole, language)


def _grouped(digits: str, language: str) -> str:
    """Thousands set apart from five digits on: four are read as they stand, and may be a year."""
    number = digits.lstrip(_MINUS)
    if len(number) < 5:
        return digits
    grouped = f"{int(number):,}" if language == "en" else f"{int(number):,}".replace(",", "\N{NO-BREAK SPACE}")
    return f"{digits[: -len(number)]}{grouped}"


def _sensible_decimals(value: float) -> int:
    size = abs(value)
    if size == 0 or size >= 100:
        return 1
    return 2 if size >= 1 else 3 if size >= 0.01 else 6


def _telling_decimals(measured: object, expected: object) -> int | None:
    """As many decimals as it takes to see that the two differ: "600 s where 600 s are allowed" tells nothing."""
    if not (isinstance(measured, Real) and isinstance(expected, Real)):
        return None
    one, other = float(measured), float(expected)
    if one == other or not all(abs(each) < 1e15 for each in (one, other)):
        return None
    fractional = any(not isinstance(each, int) and Fraction(float(each)).denominator != 1 for each in (one, other))
    if not fractional:
        return None
    places = max(_sensible_decimals(one), _sensible_decimals(other))
    places = min(places, 2) if max(abs(one), abs(other)) >= 1 else places
    while places < _MOST_DECIMALS and f"{one:.{places}f}" == f"{other:.{places}f}":
        places += 1
    return places
