"""The school subjects a lesson can be on, from specs/subjects.yaml (concept annexes 1-2)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.errors import Place, SpecError
from pipeline.specs import load_yaml, specs_folder

_LOOSE = re.compile(r"[\s.\-‐‑–—]+")


@dataclass(frozen=True, slots=True)
class SchoolSubject:
    """A subject as schools know it. `broadcast` maps a language of teaching to the grades that see it on TV."""

    id: str
    family: str
    """Which palette it takes: language, mathematics, chemistry ..."""
    name: Mapping[str, str]
    aliases: tuple[str, ...]
    broadcast: Mapping[str, tuple[int, ...]]

    @property
    def spellings(self) -> tuple[str, ...]:
        return (self.id, *self.name.values(), *self.aliases)


@cache
def load_subjects() -> tuple[SchoolSubject, ...]:
    """Every subject, in the order of the file. Raises SpecError if the file does not hold together."""
    path = specs_folder() / "subjects.yaml"
    try:
        return tuple(
            SchoolSubject(
                id=entry["id"],
                family=entry["family"],
                name=entry["name"],
                aliases=tuple(entry["aliases"]),
                broadcast={language: tuple(grades) for language, grades in entry["broadcast"].items()},
            )
            for entry in load_yaml(path)
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise SpecError.of("spec.incomplete", Place(path.name), missing=str(error)) from error


def subject_by_id(subject_id: str) -> SchoolSubject:
    """The subject with this id. Raises KeyError for an unknown one."""
    for subject in load_subjects():
        if subject.id == subject_id:
            return subject
    raise KeyError(subject_id)


def find_subject(written: str) -> SchoolSubject | None:
    """The subject an author means by its id, a name in any language, or a known short spelling."""
    return _by_spelling().get(_loose(written))


def nearest_subject(written: str, language: str) -> str | None:
    """The name, in the lesson's language, of the subject spelt most like `written`."""
    close = difflib.get_close_matches(_loose(written), list(_by_spelling()), n=1, cutoff=0.6)
    return _by_spelling()[close[0]].name[language] if close else None


@cache
def _by_spelling() -> Mapping[str, SchoolSubject]:
    return {_loose(spelling): subject for subject in load_subjects() for spelling in subject.spellings}


def _loose(spelling: str) -> str:
    return _LOOSE.sub("", spelling.replace("_", "")).casefold()
