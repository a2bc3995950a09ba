"""Which letters the fonts have, so that no child sees an empty box."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from pipeline.errors import Place, Problem
from pipeline.specs import fonts_folder

_FILES = {
    "Noto Sans": ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    "Andika": ("Andika-Regular.ttf", "Andika-Bold.ttf"),
    "Noto Sans Math": ("NotoSansMath-Regular.ttf",),
}


@cache
def letters_of(family: str) -> frozenset[int]:
    """The code points that every weight of a family has."""
    from fontTools.ttLib import TTFont

    covered = []
    for name in _FILES[family]:
        with TTFont(fonts_folder() / name, lazy=True) as font:
            covered.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*covered)


def can_show(letter: str, families: Iterable[str]) -> bool:
    """Whether any of the families, tried in turn, has the letter."""
    return any(ord(letter) in letters_of(family) for family in families)


def missing_letters(shown: Any, families: tuple[str, ...], place: Place) -> list[Problem]:
    """A problem for every letter of `shown` (any nest of data with words in it) that no family has."""
    missing = {
        letter: None
        for words in words_in(shown)
        for letter in words
        if letter != "\t" and not can_show(letter, families)
    }
    return [Problem("cards.letter-missing", place, _named(letter)) for letter in missing]


def words_in(shown: Any) -> Iterator[str]:
    """Every string that reaches the screen from sheet data; of a formula node only its signs, not its kind."""
    if isinstance(shown, str):
        yield shown
    elif isinstance(shown, list):
        for each in shown:
            yield from words_in(each)
    elif isinstance(shown, dict):
        accent = shown.get("k") == "accent"
        for key, value in shown.items():
            # Node kinds, operator classes and accent names are vocabulary, not letters.
            if key == "k" or (key == "c" and shown.get("k") == "op") or (key == "t" and accent):
                continue
            yield from words_in(value)


def _named(letter: str) -> dict[str, object]:
    name = unicodedata.name(letter, "?").lower()
    is_visible = letter.isprintable() and not unicodedata.category(letter).startswith("M")
    return {"letter": letter if is_visible else name, "code": f"U+{ord(letter):04X}"}
