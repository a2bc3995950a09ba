"""What a lesson says, piece by piece, and in which letters it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.errors import Place
from pipeline.lesson.model import Lesson, Slide, Text

KAZAKH = frozenset("әғқңөұүһіӘҒҚҢӨҰҮҺІ")
"""The letters that Kazakh has and Russian has not."""

_LATIN_TWINS = frozenset("aceikopxyhABCEHIKMOPTXYəƏɵƟʏ")
"""Latin letters that look like a Kazakh or Russian one; the last five are typed for ә, ө and ү."""

_CYRILLIC_TWINS = frozenset("асеікорхуһАВСЕІКМНОРТХУ")
"""Kazakh and Russian letters that look like a Latin one."""

_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|[^\s@]{1,64}@\S+|[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")
_ROMAN = re.compile(r"[IVXLCDMІХСМ]+|[ivxіхс]+")
_NAME_WITH_ENDING = re.compile(r"[A-Z]{2,}[а-яәғқңөұүһіё]+")
"""A Latin name or abbreviation with a Kazakh ending, "ABға": two alphabets, and rightly so."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stands by itself: a question, a slide, the description. Formulas are left out."""

    text: str
    place: Place
    key: str
    """The key of the top level it belongs to."""

    @property
    def words(self) -> list[str]:
        """Runs of letters, addresses left out."""
        return _WORD.findall(_ADDRESS.sub(" ", self.text))


def pieces(lesson: Lesson) -> Iterator[Piece]:
    """Everything the author wrote for people, but names of persons and schools."""
    at = lesson.places
    whole = Place(str(lesson.script))
    yield Piece(_words(lesson.topic), lesson.topic.place, "topic")
    yield Piece(lesson.description, at.get("description", whole), "description")
    yield Piece(", ".join(lesson.keywords), at.get("keywords", whole), "keywords")
    for item in lesson.explanation:
        if isinstance(item, Slide):
            yield Piece(_words(item.title, item.text), item.place, "explanation")
    for key, tasks in (("questions", lesson.questions), ("exercises", lesson.exercises)):
        for task in tasks:
            yield Piece(_words(task.text), task.place, key)
    for key, references in (("resources", lesson.resources), ("links", lesson.links)):
        for reference in references:
            yield Piece(_words(reference.title, reference.note), reference.place, key)


def _words(*texts: Text | None) -> str:
    lines = [line for text in texts if text is not None for line in text.lines]
    return "\n".join("".join(run.text if run.formula is None else " " for run in line) for line in lines)


def is_cyrillic(letter: str) -> bool:
    """Whether a letter is of the block that Kazakh and Russian are written in."""
    return "\u0400" <= letter <= "\u04ff"


def is_latin(letter: str) -> bool:
    """Whether a letter is Latin, the phonetic ones that stand in for Kazakh letters included."""
    return letter.isalpha() and letter < "\u02b0"


@dataclass(frozen=True, slots=True)
class Letters:
    """How many letters of each sort a text has."""

    cyrillic: int
    latin: int
    kazakh: int

    @property
    def kazakh_percent(self) -> float:
        """Of all Cyrillic letters; ordinary Kazakh has about 17."""
        return 100 * self.kazakh / self.cyrillic if self.cyrillic else 0.0

    @property
    def cyrillic_percent(self) -> float:
        return 100 * self.cyrillic / (self.cyrillic + self.latin) if self.cyrillic + self.latin else 0.0


def letters_of(words: list[str]) -> Letters:
    """Counts letters; Roman numerals are none, whichever alphabet they are typed in."""
    said = "".join(word for word in words if not _ROMAN.fullmatch(word))
    cyrillic = sum(map(is_cyrillic, said))
    return Letters(cyrillic, sum(map(is_latin, said)), sum(letter in KAZAKH for letter in said))


def kazakh_words(words: list[str]) -> list[str]:
    """Words with Kazakh letters that are neither names (capital first) nor Roman numerals."""
    return [word for word in words if word[0].islower() and not KAZAKH.isdisjoint(word) and not _ROMAN.fullmatch(word)]


def strangers(word: str) -> str:
    """The letters of a word that come from the other alphabet and look like the right ones; empty for a sound word.

    A word of two alphabets is sound where its letters cannot be taken for one another: "HTMLде".
    """
    if _ROMAN.fullmatch(word) or _NAME_WITH_ENDING.fullmatch(word):
        return ""
    latin = [letter for letter in word if is_latin(letter)]
    cyrillic = [letter for letter in word if is_cyrillic(letter)]
    if not latin or not cyrillic:
        return ""
    if _LATIN_TWINS.issuperset(latin) and (len(latin) <= len(cyrillic) or not _CYRILLIC_TWINS.issuperset(cyrillic)):
        return "".join(dict.fromkeys(latin))
    if _CYRILLIC_TWINS.issuperset(cyrillic):
        return "".join(dict.fromkeys(cyrillic))
    return ""
