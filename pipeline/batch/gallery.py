"""The season as one web page: what is ready, what needs work, and why.

The page carries everything in itself and asks nothing of anywhere; its script only hides cards. What comes from
lessons is text of strangers: it is escaped, its hidden characters are written out, and it is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any
from urllib.parse import quote

from pipeline import __version__
from pipeline.batch.model import BAD
from pipeline.batch.summary import is_refused, seconds_of
from pipeline.errors import Place
from pipeline.lesson.subjects import load_subjects
from pipeline.messages import say
from pipeline.reports.digest import Where, point
from pipeline.reports.html import coded
from pipeline.reports.season_page import TEMPLATE, digest
from pipeline.reports.wording import level, shown, visible
from pipeline.specs import specs_folder
from pipeline.timecode import clock

MOST_SHOWN = 20
"""Problems of one lesson on the page; batch.json has them all."""

FEW = 60
"""Films that are looked through without headings between them."""

_LETTERS = {letter: place for place, letter in enumerate("аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя")}
_MARKS = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]"
_STACKED = re.compile(f"({_MARKS}{{2}}){_MARKS}+")
_VERDICTS = {"complete", "incomplete", "stopped", "interrupted"}
_TONES = {"made": "good", "refused": "fail", "failed": "fail", "not-run": "not-run"}


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the output folder, as an address relative to the page."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Told:
    """A problem in words; `tone` is its colour, `lines` its message."""

    tone: str
    label: str
    lines: tuple[str, ...]
    where: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Card:
    """A lesson as the page shows it: everything is text for people, apart from what filters compare."""

    id: str
    outcome: str
    grade: str
    subject: str
    language: str
    title: str
    teacher: str
    about: str
    script: str
    status: str
    tone: str
    film: Link | None
    older: Link | None
    links: tuple[Link, ...]
    length: str
    measures: str
    picture: str
    errors: tuple[Told, ...]
    more_errors: str
    warnings: tuple[Told, ...]
    more_warnings: str
    warned: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter: what it compares, what it is called, values with their names."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Cards under one heading. `wide`: a list of what went wrong, not a wall of posters."""

    kind: str
    title: str
    cards: tuple[Card, ...]

    @property
    def wide(self) -> bool:
        return self.kind in {"failed", "refused"}


def gallery(batch: Mapping[str, Any], language: str, pictures: Mapping[str, str]) -> str:
    """The page. `batch` as batch.json has it; `pictures`: folder of a film -> base64 of a small WebP, or ""."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(specs_folder() / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["digest"] = digest
    environment.filters["coded"] = coded
    pairs = [(each, _card(each, batch, language, pictures)) for each in batch["lessons"]]
    pairs.sort(key=lambda pair: _order(pair[0], pair[1], language))
    page: str = environment.get_template(TEMPLATE).render(
        language=language,
        tone=_tone(batch),
        verdict=_verdict(batch, language),
        facts=_facts(batch["run"], language),
        tiles=_tiles(batch, language),
        notes=[_told(each, language) for each in batch["notes"]],
        filters=_filters(batch["lessons"], language),
        sections=_sections([card for _, card in pairs], language),
        total=len(pairs),
        words=_words(batch, language),
    )
    return page


def _words(batch: Mapping[str, Any], language: str) -> dict[str, str]:
    """Everything the template says besides the lessons."""
    total = shown(len(batch["lessons"]), language)
    return {
        "title": say("gallery.title", language),
        "skip": say("gallery.skip", language),
        "find": say("gallery.find", language),
        "find_what": say("gallery.find-what", language),
        "all": say("gallery.all", language),
        "shown": say("gallery.shown", language, count="{count}", all=total),
        "none": say("gallery.none", language),
        "empty": say("gallery.empty", language),
        "show_all": say("gallery.show-all", language),
        "older": say("gallery.older-film", language),
        "todo": say("report.what-to-do", language),
        "no_poster": say("gallery.no-poster", language),
        "made": say("gallery.made-by", language, version=__version__),
    }


# The head of the page ----------------------------------------------------------------------------


def _bad(lessons: Iterable[Mapping[str, Any]]) -> int:
    return sum(each["outcome"] in BAD for each in lessons)


def _verdict(batch: Mapping[str, Any], language: str) -> str:
    outcome, bad = batch["run"]["outcome"], _bad(batch["lessons"])
    if outcome == "complete" and bad:
        outcome = "earlier"
    known = outcome if outcome in {*_VERDICTS, "earlier"} else "incomplete"
    return say(f"gallery.verdict-{known}", language, count=shown(bad, language))


def _tone(batch: Mapping[str, Any]) -> str:
    outcomes = {each["outcome"] for each in batch["lessons"]}
    if outcomes & {"failed", "refused"} or batch["run"]["outcome"] in {"incomplete", "stopped"}:
        return "fail"
    return "good" if batch["run"]["outcome"] == "complete" and not outcomes & BAD else "not-run"


def _facts(run: Mapping[str, Any], language: str) -> str:
    """The run in one line."""
    counts = [
        say("gallery.counted", language, outcome=_outcome(name, language), count=shown(count, language))
        for name, count in run["counts"].items()
        if count
    ]
    workers = [say("gallery.workers", language, count=shown(run["workers"], language))] if run["workers"] else []
    took = [_length(run["seconds"], language)] if run["seconds"] else []
    return " · ".join([say("gallery.run", language, run=run["number"]), *counts, *took, *workers])


def _tiles(batch: Mapping[str, Any], language: str) -> list[tuple[str, str, str, str]]:
    """(tone, label, figure, what stands behind it) of the totals."""
    totals, lessons = batch["totals"], batch["lessons"]
    of = say("gallery.films-of", language, lessons=shown(totals["lessons"], language))
    bad, warned = _bad(lessons), sum(bool(each["warnings"]) for each in lessons)
    return [
        ("", say("gallery.films", language), shown(totals["films"], language), of),
        ("", say("gallery.length", language), _length(totals["seconds"], language), ""),
        ("", say("gallery.size", language), _size(totals["bytes"], language), ""),
        ("fail" if bad else "", say("gallery.need-attention", language), shown(bad, language), ""),
        ("warn" if warned else "", say("gallery.with-warnings", language), shown(warned, language), ""),
    ]


def _filters(lessons: Sequence[Mapping[str, Any]], language: str) -> list[Choice]:
    """What can be chosen: only what there is, with how many there are."""
    facts = [each["facts"] for each in lessons if each["facts"]]
    warned = sum(bool(each["warnings"]) for each in lessons)
    subjects = {each["subject"]["id"]: _subject(each, language) for each in facts}
    outcomes = _counted((each["outcome"] for each in lessons), lambda name: _outcome(name, language), language)
    if warned:
        outcomes.append(("warned", f"{say('gallery.with-warnings', language)} ({shown(warned, language)})"))
    choices = [
        ("grade", _counted((each["grade"] for each in facts), lambda grade: _grade(grade, language), language)),
        ("subject", _counted((each["subject"]["id"] for each in facts), subjects.__getitem__, language)),
        ("language", _counted((each["language"] for each in facts), lambda name: _taught(name, language), language)),
        ("outcome", outcomes),
    ]
    return [Choice(name, say(f"gallery.by-{name}", language), tuple(options)) for name, options in choices if options]


def _counted(values: Iterable[Any], name: Any, language: str) -> list[tuple[str, str]]:
    counts: dict[Any, int] = {}
    for each in values:
        counts[each] = counts.get(each, 0) + 1
    order = sorted(counts, key=lambda each: (each if isinstance(each, int) else 0, _collated(name(each))))
    return [(str(each), f"{name(each)} ({shown(counts[each], language)})") for each in order]


# Lessons -----------------------------------------------------------------------------------------


def _sections(cards: Sequence[Card], language: str) -> list[Section]:
    """What needs work first, then the films by grade."""
    made = []
    for kind in ("failed", "refused", "not-run"):
        wrong = tuple(each for each in cards if each.outcome == kind)
        made.append(Section(kind, say(f"gallery.list-{kind}", language), wrong))
    fine = [each for each in cards if each.outcome not in BAD]
    if len(fine) <= FEW:
        made.append(Section("films", say("gallery.films", language), tuple(fine)))
        return [each for each in made if each.cards]
    for grade, of in groupby(fine, lambda each: each.grade):
        made.append(Section("grade", _grade(int(grade) if grade else None, language), tuple(of)))
    return [each for each in made if each.cards]


def _order(lesson: Mapping[str, Any], card: Card, language: str) -> tuple[Any, ...]:
    facts = lesson["facts"]
    return (
        facts["grade"] if facts else 99,
        _collated(_subject(facts, language) if facts else ""),
        card.language,
        card.id,
    )


def _card(lesson: Mapping[str, Any], batch: Mapping[str, Any], language: str, pictures: Mapping[str, str]) -> Card:
    facts, film, outcome = lesson["facts"], lesson["film"], lesson["outcome"]
    wrong = outcome in BAD
    opened = _link(film, film["name"], "") if film else None
    old = film is not None and outcome in {"failed", "not-run"}
    about = (
        [_grade(facts["grade"], language), _subject(facts, language), _taught(facts["language"], language)]
        if facts
        else []
    )
    now = lesson["run"] == batch["run"]["number"]
    told = outcome in {"made", "left-alone"} and now
    errors, warnings = lesson["errors"], lesson["warnings"]
    return Card(
        id=_clean(lesson["id"]),
        outcome=outcome,
        grade=str(facts["grade"]) if facts else "",
        subject=facts["subject"]["id"] if facts else "",
        language=facts["language"] if facts else "",
        title=_clean(facts["topic"] if facts else lesson["id"], 240),
        teacher=_clean(facts["teacher"] if facts else ""),
        about=" · ".join(about),
        script=_clean(lesson["script"]),
        status=_outcome(outcome, language) if told else "" if now else say("gallery.run", language, run=lesson["run"]),
        tone=_TONES.get(outcome, "") if now or wrong else "",
        film=None if old else opened,
        older=opened if old else None,
        links=_links(film, language) if film and not old else (),
        length=clock(seconds_of(film)) if film else "",
        measures=_measures(film, language) if film and not old else "",
        picture=pictures.get(film["folder"], "") if film else "",
        errors=tuple(_told(each, language) for each in errors[:MOST_SHOWN]),
        more_errors=_more(errors, language),
        warnings=tuple(_told(each, language) for each in warnings[:MOST_SHOWN]),
        more_warnings=_more(warnings, language),
        warned=say("gallery.count-warnings", language, count=shown(len(warnings), language)) if warnings else "",
    )


def _links(film: Mapping[str, Any], language: str) -> tuple[Link, ...]:
    """What lies beside a film."""
    captions = next((each for each in film["outputs"] if each.endswith(".vtt")), None)
    wanted = [("storyboard.jpg", "storyboard"), (captions, "captions"), ("manifest.json", "manifest")]
    there = {*film["outputs"], "manifest.json"}
    links = [_link(film, name, say(f"gallery.{word}", language)) for name, word in wanted if name and name in there]
    refused = [_link(film, film["name"], say("gallery.refused-film", language))] if is_refused(film) else []
    return (*refused, *links)


def _link(film: Mapping[str, Any], name: str, label: str) -> Link:
    return Link(label, quote(f"{film['folder']}/{name}", errors="backslashreplace"))


def _measures(film: Mapping[str, Any], language: str) -> str:
    loud = film["loudness"]
    sound = [say("gallery.silent", language)] if loud is None else [f"{level(loud, language)} LUFS"]
    peak = [] if film["peak"] is None else [f"{level(film['peak'], language)} dBTP"]
    return " · ".join([_size(film["bytes"], language), *sound, *peak])


def _told(problem: Mapping[str, Any], language: str) -> Told:
    where, severity = problem["where"], problem["severity"]
    place = ""
    if where is not None:
        place = str(Where(_clean(where["path"]), point(Place("", where["line"], where["column"]), language)))
    lines = tuple(_clean(line, 1000) for line in problem["message"][language].splitlines()[:20] if line.strip())
    tone = {"error": "fail", "warning": "warn"}.get(severity, "pass")
    label = say("cli.error", language) if tone == "fail" else say(f"cli.{severity}", language)
    return Told(tone, label, lines, place, _clean(problem["remedy"][language], 1000))


def _more(problems: Sequence[object], language: str) -> str:
    left = len(problems) - MOST_SHOWN
    return say("gallery.more", language, count=shown(left, language)) if left > 0 else ""


# Words and figures -------------------------------------------------------------------------------


def _clean(text: str, most: int = 300) -> str:
    """Text of strangers on one line: bounded, what hides or turns it over written out, no towers of accents."""
    line = " ".join(text[: 4 * most].split())
    line = _STACKED.sub(r"\1", line if line.isprintable() else visible(line))
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _outcome(name: str, language: str) -> str:
    return say(f"gallery.outcome-{name}", language)


def _grade(grade: int | None, language: str) -> str:
    return say("gallery.no-grade", language) if grade is None else say("gallery.grade", language, grade=grade)


def _taught(name: str, language: str) -> str:
    return say(f"gallery.language-{name}", language)


def _subject(facts: Mapping[str, Any], language: str) -> str:
    known = _subjects().get(facts["subject"]["id"])
    return known[language] if known else _clean(facts["subject"]["name"], 60)


@cache
def _subjects() -> Mapping[str, Mapping[str, str]]:
    return {each.id: each.name for each in load_subjects()}


def _collated(text: str) -> tuple[int, ...]:
    """In the order of the alphabet: letters that only Kazakh has stand among the others, not behind them."""
    return tuple(_LETTERS.get(char, -1 if char < "а" else 99) * 0x11_0000 + ord(char) for char in text.casefold())


def _length(seconds: float, language: str) -> str:
    whole = round(seconds)
    if whole >= 3600:
        minutes = round(seconds / 60)
        return say("gallery.hours", language, hours=shown(minutes // 60, language), minutes=minutes % 60)
    if whole < 60:
        return say("gallery.seconds", language, seconds=whole)
    if whole % 60 == 0:
        return say("gallery.whole-minutes", language, minutes=whole // 60)
    return say("gallery.minutes", language, minutes=whole // 60, seconds=whole % 60)


def _size(size: int, language: str) -> str:
    if size >= 1_000_000_000:
        return say("gallery.gigabytes", language, size=shown(size / 1e9, language, 1))
    return say("report.size-mb", language, size=shown(max(size, 100_000) / 1e6, language, 1 if size < 1e8 else 0))
