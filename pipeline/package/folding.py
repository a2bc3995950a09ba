"""What a JavaScript expression is worth, as far as its text alone tells: strings put together, decoded, reversed.

Nothing is evaluated but pure operations on constants, within bounds on depth, steps and length; whatever else there
is stays unknown. A name counts as a constant if the whole file gives it a value only once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.package.constants import (
    ARITHMETIC,
    DECODERS,
    FROM_CODES,
    KNOWN_METHODS,
    LONGEST,
    MOST_ITEMS,
    Text,
    Value,
    array_method,
    calculated,
    from_codes,
    joined,
    parsed_number,
    string_method,
    total,
    unescaped,
)
from pipeline.package.grammar import child

if TYPE_CHECKING:
    from tree_sitter import Node

    from pipeline.package.grammar import Parsed

_DEEPEST = 40
_MOST_STEPS = 500_000
_MOST_CHARACTERS = 50_000_000
_FUNCTIONS = {"arrow_function", "function_expression", "function_declaration"}
_GLOBALS = {"String", "window", "self", "globalThis"}
_LONGEST_RESULT = 1000
_LONGEST_NAME = 100
_MOST_CALLS = 4
"""Functions that call each other: each may do so many times over."""
_STEPS_OF_A_CALL = 50
_DOTS = re.compile(r"\.{1,8}|\.\{\d\}|\\w\\w")
_PLAIN_PATTERN = re.compile(r"[^\\^$.*+?()\[\]{}|/]+")


@dataclass
class _Spent:
    """What folding has cost so far, over all calls of functions."""

    steps: int = 0
    characters: int = 0


class Folder:
    """Folds expressions of one file. `definitions` tells the only value a name is given, None for any other name;
    `grown` tells what a name was begun with and what was added to it later, nothing for any other name; `kept` the only
    value of a property by its name with its owner's: "this.url".
    """

    def __init__(
        self,
        parsed: Parsed,
        definitions: Callable[[str], Node | None],
        grown: Callable[[str], Sequence[Node]],
        kept: Callable[[str], Node | None],
    ) -> None:
        self._parsed, self._definitions, self._grown, self._kept = parsed, definitions, grown, kept
        self._memory: dict[int, Value | None] = {}
        self._spent = _Spent()
        self._calls = 0
        self._given: Mapping[str, Value | None] = {}
        """Values of the parameters of the function whose result is being told."""
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
            "new_expression": self._new,
        }

    def fold(self, node: Node | None, depth: int = 0) -> Value | None:
        """What the expression is worth; None where that cannot be told."""
        if node is None or depth > _DEEPEST or self._spent.steps > _MOST_STEPS:
            return None
        if node.id in self._memory:
            return self._memory[node.id]
        kind = self._kinds.get(node.type)
        if kind is None:
            return None
        self._spent.steps += 1
        self._memory[node.id] = None  # a constant that is made of itself
        self._memory[node.id] = value = kind(node, depth + 1)
        self._spend(value)
        return value

    def _spend(self, value: Value | None) -> None:
        """Strings made of strings grow fast: all of them together have a limit too."""
        if isinstance(value, Text):
            pieces = value.pieces
            self._spent.characters += len(pieces[0] or "") if len(pieces) == 1 else sum(map(len, value.known))
        elif isinstance(value, list):
            self._spent.characters += len(value)
        if self._spent.characters > _MOST_CHARACTERS:
            self._spent.steps = _MOST_STEPS + 1

    def text(self, node: Node | None) -> str | None:
        """The string an expression is, where all of it can be told."""
        value = self.fold(node)
        return value.whole if isinstance(value, Text) else None

    def _string(self, node: Node, _: int) -> Text:
        raw = self._parsed.source[node.start_byte + 1 : node.end_byte - 1][: LONGEST * 6].decode("utf-8", "replace")
        return Text((unescaped(raw)[:LONGEST],))

    def _template(self, node: Node, depth: int) -> Text:
        parts: list[Value | None] = []
        for each in node.named_children[:MOST_ITEMS]:
            if each.type == "template_substitution":
                parts.append(self.fold(child(each), depth))
            else:
                parts.append(Text((unescaped(self._parsed.text(each)),)))
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
        name = self._parsed.text(node)
        if name in self._given:
            return self._given[name]
        value = self._definitions(name) or self._kept(name)
        parts = () if value is not None else self._grown(name)
        # How often something was added, and whether at all, only running it tells: the end stays open.
        return joined([*(self.fold(each, depth) for each in parts), None]) if parts else self.fold(value, depth)

    def _inner(self, node: Node, depth: int) -> Value | None:
        inner = child(node)
        if inner is not None and inner.type == "sequence_expression":
            inner = child(inner, -1)
        return self.fold(inner, depth)

    def _binary(self, node: Node, depth: int) -> Value | None:
        sign = node.child_by_field_name("operator")
        if sign is None:
            return None
        if sign.type in {"||", "??"}:
            left = self.fold(node.child_by_field_name("left"), depth)
            return left if left is not None else self.fold(node.child_by_field_name("right"), depth)
        if sign.type == "+":
            return total([self.fold(each, depth) for each in operands(node)])
        side = node.child_by_field_name("left")
        if sign.type not in ARITHMETIC or side is None or side.type == "member_expression":
            return None
        number = self.fold(node.child_by_field_name("right"), depth)
        return calculated(sign.type, self.fold(side, depth), number) if isinstance(number, float) else None

    def _choice(self, node: Node, depth: int) -> Value | None:
        """Either branch will do: what may be said is said."""
        first = self.fold(node.child_by_field_name("consequence"), depth)
        return first if first is not None else self.fold(node.child_by_field_name("alternative"), depth)

    def _array(self, node: Node, depth: int) -> list[Value | None]:
        return self._items(node, depth)

    def _items(self, node: Node, depth: int) -> list[Value | None]:
        """The items of an array or of arguments; `...x` stands for those of x."""
        found: list[Value | None] = []
        for each in node.named_children[:MOST_ITEMS]:
            if each.type != "spread_element":
                found.append(self.fold(each, depth))
                continue
            spread = self.fold(child(each), depth)
            if isinstance(spread, Text) and spread.whole is not None:
                spread = [Text((letter,)) for letter in spread.whole]
            found += spread if isinstance(spread, list) else [None]
        return found[:MOST_ITEMS]

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
        if isinstance(owner, dict) and name is not None and self._parsed.text(name) in owner:
            return self.fold(owner[self._parsed.text(name)], depth)
        written = node.end_byte - node.start_byte
        return self.fold(self._kept(self._parsed.text(node)), depth) if written < _LONGEST_NAME else None

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
            name = self._parsed.text(function)
            own = self._definitions(name)
            return self._returned(own, self._items(given, depth), depth) if own else self._decoded(name, given, depth)
        owner = function.child_by_field_name("object")
        name = self._method(function)
        if owner is None or name not in KNOWN_METHODS:
            return None
        if owner.type == "identifier" and self._parsed.text(owner) in _GLOBALS:
            return self._decoded(name, given, depth)
        return self._of_value(owner, name, given, depth)

    def _of_value(self, owner: Node, name: str, given: Node, depth: int) -> Value | None:
        """What a method of an array or a string gives back."""
        if name == "apply":
            codes = self.fold(child(given, 1), depth)
            return from_codes(codes) if self._method(owner) in FROM_CODES and isinstance(codes, list) else None
        value = self.fold(owner, depth)
        if name == "map":
            callback = child(given)
            return [self._returned(callback, [each], depth) for each in value] if isinstance(value, list) else None
        arguments = [self._argument(each, depth) for each in given.named_children[:3]]
        if isinstance(value, list):
            return array_method(value, name, arguments)
        return string_method(value, name, arguments) if isinstance(value, Text) else None

    def _returned(self, function: Node | None, arguments: list[Value | None], depth: int) -> Value | None:
        """What a function that does nothing but return a value makes of these arguments."""
        result = _result(function)
        names = function.child_by_field_name("parameters") if function is not None else None
        single = function.child_by_field_name("parameter") if function is not None else None
        if result is None or result.end_byte - result.start_byte > _LONGEST_RESULT or self._calls == _MOST_CALLS:
            return None
        self._spent.steps += _STEPS_OF_A_CALL
        listed = [single] if single is not None else names.named_children if names is not None else []
        return self.within(dict(zip(map(self._parsed.text, listed), arguments, strict=False))).fold(result, depth)

    def within(self, given: Mapping[str, Value | None]) -> Folder:
        """A folder for the inside of a function whose parameters have these values, at the cost of this one."""
        inner = Folder(self._parsed, self._definitions, self._grown, self._kept)
        inner._spent, inner._calls, inner._given = self._spent, self._calls + 1, given
        return inner

    def _new(self, node: Node, depth: int) -> Value | None:
        """`new URL(...)` and `new Request(...)` stand for their addresses."""
        maker, given = node.child_by_field_name("constructor"), node.child_by_field_name("arguments")
        if maker is None or given is None or self._parsed.text(maker) not in {"URL", "Request"}:
            return None
        with_base = self._parsed.text(maker) == "URL" and given.named_child_count > 1
        return self.fold(child(given, 1 if with_base else 0), depth)

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
        if _DOTS.fullmatch(plain):
            return [Text((plain,)), float(every)]
        return [Text((plain,)), float(every)] if _PLAIN_PATTERN.fullmatch(plain) else None

    def _codes_of_loop(self, code: Node | None, depth: int) -> list[Value | None]:
        """What `c[i]` or `c[i] ^ 7` goes through where `i` counts over a constant array: all of it."""
        key: Value | None = None
        sign = code.child_by_field_name("operator") if code is not None and code.type == "binary_expression" else None
        if sign is not None and code is not None:
            key, code = self.fold(code.child_by_field_name("right"), depth), code.child_by_field_name("left")
        if code is None or code.type != "subscript_expression":
            return []
        codes = self.fold(code.child_by_field_name("object"), depth)
        if not isinstance(codes, list):
            return []
        if sign is None:
            return codes
        known = sign.type in ARITHMETIC and isinstance(key, float)
        return [calculated(sign.type, each, key) for each in codes] if known and isinstance(key, float) else []

    def _decoded(self, name: str, given: Node, depth: int) -> Value | None:
        values = self._items(given, depth)
        if name in FROM_CODES:
            return from_codes(values) or from_codes(self._codes_of_loop(child(given), depth))
        first = values[0] if values else None
        if name == "parseInt":
            return parsed_number(first, values[1] if len(values) > 1 else None)
        text = first.whole if isinstance(first, Text) else None
        decode = DECODERS.get(name)
        return Text((decode(text)[:LONGEST],)) if decode is not None and text is not None else None


MAY_BE_TEXT = {
    "string", "template_string", "identifier", "parenthesized_expression", "ternary_expression", "member_expression",
    "subscript_expression", "call_expression",
}  # fmt: skip
"""Kinds of operands that may be worth a string: what binds tighter than an addition is a number."""


def _result(function: Node | None) -> Node | None:
    """The expression that a function returns, where that is all it does."""
    body = function.child_by_field_name("body") if function is not None else None
    if function is None or body is None or function.type not in _FUNCTIONS:
        return None
    if body.type != "statement_block":
        return body
    said = [each for each in body.named_children if each.type != "comment"]
    return child(said[0]) if len(said) == 1 and said[0].type == "return_statement" else None


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


def bare(nodes: Sequence[Node]) -> list[Node]:
    """Operands without their brackets, and both branches of a choice."""
    found: list[Node] = []
    waiting = list(nodes)
    while waiting and len(found) < 10_000:
        node = waiting.pop()
        if node.type in {"parenthesized_expression", "ternary_expression"}:
            waiting += node.named_children
        else:
            found.append(node)
    return found


def adds(node: Node) -> bool:
    sign = node.child_by_field_name("operator")
    return sign is not None and sign.type == "+"
