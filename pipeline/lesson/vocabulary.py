"""The keys a script may have, as specs/schemas/lesson.schema.json lists them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from pipeline.specs import load_json

SCHEMA = "lesson.schema.json"


@cache
def known_keys() -> frozenset[str]:
    """Every key that a script may have, on any level."""
    return frozenset(name for name, _ in _properties(load_json(SCHEMA)))


@cache
def keys_of_type(wanted: str) -> frozenset[str]:
    """The keys whose values are of one JSON type: "integer" or "boolean"."""
    return frozenset(name for name, schema in _properties(load_json(SCHEMA)) if _type_of(schema) == wanted)


def _type_of(schema: dict[str, Any]) -> Any:
    return "integer" if isinstance(schema.get("const"), int) else schema.get("type")


def _properties(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "properties":
                yield from value.items()
            yield from _properties(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _properties(value)
