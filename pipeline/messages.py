"""Turns a problem's code and fields into a sentence in Kazakh, Russian or English."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from pipeline.errors import Problem, SpecError
from pipeline.specs import LANGUAGES, load_yaml, specs_folder


@cache
def catalogue() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Code -> language -> {"what": ..., "do": ...}, from every file of specs/messages."""
    merged: dict[str, Mapping[str, Mapping[str, str]]] = {}
    for path in sorted((specs_folder() / "messages").glob("*.yaml")):
        for code, texts in load_yaml(path).items():
            if code in merged:
                raise SpecError.of("spec.duplicate-message", name=code, file=path.name)
            merged[code] = texts
    return merged


def interface_language(asked: str | None = None) -> str:
    """The language to speak: as asked, else TELESABAQ_LANG, else the locale, else English."""
    candidates = (asked, os.environ.get("TELESABAQ_LANG"), os.environ.get("LC_ALL"), os.environ.get("LANG"))
    for candidate in candidates:
        if candidate and candidate[:2].lower() in LANGUAGES:
            return candidate[:2].lower()
    return "en"


def what(problem: Problem, language: str) -> str:
    """What is wrong, in one sentence."""
    return say(problem.code, language, **problem.fields)


def remedy(problem: Problem, language: str) -> str:
    """What to do about it; empty where nothing needs doing."""
    text = catalogue().get(problem.code, {}).get(language, {}).get("do", "")
    return text.format_map(_Fields(problem.fields))


def say(code: str, language: str, /, **fields: object) -> str:
    """The sentence of a code with its fields filled in; the bare code and fields if nobody wrote one."""
    text = catalogue().get(code, {}).get(language, {}).get("what")
    if text is None:
        return f"{code} " + ", ".join(f"{key}={value}" for key, value in fields.items())
    return text.format_map(_Fields(fields))


class _Fields(dict[str, object]):
    def __init__(self, fields: Mapping[str, object]) -> None:
        super().__init__(fields)

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
