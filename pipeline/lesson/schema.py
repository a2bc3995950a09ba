"""Checks the shape of a script against specs/schemas/lesson.schema.json, in words a teacher understands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from pipeline.errors import Place, Problem
from pipeline.lesson.problems import Problems, did_you_mean
from pipeline.lesson.tree import ListNode, MapNode, Node, ScalarNode
from pipeline.lesson.vocabulary import SCHEMA, keys_of_type, known_keys
from pipeline.specs import validator

KINDS = ("clip", "slide", "picture", "animation")
"""What a piece of the explanation can be."""

_MAX_UNKNOWN = 20
"""Of so many unknown keys it is guessed what they were meant to be; a lesson has none or one."""

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
_KEY_STUCK_TO_VALUE = re.compile(r"([a-z_]+):\S")
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}

Path = tuple[str | int, ...]


def check_shape(root: Node, problems: Problems) -> frozenset[int]:
    """Report every departure from the schema; the answer holds `id(node)` of each node that is not sound."""
    unsound: set[int] = set()
    said: set[str] = set()
    for error in validator(SCHEMA).iter_errors(plain_data(root)):
        path: Path = tuple(error.absolute_path)
        nodes = _nodes_along(root, path)
        unsound.update(id(node) for node in nodes)
        if _says_too_many_kinds(nodes) and error.validator != "additionalProperties":
            continue
        for problem in _EXPLAIN[error.validator](error, path, nodes[-1]):
            if problems.is_full:
                return frozenset(unsound)
            if repr(problem) not in said:
                said.add(repr(problem))
                problems.add(problem)
    return frozenset(unsound)


def _kinds_of(node: Node) -> list[str]:
    """What a piece of the explanation says it is. A slide may well hold a picture."""
    kinds = [kind for kind in KINDS if isinstance(node, MapNode) and kind in node.entries]
    return [kind for kind in kinds if kind != "picture"] if "slide" in kinds else kinds


def _says_too_many_kinds(nodes: list[Node]) -> bool:
    return any(len(_kinds_of(node)) > 1 for node in nodes[2:3])


def plain_data(node: Node, key: str = "") -> Any:
    """A tree as JSON data. Only the few keys that are not text have their numbers and truths recognised."""
    if isinstance(node, MapNode):
        return {name: plain_data(entry.value, name) for name, entry in node.entries.items()}
    if isinstance(node, ListNode):
        return [plain_data(item) for item in node.items]
    if node.is_null:
        return None
    if node.style is None and key in keys_of_type("integer") and _WHOLE_NUMBER.fullmatch(node.value):
        return int(node.value)
    if node.style is None and key in keys_of_type("boolean"):
        return _TRUTH.get(node.value, node.value)
    return node.value


def _nodes_along(root: Node, path: Path) -> list[Node]:
    nodes = [root]
    for step in path:
        node = nodes[-1]
        if isinstance(node, MapNode) and isinstance(step, str):
            nodes.append(node.entries[step].value)
        elif isinstance(node, ListNode) and isinstance(step, int):
            nodes.append(node.items[step])
    return nodes


def _name_of(path: Path) -> str:
    """The key that a path ends in; for an item of a list the list's key and its number: "questions 2"."""
    if not path:
        return "lesson"
    if isinstance(path[-1], int):
        return f"{_name_of(path[:-1])} {path[-1] + 1}"
    return str(path[-1])


def _wrong_type(error: Any, path: Path, node: Node) -> Iterator[Problem]:
    wanted: Sequence[str] = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    name = _name_of(path)
    if error.instance is None:
        yield Problem("lesson.empty", node.place, {"key": name})
    elif "array" in wanted:
        yield Problem("lesson.expected-list", node.place, {"key": name})
    elif "object" in wanted:
        stuck = _KEY_STUCK_TO_VALUE.match(node.value) if isinstance(node, ScalarNode) else None
        if stuck and stuck[1] in known_keys():
            place = Place(node.place.file, node.place.line, node.place.column + len(stuck[1]))
            example = node.value.replace(":", ": ", 1)[:60] if isinstance(node, ScalarNode) else ""
            yield Problem("script.no-space-after-colon", place, {"key": stuck[1], "example": example})
        else:
            yield Problem("lesson.expected-keys", node.place, {"key": name, "known": ", ".join(_keys_wanted(error))})
    elif "integer" in wanted and isinstance(error.instance, str) and _WHOLE_NUMBER.fullmatch(error.instance):
        yield Problem("lesson.number-in-quotes", node.place, {"key": name, "found": error.instance})
    elif "integer" in wanted:
        yield Problem("lesson.expected-number", node.place, {"key": name, "found": str(error.instance)[:60]})
    elif "boolean" in wanted:
        yield Problem("lesson.expected-true-or-false", node.place, {"key": name, "found": str(error.instance)[:60]})
    else:
        yield Problem("lesson.expected-text", node.place, {"key": name})


def _keys_wanted(error: Any) -> list[str]:
    return list(error.schema.get("properties", {})) or list(KINDS)


def _missing(error: Any, path: Path, node: Node) -> Iterator[Problem]:
    if _is_text_with_colon(path, node):
        return
    unknown = islice((name for name in error.instance if name not in known_keys()), _MAX_UNKNOWN)
    misspelt = {_meant_by(name, error.schema.get("properties", {})) for name in unknown}
    for key in error.validator_value:
        if key in error.instance or key in misspelt:
            continue
        if key == "source":
            yield Problem("lesson.no-source", node.place, {"item": _name_of(path)})
        else:
            yield Problem("lesson.missing-key", node.place, {"key": key, "item": _name_of(path)})


def _is_text_with_colon(path: Path, node: Node) -> bool:
    """`- Сұрақ: жауап` is a mapping for YAML and a sentence for its author."""
    if len(path) != 2 or path[0] not in {"questions", "exercises"} or not isinstance(node, MapNode):
        return False
    return len(node.entries) == 1 and not any(did_you_mean(key, known_keys()) for key in node.entries)


def _unknown_keys(error: Any, path: Path, node: Node) -> Iterator[Problem]:
    properties: Mapping[str, Any] = error.schema["properties"]
    entries = node.entries if isinstance(node, MapNode) else {}
    for name, entry in entries.items():
        if name in properties:
            continue
        place = entry.key.place
        if _is_text_with_colon(path, node):
            value = entry.value.value if isinstance(entry.value, ScalarNode) else ""
            yield Problem("script.colon-in-text", place, {"example": f"'{name[:40]}: {value[:40]}'"})
        elif path[:1] == ("explanation",) and len(kinds := _kinds_of(node)) > 1:
            if name in kinds:
                yield Problem("lesson.two-kinds", place, {"item": _name_of(path), "kinds": ", ".join(kinds)})
        else:
            yield _unknown_key(name, properties, place, path)


def _meant_by(name: str, properties: Mapping[str, Any]) -> str | None:
    """An author may have written a key in Kazakh or Russian: the schema's titles tell which one was meant."""
    words = {key: key for key in properties}
    for key, schema in properties.items():
        words.update((title.casefold(), key) for title in schema.get("title", "").split(" · ") if title)
    near = did_you_mean(name, words)
    return words[near] if near else None


def _unknown_key(name: str, properties: Mapping[str, Any], place: Place, path: Path) -> Problem:
    hint = _meant_by(name, properties)
    if hint:
        return Problem("lesson.misspelt-key", place, {"key": name[:60], "hint": hint})
    fields = {"key": name[:60], "item": _name_of(path), "known": ", ".join(properties)}
    return Problem("lesson.unknown-key", place, fields)


def _bad_pattern(error: Any, path: Path, node: Node) -> Iterator[Problem]:
    if error.validator_value == r"\S":
        yield Problem("lesson.empty", node.place, {"key": _name_of(path)})
    else:
        yield Problem("lesson.bad-time", node.place, {"key": _name_of(path), "found": str(error.instance)[:60]})


def _empty(error: Any, path: Path, node: Node) -> Iterator[Problem]:
    yield Problem("lesson.empty", node.place, {"key": _name_of(path)})


def _too_long(error: Any, path: Path, node: Node) -> Iterator[Problem]:
    fields = {"key": _name_of(path), "found": len(error.instance), "limit": error.validator_value}
    yield Problem("lesson.too-long", node.place, fields)


def _not_one_of(error: Any, path: Path, node: Node) -> Iterator[Problem]:
    if path == ("language",):
        yield Problem("lesson.language", node.place, {"found": str(error.instance)[:60]})
        return
    allowed = ", ".join(error.validator_value)
    fields = {"key": _name_of(path), "found": str(error.instance)[:60], "allowed": allowed}
    yield Problem("lesson.not-one-of", node.place, fields)


def _wrong_format(error: Any, path: Path, node: Node) -> Iterator[Problem]:
    yield Problem("lesson.format", node.place, {"found": str(error.instance)[:60], "wanted": error.validator_value})


def _wrong_grade(error: Any, path: Path, node: Node) -> Iterator[Problem]:
    yield Problem("lesson.grade", node.place, {"found": error.instance})


def _none_of(error: Any, path: Path, node: Node) -> Iterator[Problem]:
    """The three choices of the schema: which kind of item, what a slide shows, what gives it its length."""
    choices = {key for choice in error.validator_value for key in choice.get("required", ())}
    item = _name_of(path)
    if "clip" in choices:
        yield Problem("lesson.no-kind", node.place, {"item": item})
    elif "seconds" in choices:
        yield Problem("lesson.no-duration", node.place, {"item": item})
    else:
        yield Problem("lesson.empty-slide", node.place, {"item": item})


_EXPLAIN = {
    "type": _wrong_type,
    "required": _missing,
    "additionalProperties": _unknown_keys,
    "pattern": _bad_pattern,
    "maxLength": _too_long,
    "minItems": _empty,
    "maxItems": _too_long,
    "enum": _not_one_of,
    "const": _wrong_format,
    "minimum": _wrong_grade,
    "maximum": _wrong_grade,
    "anyOf": _none_of,
}
