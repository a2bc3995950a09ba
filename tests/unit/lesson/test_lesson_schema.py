"""The schema that editors show and the reader obeys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from pipeline.lesson.schema import _EXPLAIN
from pipeline.lesson.vocabulary import SCHEMA, keys_of_type, known_keys
from pipeline.specs import load_json, load_structure


def subschemas(schema: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        yield name, schema
        for key, value in schema.items():
            yield from subschemas(value, key)
    elif isinstance(schema, list):
        for value in schema:
            yield from subschemas(value, name)


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """A property's own title and description, or those of what it refers to."""
    if "$ref" in schema:
        target = load_json(SCHEMA)["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
        return {**target, **schema}
    return schema


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(load_json(SCHEMA))


def test_every_key_is_described_in_three_languages():
    for _, schema in subschemas(load_json(SCHEMA)):
        for key, value in schema.get("properties", {}).items():
            if value == {"type": ["string", "number"], "pattern": r"\S"}:
                continue  # the choice "a slide with a title", not a key of its own
            assert described(value).get("title", "").count(" · ") == 2, key
            assert described(value).get("description", "").count("\n") == 2, key


def test_no_object_takes_keys_that_nobody_knows():
    for name, schema in subschemas(load_json(SCHEMA)):
        if schema.get("type") == "object" and "properties" in schema:
            assert schema["additionalProperties"] is False, name


def test_every_kind_of_schema_error_has_words():
    silent = {"properties", "items", "$ref", "if", "allOf"}
    words = {
        word
        for _, schema in subschemas(load_json(SCHEMA))
        for word in schema
        if word in Draft202012Validator.VALIDATORS and isinstance(schema.get("properties", {}), dict)
    }
    keys = known_keys()
    assert words - silent - keys - {"then", "else"} <= set(_EXPLAIN)


def test_the_reader_knows_which_keys_are_no_text():
    assert keys_of_type("integer") == {"format", "grade"}
    assert keys_of_type("boolean") == {"name_caption"}


def test_the_schema_has_a_key_for_every_part():
    properties = load_json(SCHEMA)["properties"]
    for part in load_structure().parts:
        assert properties[part.id]["type"] == "array"
        assert part.id in properties["narration"]["properties"]


def test_the_examples_are_valid():
    for _, schema in subschemas(load_json(SCHEMA)):
        for example in schema.get("examples", ()) if isinstance(schema.get("examples"), list) else ():
            whole = {**schema, "$defs": load_json(SCHEMA)["$defs"]}
            assert Draft202012Validator(whole).is_valid(example), example
