"""Names in a JavaScript file: which have one value only, and what a callee is called in full."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.package.constants import unescaped
from pipeline.package.folding import Folder
from pipeline.package.grammar import child

if TYPE_CHECKING:
    from tree_sitter import Node

    from pipeline.package.grammar import Parsed

_WINDOW = re.compile(r"^(?:(?:window|globalThis|self|top|parent|unsafeWindow)\.)+(?=.)")
_DEEPEST = 12
_LONGEST = 200
_MOST_ADDED = 100
_BIND, _BOUND = ".bind", ".bind()"
_PROPERTIES = {"member_expression", "property_identifier"}
_NOTHING = {"null", "undefined"}
_LONGEST_KEPT = 100
_LARGE = 60_000
_MADE_HERE = {"function_declaration", "function_expression", "arrow_function", "object", "new_expression"}
_QUEUE = re.compile(rb"\barguments\b|\.\.\.|\.push\b|\.unshift\b|dataLayer|\.concat\b|\b_?q\b|https?:|//[\w-]+\.")
_GLOBAL_OBJECTS = {"window", "self", "globalThis", "navigator"}
_NAMES = {"identifier", "shorthand_property_identifier_pattern"}
PATHS = {"identifier", "member_expression", "subscript_expression"}
"""Kinds of nodes that name something."""

_FIELDS = {
    "variable_declarator": ("name", "value"),
    "assignment_expression": ("left", "right"),
    "augmented_assignment_expression": ("left", ""),
    "update_expression": ("argument", ""),
    "arrow_function": ("parameter", ""),
    "assignment_pattern": ("left", ""),
    "pair_pattern": ("value", ""),
    "for_in_statement": ("left", ""),
    "catch_clause": ("parameter", ""),
    "field_definition": ("property", "value"),
    "function_declaration": ("name", ""),
    "class_declaration": ("name", ""),
}
"""Where a node holds the name it gives a value, and the value; other kinds hold names as children."""


@dataclass(frozen=True, slots=True)
class _Given:
    """What a file gives to its names: None where that is not one expression."""

    values: dict[str, Node | None]
    added: dict[str, list[Node]]
    """Of a name that grows by `+=`: its first value, and what is added, in the order of the text."""
    kept: dict[str, Node | None]
    """Of properties."""


class Names:
    """The names of one file. Scopes are not told apart: a name given a value twice anywhere has none."""

    def __init__(self, parsed: Parsed, found: Mapping[str, Sequence[Node]]) -> None:
        self._parsed, self._found = parsed, found
        self.folder = Folder(parsed, self.only_value, self.grown, self.kept)

    def only_value(self, name: str) -> Node | None:
        """The expression a name stands for, if the file gives it a value only once and that can be told."""
        return self._given.values.get(name)

    def grown(self, name: str) -> Sequence[Node]:
        """What a name is given first and what is added to it with `+=` after that, in the order of the text; nothing
        for a name that is not made in this way.
        """
        return self._given.added.get(name, ())

    def kept(self, name: str) -> Node | None:
        """The expression that a property ("this.url", "Api.root", "root" of the window) is given, if only one is."""
        if len(self._parsed.source) > _LARGE:
            # In a library's text many objects share a name.
            return None
        return self._given.kept.get(_WINDOW.sub("", name))

    def _keep(self, kept: dict[str, Node | None], name: Node, value: Node) -> None:
        """Note in `kept` what a property is given; nothing at all, which it may be given first, does not count."""
        if name.end_byte - name.start_byte > _LONGEST_KEPT or value.type in _NOTHING:
            return
        written = _WINDOW.sub("", self._parsed.text(name)).replace(".prototype.", ".")
        keys = [written]
        if name.type == "property_identifier":
            body = name.parent.parent if name.parent is not None else None
            owner = body.parent.child_by_field_name("name") if body is not None and body.parent is not None else None
            keys = [f"this.{written}", f"{self._parsed.text(owner)}.{written}" if owner is not None else ""]
        for key in keys:
            _define(kept, key, value)

    def defined(self, name: str) -> bool:
        """Whether the file itself gives the name a meaning."""
        return name in self._given.values

    def is_own_thing(self, name: str) -> bool:
        """Whether the file itself makes the function or object of this name, and no mere queue for one that is loaded
        later: `function gtag() { dataLayer.push(arguments) }`.
        """
        value = self.only_value(name)
        if value is None or value.type not in _MADE_HERE:
            return False
        return _QUEUE.search(self._parsed.source, value.start_byte, value.end_byte) is None

    def called(self, node: Node | None) -> str:
        """The full name of a function or object: "navigator.sendBeacon", "fetch"; "" where it has none.

        Names that stand for others, computed members and `window.` are seen through; a call inside is "()".
        """
        return _WINDOW.sub("", self._dotted(node, 0))

    @cached_property
    def _given(self) -> _Given:
        arguments = self._parameters()
        given = _Given({}, {}, {})
        added: dict[str, list[Node]] = {}
        for node in (*self._assigned(), *self._found.get("d", ())):
            if node.type == "augmented_assignment_expression" and (addition := self._addition(node)):
                added.setdefault(addition[0], []).append(addition[1])
                continue
            for name, value in _defined_by(node):
                if name.type in _PROPERTIES and value is not None:
                    self._keep(given.kept, name, value)
                elif name.type in _NAMES and not _taken_from_window(name):
                    _define(given.values, self._parsed.text(name), value or arguments.get(name.id))
        for each, parts in added.items():
            first, given.values[each] = given.values.get(each), None
            if first is not None and len(parts) <= _MOST_ADDED:
                given.added[each] = [first, *sorted(parts, key=lambda part: part.start_byte)]
        return given

    def _addition(self, node: Node) -> tuple[str, Node] | None:
        """The name and the right side of `name += ...`."""
        name, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        sign = node.child_by_field_name("operator")
        if name is None or value is None or sign is None or sign.type != "+=" or name.type != "identifier":
            return None
        return self._parsed.text(name), value

    def _assigned(self) -> Iterator[Node]:
        return (each for each in self._found.get("e", ()) if each.type == "assignment_expression")

    def _parameters(self) -> dict[int, Node]:
        """Parameters of functions that are called on the spot, with their arguments: `(function (a) {...})(b)`."""
        given: dict[int, Node] = {}
        for call in self._found.get("e", ()):
            if call.type != "call_expression" or self._parsed.source[call.start_byte] not in b"(fa":
                continue
            function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
            if function is not None and function.type == "parenthesized_expression":
                function = child(function)
            if function is None or arguments is None or function.type not in {"function_expression", "arrow_function"}:
                continue
            names = function.child_by_field_name("parameters")
            if names is not None:
                pairs = zip(names.named_children, arguments.named_children, strict=False)
                given |= {name.id: value for name, value in pairs}
        return given

    def _dotted(self, node: Node | None, depth: int) -> str:
        if node is None or depth > _DEEPEST or node.end_byte - node.start_byte > _LONGEST * 20:
            return ""
        return self._kinds[node.type](node, depth) if node.type in self._kinds else ""

    @cached_property
    def _kinds(self) -> Mapping[str, Callable[[Node, int], str]]:
        def inner(field: str, end: str = "") -> Callable[[Node, int], str]:
            return lambda node, depth: self._dotted(node.child_by_field_name(field), depth + 1) + end

        return {
            "identifier": self._aliased,
            "member_expression": self._member,
            "subscript_expression": self._member,
            "parenthesized_expression": lambda node, depth: self._dotted(_last(node), depth + 1),
            "binary_expression": inner("left"),
            "assignment_expression": inner("left"),
            "call_expression": inner("function", "()"),
            "new_expression": inner("constructor", "()"),
            "this": lambda _, __: "this",
            "property_identifier": lambda node, _: self._parsed.text(node),
            "import": lambda _, __: "import",
        }

    def _member(self, node: Node, depth: int) -> str:
        name = node.child_by_field_name("property")
        if name is not None:
            last = unescaped(self._parsed.text(name))
        else:
            last = self.folder.text(node.child_by_field_name("index")) or "[]"
        owner = self._dotted(node.child_by_field_name("object"), depth + 1)
        return f"{owner}.{last}"[-_LONGEST:]

    def _aliased(self, node: Node, depth: int) -> str:
        name = unescaped(self._parsed.text(node))
        value = self.only_value(name)
        other = self._dotted(value, depth + 4).removesuffix(_BOUND) if self.renames(value) else ""
        return other or name

    def renames(self, value: Node | None) -> bool:
        """Whether a value is just another name: `a.b`, a choice of names `a.b || a.c`, or `a.b.bind(a)`."""
        if value is None or value.type in PATHS or value.type == "property_identifier":
            return value is not None
        if value.type == "call_expression":
            function = value.child_by_field_name("function")
            return function is not None and self._parsed.text(function)[-len(_BIND) :] == _BIND
        if value.type != "binary_expression":
            return False
        sign, left = value.child_by_field_name("operator"), value.child_by_field_name("left")
        return sign is not None and sign.type in {"||", "??"} and left is not None and left.type in PATHS


def _defined_by(node: Node) -> Iterator[tuple[Node, Node | None]]:
    """The names that a node gives a value, each with the value where there is one to see."""
    fields = _FIELDS.get(node.type)
    if fields is None:
        for each in (node, *node.named_children):
            yield each, None
        return
    name_field, value_field = fields
    if node.type == "pair_pattern" and _unpacked_from(node) in _GLOBAL_OBJECTS:
        name_field, value_field = "value", "key"
    name = node.child_by_field_name(name_field)
    value = node.child_by_field_name(value_field) if value_field else None
    if node.type == "function_declaration":
        value = node
    # `var x;` gives x no value yet: the assignment that follows does.
    if name is not None and (value is not None or node.type != "variable_declarator"):
        yield name, value


def _taken_from_window(name: Node) -> bool:
    """`const {fetch} = window`: the name means what it means everywhere."""
    source = _unpacked_from(name)
    return name.type == "shorthand_property_identifier_pattern" and source in _GLOBAL_OBJECTS


def _unpacked_from(part: Node) -> str:
    """The object that a name is taken from: `const {fetch: f} = window`."""
    pattern = part.parent
    holder = pattern.parent if pattern is not None and pattern.type == "object_pattern" else None
    value = holder.child_by_field_name("value") if holder is not None and holder.type == "variable_declarator" else None
    return value.text.decode() if value is not None and value.type == "identifier" and value.text else ""


def _define(values: dict[str, Node | None], name: str, value: Node | None) -> None:
    values[name] = None if name in values else value


def _last(node: Node) -> Node | None:
    """What a pair of brackets is worth: the last of a sequence."""
    inner = child(node)
    while inner is not None and inner.type == "sequence_expression":
        inner = child(inner, -1)
    return inner
