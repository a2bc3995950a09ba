"""What a piece of CSS in a drawing refers to, as a browser reads it: escapes undone, comments left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_WORTH_READING = re.compile(r"url\((?!\s*['\"]?#)|import|image(?:-set)?\(|src\(|cross-fade\(|\\", re.IGNORECASE)
"""What may name something else than a part of the same drawing. Without a backslash every name stands as it is read."""

_PAYLOAD = re.compile(r"data:[^'\")\s]*", re.IGNORECASE)
_TAKES_ADDRESSES = {"url", "src", "image", "image-set", "-webkit-image-set", "cross-fade", "-webkit-cross-fade"}


def effort(text: str) -> int:
    """Characters of CSS that have to be read token by token; the payload of data: addresses is not counted."""
    if not _WORTH_READING.search(text):
        return 0
    return len(text) - sum(len(each[0]) for each in _PAYLOAD.finditer(text))


def style_references(text: str) -> Iterator[str]:
    """Every address that a declaration or a style sheet names: url(), @import, image-set() and their like.

    None where all of them are parts of the same drawing.
    """
    if not _WORTH_READING.search(text):
        return
    import tinycss2

    waiting: list[tuple[Any, bool]] = [(tinycss2.parse_component_value_list(text, skip_comments=True), False)]
    while waiting:
        tokens, strings_too = waiting.pop()
        rule = ""
        for each in tokens:
            rule = _rule(each, rule)
            # The address of an XML namespace is a name, and never fetched.
            named = each.type == "string" and (strings_too or rule == "import")
            if named or (each.type == "url" and rule != "namespace"):
                yield each.value
            elif each.type == "function":
                waiting.append((each.arguments, each.lower_name in _TAKES_ADDRESSES and rule != "namespace"))
            elif each.type in {"() block", "[] block", "{} block"}:
                waiting.append((each.content, False))


def _rule(each: Any, before: str) -> str:
    """The at-rule a token stands in: one begins at its keyword and ends at the next semicolon or block."""
    if each.type == "at-keyword":
        return str(each.lower_value)
    ends = each.type == "{} block" or (each.type == "literal" and each.value == ";")
    return "" if ends else before
