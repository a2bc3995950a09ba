"""Form fields that ask for personal data (E10), told by what they are called in Kazakh, Russian and English.

A lesson asks for names, dates and places all the time: "Дата рождения Абая". A field asks for the pupil's own if its
label says whose ("Ваша фамилия"), or says nothing but what a form says ("Фамилия, имя").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from pipeline.specs import load_yaml, specs_folder

_CHOICES = {"radio", "checkbox", "range", "color", "submit", "button", "hidden", "number", "search"}
_BY_KIND = {"email": "email", "tel": "phone", "password": "password"}
_WORD = re.compile(r"[^\W\d_]{2,}")


def asks_for(kind: str, words: str, shown: str = "") -> str | None:
    """What a field asks for: "name", "phone", "email", ...; None for one that asks for nothing personal.

    `kind` is the input's type, `words` what programs call it (name, id, autocomplete), `shown` what people read: label,
    placeholder, title.
    """
    kind, words, shown = kind.lower(), _folded(words), _folded(shown)
    if kind in _BY_KIND:
        return _by_kind(_BY_KIND[kind], words, shown)
    if kind in _CHOICES:
        return None
    what = _found(words)
    return what if what is not None else _asked_of_the_pupil(shown)


def _by_kind(what: str, words: str, shown: str) -> str | None:
    """A keyboard for numbers or hidden letters are for answers too, where the label speaks of something else."""
    said = what == "email" or not _WORD.search(shown) or _found(words) is not None
    return what if said or _patterns()[what].search(f"{words} {shown}") else None


def _asked_of_the_pupil(shown: str) -> str | None:
    what = _found(shown)
    if what is None or _whose().search(shown):
        return what
    rest = _any().sub(" ", shown)
    return what if "?" not in shown and all(word in _form_words() for word in _WORD.findall(rest)) else None


def _folded(words: str) -> str:
    return " ".join(words.lower().replace("ё", "е").split())


def _found(words: str) -> str | None:
    return next((what for what, pattern in _patterns().items() if pattern.search(words)), None)


@cache
def _listed() -> Mapping[str, list[str]]:
    listed: Mapping[str, list[str]] = load_yaml(specs_folder() / "personal_fields.yaml")
    return listed


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    return {what: _one_of(patterns) for what, patterns in _listed().items() if not what.startswith("_")}


@cache
def _any() -> re.Pattern[str]:
    return _one_of([each for what, patterns in _listed().items() if not what.startswith("_") for each in patterns])


@cache
def _whose() -> re.Pattern[str]:
    return _one_of(_listed()["_whose"])


@cache
def _form_words() -> frozenset[str]:
    return frozenset(word for line in _listed()["_form_words"] for word in line.split())


def _one_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in patterns))
