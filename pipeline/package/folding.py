"""What a JavaScript expression is worth, as far as its text alone tells: strings put together, decoded, reversed.

Nothing is evaluated but pure operations on constants, within bounds on depth, steps and length; whatever else there
is stays unknown. A name counts as a constant if the whole file gives it a value only once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipeline.package.constants import (
    DECODERS,
    KNOWN_METHODS,
    LONGEST,
    MOST_ITEMS,
    Text,
    Value,
    array_method,
    from_codes,
    joined,
    string_method,
    total,
    unescaped,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from pipeline.package.grammar import Parsed

_DEEPEST = 40
_MOST_STEPS = 500_000
_MOST_CHARACTERS = 50_000_000
_GLOBALS = {"String", "window", "self", "globalThis"}
_PLAIN_PATTERN = re.compile(r"[^\\^$.*+?()\[\]{}|/]+")


class Folder:
    """Folds expressions of one file. `definitions` tells the only value a name is given, None for any other name."""

    def __init__(self, parsed: Parsed, definitions: Callable[[str], Node | None]) -> None:
        self._parsed, self._definitions = parsed, definitions
        self._memory: dict[int, Value | None] = {}
        self._steps = 0
        self._characters = 0
        self._kinds: Mapping[str, Callable[[Node, int], Value | None]] = {
            "string": self._string,
            "template_string": self._template,
            "number": self._numeral,
            "unary_expression": self._unary,
            "identifier": self._identifier,
            "binary_expression": self._binary,
            "parenthesized_expression": self._inner,
            "ternary_expression": self._choice,
            "array": self._array,
            "object": self._object,
            "member_expression": self._member,
            "subscript_expression": self._subscript,
            "call_expression": self._call,
        }

    def fold(self, node: Node | None, depth: int = 0) -> Value | None:
        """What the expression is worth; None where that cannot be told."""
        if node is None or depth > _DEEPEST or self._steps > _MOST_STEPS:
            return None
        if node.id in self._memory:
            return self._memory[node.id]
        kind = self._kinds.get(node.type)
        if kind is None:
            return None
        self._steps += 1
        self._memory[node.id] = None  # a constant that is made of itself
        self._memory[node.id] = value = kind(node, depth + 1)
        self._spend(value)
        return value

    def _spend(self, value: Value | None) -> None:
        """Strings made of strings grow fast: all of them together have a limit too."""
        if isinstance(value, Text):
            self._characters += sum(map(len, value.known))
        elif isinstance(value, list):
            self._characters += len(value)
        if self._characters > _MOST_CHARACTERS:
            self._steps = _MOST_STEPS + 1

    def text(self, node: Node | None) -> str | None:
        """The string an expression is, where all of it can be told."""
        value = self.fold(node)
        return value.whole if isinstance(value, Text) else None

    def _string(self, node: Node, _: int) -> Text:
        raw = self._parsed.source[node.start_byte + 1 : node.end_byte - 1][: LONGEST * 6].decode("utf-8", "replace")
        return Text((unescaped(raw)[:LONGEST],))

    def _template(self, node: Node, depth: int) -> Text:
        parts: list[Value | None] = []
        for child in node.named_children[:MOST_ITEMS]:
            if child.type == "template_substitution":
                parts.append(self.fold(child.named_child(0), depth))
            else:
                parts.append(Text((unescaped(self._parsed.text(child)),)))
        return joined(parts or [Text(("",))])

    def _numeral(self, node: Node, _: int) -> float | None:
        text = self._parsed.text(node).replace("_", "").lower()
        try:
            return float(int(text, 0)) if text[:2] in {"0x", "0o", "0b"} else float(text)
        except (ValueError, OverflowError):
            return None

    def _unary(self, node: Node, depth: int) -> float | None:
        value = self.fold(node.child_by_field_name("argument"), depth)
        sign = node.child_by_field_name("operator")
        if not isinstance(value, float) or sign is None or sign.type not in {"-", "+"}:
            return None
        return -value if sign.type == "-" else value

    def _identifier(self, node: Node, depth: int) -> Value | None:
        return self.fold(self._definitions(self._parsed.text(node)), depth)

    def _inner(self, node: Node, depth: int) -> Value | None:
        inner = node.named_child(0)
        if inner is not None and inner.type == "sequence_expression":
            inner = inner.named_child(inner.named_child_count - 1)
        return self.fold(inner, depth)

    def _binary(self, node: Node, depth: int) -> Value | None:
        sign = node.child_by_field_name("operator")
        if sign is None:
            return None
        if sign.type in {"||", "??"}:
            left = self.fold(node.child_by_field_name("left"), depth)
            return left if left is not None else self.fold(node.child_by_field_name("right"), depth)
        if sign.type != "+":
            return None
        return total([self.fold(each, depth) for each in operands(node)])

    def _choice(self, node: Node, depth: int) -> Value | None:
        """Either branch will do: what may be said is said."""
        first = self.fold(node.child_by_field_name("consequence"), depth)
        return first if first is not None else self.fold(node.child_by_field_name("alternative"), depth)

    def _array(self, node: Node, depth: int) -> list[Value | None]:
        return [self.fold(each, depth) for each in node.named_children[:MOST_ITEMS]]

    def _object(self, node: Node, _: int) -> dict[str, Node]:
        members: dict[str, Node] = {}
        for pair in node.named_children[:MOST_ITEMS]:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if pair.type == "pair" and key is not None and value is not None:
                name = self.text(key) if key.type == "string" else self._parsed.text(key)
                members[name or ""] = value
        return members

    def _member(self, node: Node, depth: int) -> Value | None:
        name = node.child_by_field_name("property")
        owner = self.fold(node.child_by_field_name("object"), depth)
        if isinstance(owner, dict) and name is not None:
            return self.fold(owner.get(self._parsed.text(name)), depth)
        return None

    def _subscript(self, node: Node, depth: int) -> Value | None:
        owner = self.fold(node.child_by_field_name("object"), depth)
        index = self.fold(node.child_by_field_name("index"), depth)
        if isinstance(owner, dict) and isinstance(index, Text):
            return self.fold(owner.get(index.whole or ""), depth)
        if isinstance(index, float) and index.is_integer():
            if isinstance(owner, list) and 0 <= index < len(owner):
                return owner[int(index)]
            if isinstance(owner, Text) and owner.whole is not None:
                return Text((owner.whole[int(index) : int(index) + 1],))
        return None

    def _call(self, node: Node, depth: int) -> Value | None:
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or given is None or given.type != "arguments":
            return None
        if function.type == "identifier":
            return self._decoded(self._parsed.text(function), given, depth)
        owner = function.child_by_field_name("object")
        name = self._method(function)
        if owner is None or name not in KNOWN_METHODS:
            return None
        if owner.type == "identifier" and self._parsed.text(owner) in _GLOBALS:
            return self._decoded(name, given, depth)
        value = self.fold(owner, depth)
        arguments = [self._argument(each, depth) for each in given.named_children[:3]]
        if isinstance(value, list):
            return array_method(value, name, arguments)
        return string_method(value, name, arguments) if isinstance(value, Text) else None

    def _method(self, function: Node) -> str:
        name = function.child_by_field_name("property")
        if name is not None:
            return self._parsed.text(name)
        return self.text(function.child_by_field_name("index")) or ""

    def _argument(self, node: Node, depth: int) -> Value | None:
        """An argument; a regular expression that means just its own letters is as good as a string."""
        if node.type != "regex":
            return self.fold(node, depth)
        pattern, flags = node.child_by_field_name("pattern"), node.child_by_field_name("flags")
        plain = self._parsed.text(pattern) if pattern is not None else ""
        every = flags is not None and "g" in self._parsed.text(flags)
        return [Text((plain,)), float(every)] if _PLAIN_PATTERN.fullmatch(plain) else None

    def _decoded(self, name: str, given: Node, depth: int) -> Text | None:
        values = [self.fold(each, depth) for each in given.named_children[:MOST_ITEMS]]
        if name in {"fromCharCode", "fromCodePoint"}:
            return from_codes(values)
        first = values[0] if values else None
        text = first.whole if isinstance(first, Text) else None
        decode = DECODERS.get(name)
        return Text((decode(text)[:LONGEST],)) if decode is not None and text is not None else None


def operands(node: Node) -> list[Node]:
    """The operands of a chain of additions, however long, from left to right."""
    found: list[Node] = []
    at: Node | None = node
    while at is not None and at.type == "binary_expression" and adds(at):
        right = at.child_by_field_name("right")
        if right is not None:
            found.append(right)
        at = at.child_by_field_name("left")
    if at is not None:
        found.append(at)
    return found[::-1]


def adds(node: Node) -> bool:
    sign = node.child_by_field_name("operator")
    return sign is not None and sign.type == "+"
