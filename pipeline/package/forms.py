"""Form fields that ask for personal data (E10), told by what they are called in Kazakh, Russian and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from pipeline.specs import load_yaml, specs_folder


def asks_for(kind: str, words: str) -> str | None:
    """What a field asks for: "name", "phone", "email", ...; None for one that asks for nothing personal.

    `kind` is the input's type, `words` what it is called: name, id, label, placeholder and autocomplete.
    """
    by_kind = {"email": "email", "tel": "phone", "password": "password"}.get(kind.lower())
    if by_kind is not None:
        return by_kind
    if kind.lower() in {"radio", "checkbox", "range", "color", "submit", "button", "hidden", "number", "search"}:
        return None
    folded = " ".join(words.lower().replace("ё", "е").split())
    return next((what for what, pattern in _patterns().items() if pattern.search(folded)), None)


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    listed = load_yaml(specs_folder() / "personal_fields.yaml")
    return {what: re.compile("|".join(f"(?:{each})" for each in patterns)) for what, patterns in listed.items()}
