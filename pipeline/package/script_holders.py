"""What a string in a script is called: the name it is kept under, or the function it is handed to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from pipeline.package.grammar import Parsed

BARE_FILE = re.compile(r"[^\W_][\w.-]*\.[A-Za-z][\w-]{0,23}")
"""A name of a file without a path: as likely a property, an event, or a token of some grammar."""

SHORT_ID = re.compile(r"[A-Z]{1,3}-[A-Z0-9]{5,12}(?:-\d{1,4})?")
"""An id of a counter, or of anything else: a chord, a model, a class."""

_AROUND = {"array", "parenthesized_expression", "ternary_expression", "binary_expression", "spread_element"}
_NAMED_BY = {
    "pair": "key",
    "variable_declarator": "name",
    "assignment_expression": "left",
    "augmented_assignment_expression": "left",
    "assignment_pattern": "left",
    "field_definition": "property",
}
_LONGEST = 60


def holder_of(parsed: Parsed, node: Node) -> str:
    """The last part of the name that an expression is given, or of the function that it is an argument of; "" where
    there is none.
    """
    around = node.parent
    while around is not None and around.type in _AROUND:
        around = around.parent
    if around is None:
        return ""
    if around.type == "arguments":
        call = around.parent
        field = "constructor" if call is not None and call.type == "new_expression" else "function"
        return _last_part(parsed, call.child_by_field_name(field) if call is not None else None)
    field = _NAMED_BY.get(around.type, "")
    if field and around.child_by_field_name(field) == node:
        return ""
    return _last_part(parsed, around.child_by_field_name(field)) if field else ""


def _last_part(parsed: Parsed, name: Node | None) -> str:
    if name is not None and name.type == "member_expression":
        name = name.child_by_field_name("property")
    return parsed.text(name)[-_LONGEST:] if name is not None else ""
