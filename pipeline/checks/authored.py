"""Reads the YAML forms of the checker (scenario.yaml, the waivers): data by their schema, each value with its place.

Reading is that of a lesson script (pipeline.lesson): the same caps, the same mending of slips, the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import Place, Problem
from pipeline.lesson.problems import Problems, did_you_mean
from pipeline.lesson.reading import read_script
from pipeline.lesson.tree import ListNode, MapNode, Node, read_tree
from pipeline.specs import load_json

Steps = tuple[str | int, ...]
"""A way through the data: keys and numbers of items."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,6})?")
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


@dataclass(frozen=True, slots=True)
class Authored:
    """What a form says. `data` is None when nothing could be read; with problems it may be of any shape."""

    data: Any
    problems: tuple[Problem, ...]
    root: Node | None
    whole: Place

    def place(self, *steps: str | int) -> Place:
        """Where a value stands; the nearest thing around it when it is not there."""
        return _along(self.root, steps).place if self.root is not None else self.whole


def read_authored(path: Path, shown: str, schema: str) -> Authored:
    """The form at `path`, called `shown` in places, against specs/schemas/`schema`. Never raises for what it holds."""
    problems = Problems(shown)
    whole = Place(shown)
    text = read_script(path, problems)
    tree = read_tree(text, problems) if text is not None else None
    if tree is None:
        return Authored(None, tuple(problems.by_line()), None, whole)
    if not isinstance(tree.root, MapNode):
        problems.report("authored.no-keys", tree.root.place)
        return Authored(None, tuple(problems.by_line(tree.mended_lines)), None, whole)
    rules = load_json(schema)
    data = _typed(tree.root, rules)
    for problem in _departures(data, rules, tree.root, shown.rpartition("/")[2]):
        problems.add(problem)
    return Authored(data, tuple(problems.by_line(tree.mended_lines)), tree.root, whole)


def _typed(node: Node, schema: Mapping[str, Any]) -> Any:
    """A tree as JSON data. Numbers and truths are recognised only where the schema wants them: text stays text."""
    if isinstance(node, MapNode):
        known, more = schema.get("properties", {}), schema.get("additionalProperties")
        rest = more if isinstance(more, dict) else {}
        return {name: _typed(entry.value, known.get(name, rest)) for name, entry in node.entries.items()}
    if isinstance(node, ListNode):
        return [_typed(each, schema.get("items", {})) for each in node.items]
    if node.is_null:
        return None
    wanted = schema.get("type", "string")
    wanted = {wanted} if isinstance(wanted, str) else set(wanted)
    if node.style is None and wanted & {"integer", "number"} and _NUMBER.fullmatch(node.value):
        return float(node.value) if "." in node.value else int(node.value)
    if node.style is None and "boolean" in wanted:
        return _TRUTH.get(node.value, node.value)
    return node.value


def _along(root: Node, steps: Steps) -> Node:
    node = root
    for step in steps:
        if isinstance(node, MapNode) and isinstance(step, str) and step in node.entries:
            node = node.entries[step].value
        elif isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            break
    return node


def _departures(data: Any, schema: Mapping[str, Any], root: Node, file: str) -> Iterator[Problem]:
    from jsonschema import Draft202012Validator

    told: set[Steps] = set()
    for error in Draft202012Validator(schema).iter_errors(data):
        steps: Steps = tuple(error.absolute_path)
        if error.validator == "required":
            # There is an error for each key that is missing, and each names them all.
            if steps in told:
                continue
            told.add(steps)
        yield from _explained(error, _name_of(steps) or file, _along(root, steps))


def _explained(error: Any, name: str, node: Node) -> Iterator[Problem]:
    place = node.place
    match error.validator:
        case "type":
            yield _wrong_type(error, name, place)
        case "required":
            known = error.schema["properties"]
            meant = {did_you_mean(key, known) for key in error.instance if key not in known}
            for key in error.validator_value:
                if key not in error.instance and key not in meant:
                    yield Problem("lesson.missing-key", place, {"key": key, "item": name})
        case "additionalProperties":
            yield from _unknown_keys(error, name, node)
        case "anyOf":
            known = ", ".join(key for choice in error.validator_value for key in choice.get("required", ()))
            yield Problem("authored.no-kind", place, {"item": name, "known": known})
        case "enum":
            allowed = ", ".join(map(str, error.validator_value))
            yield Problem("lesson.not-one-of", place, {"key": name, "found": _cut(error.instance), "allowed": allowed})
        case "const":
            yield Problem("lesson.format", place, {"found": _cut(error.instance), "wanted": error.validator_value})
        case "maxLength" | "maxItems":
            fields = {"key": name, "found": len(error.instance), "limit": error.validator_value}
            yield Problem("lesson.too-long", place, fields)
        case "minimum" | "maximum" | "exclusiveMinimum":
            least = error.schema.get("minimum", error.schema.get("exclusiveMinimum", 0))
            fields = {"key": name, "found": error.instance, "least": least, "most": error.schema.get("maximum", "")}
            yield Problem("authored.out-of-range", place, fields)
        case "pattern" if error.validator_value != r"\S":
            example = error.schema["examples"][0]
            yield Problem("authored.bad-value", place, {"key": name, "found": _cut(error.instance), "example": example})
        case _:
            yield Problem("lesson.empty", place, {"key": name})


def _wrong_type(error: Any, name: str, place: Place) -> Problem:
    wanted = error.validator_value if isinstance(error.validator_value, str) else error.validator_value[-1]
    if error.instance is None:
        unquoted = str(error.schema.get("pattern", "")).startswith("^#")
        return Problem("authored.unquoted-colour" if unquoted else "lesson.empty", place, {"key": name})
    if wanted == "array":
        return Problem("lesson.expected-list", place, {"key": name})
    if wanted == "object":
        return Problem("lesson.expected-keys", place, {"key": name, "known": ", ".join(error.schema["properties"])})
    if wanted in {"integer", "number"}:
        if isinstance(error.instance, str) and _NUMBER.fullmatch(error.instance):
            return Problem("lesson.number-in-quotes", place, {"key": name, "found": error.instance})
        return Problem("authored.expected-number", place, {"key": name, "found": _cut(error.instance)})
    return Problem("lesson.expected-text", place, {"key": name})


def _unknown_keys(error: Any, name: str, node: Node) -> Iterator[Problem]:
    properties: Mapping[str, Any] = error.schema["properties"]
    for key, entry in node.entries.items() if isinstance(node, MapNode) else ():
        if key in properties:
            continue
        hint = did_you_mean(key, properties)
        if hint:
            yield Problem("lesson.misspelt-key", entry.key.place, {"key": key[:60], "hint": hint})
        else:
            fields = {"key": key[:60], "item": name, "known": ", ".join(properties)}
            yield Problem("lesson.unknown-key", entry.key.place, fields)


def _name_of(steps: Steps) -> str:
    """The key that the steps end in; for an item of a list the list's key and its number: "stages 2"."""
    if not steps:
        return ""
    return f"{_name_of(steps[:-1])} {steps[-1] + 1}" if isinstance(steps[-1], int) else steps[-1]


def _cut(found: object) -> str:
    return str(found)[:60]
