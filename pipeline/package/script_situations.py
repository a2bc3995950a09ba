"""What the parameters of a function are given where it is called: `function send(u) { fetch(u) } send("https://...")`.

Only calls by name are followed, and few of them: it is a lesson's own short scripts that are written so. In a minified
library a name is one letter and stands for many functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.package.constants import Text, Value
from pipeline.package.grammar import child
from pipeline.package.script_elements import arguments_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from pipeline.package.grammar import Parsed
    from pipeline.package.script_names import Names

_FUNCTIONS = {"arrow_function", "function_expression", "function_declaration", "method_definition"}
_EACH = {"forEach", "map", "some", "every", "filter", "flatMap", "find", "each"}
_MOST_CALLS, _MOST_HITS, _MOST_ITEMS = 8, 200, 30
_DEEPEST = 3
_MOST_ASKED = 400
_LARGE, _SHORTEST_NAME = 60_000, 3
_MOST_NAMES = 40
_BRACKET, _LETTER = re.compile(rb"\s*(?:\?\.\s*)?\("), re.compile(rb"[\w$]")

Given = Mapping[str, Value | None]


class Situations:
    """Tells what expressions are worth in the calls of the functions around them."""

    def __init__(self, parsed: Parsed, names: Names) -> None:
        self._parsed, self._names = parsed, names
        # In a library's text many things share a name: there only functions with a name of their own are followed.
        self._large = len(parsed.source) > _LARGE
        self._left = _MOST_ASKED
        self._known: dict[tuple[str, bool], list[Sequence[Node | Value | None]]] = {}

    def values(self, node: Node, depth: int = 0) -> Iterator[Value]:
        """What the expression is worth in each call that can be found, where it is worth anything."""
        if self._left <= 0 or depth == _DEEPEST:
            return
        self._left -= 1
        for given in self._around(node, depth):
            value = self._names.folder.within(given).fold(node)
            if value is not None:
                yield value
        kept = self._names.kept(self._parsed.text(node)) if node.type == "member_expression" else None
        if kept is not None:
            # `this.url = url` in a constructor
            yield from self.values(kept, depth + 1)

    def _around(self, node: Node, depth: int) -> Iterator[Given]:
        """What the parameters and loop variables around a node may be, from the inside to the outside."""
        at = node.parent
        while at is not None:
            if at.type == "for_in_statement" and not self._large:
                yield from self._of_loop(at)
            elif at.type in _FUNCTIONS:
                names = self._parameters(at)
                for arguments in self._calls(at) if names else ():
                    yield from self._pairs(names, arguments, depth)
            at = at.parent

    def _pairs(self, names: Sequence[str], arguments: Sequence[Node | Value | None], depth: int) -> Iterator[Given]:
        known: dict[str, Value | None] = {}
        open_: list[tuple[str, Node]] = []
        for name, each in zip(names, arguments, strict=False):
            if each is None or isinstance(each, float | list | dict | Text):
                known[name] = each
                continue
            known[name] = self._names.folder.fold(each)
            if known[name] is None:
                open_.append((name, each))
        yield known
        for name, each in open_:
            for value in self.values(each, depth + 1):
                yield {**known, name: value}

    def _of_loop(self, loop: Node) -> Iterator[Given]:
        """`for (const u of ["https://..."])`"""
        name, listed = loop.child_by_field_name("left"), loop.child_by_field_name("right")
        items = self._names.folder.fold(listed)
        if name is not None and isinstance(items, list):
            yield from ({self._parsed.text(name): each} for each in items[:_MOST_ITEMS])

    def _parameters(self, function: Node) -> list[str]:
        single, several = function.child_by_field_name("parameter"), function.child_by_field_name("parameters")
        listed = [single] if single is not None else several.named_children if several is not None else []
        return [
            self._parsed.text(child(each) or each if each.type == "assignment_pattern" else each) for each in listed
        ]

    def _calls(self, function: Node) -> Iterator[Sequence[Node | Value | None]]:
        """The arguments of each call: nodes, or values where they are items of an array."""
        around = function.parent
        call = around.parent if around is not None and around.type == "arguments" else None
        if call is not None:
            yield from () if self._large else self._of_items(call)
            return
        name, as_property = self._name_of(function)
        if not name or (self._large and (as_property or len(name) < _SHORTEST_NAME)):
            return
        key = (name, as_property)
        if key not in self._known:
            self._known[key] = [
                each for at in self._hits(name) if (each := self._called_at(at, as_property=as_property))
            ]
        yield from self._known[key][:_MOST_CALLS]

    def _hits(self, name: str) -> Iterator[int]:
        """Where a name stands before a bracket. A large text is searched for few names only."""
        source, word = self._parsed.source, name.encode()
        if len(self._known) >= (_MOST_NAMES if self._large else _MOST_ASKED):
            return
        at = source.find(word)
        for _ in range(_MOST_HITS):
            if at < 0:
                return
            if _BRACKET.match(source, at + len(word)) and not _LETTER.match(source[at - 1 : at]):
                yield at
            at = source.find(word, at + 1)

    def _of_items(self, call: Node) -> Iterator[Sequence[Value | None]]:
        function = call.child_by_field_name("function")
        name = function.child_by_field_name("property") if function is not None else None
        if function is None or name is None or self._parsed.text(name) not in _EACH:
            return
        items = self._names.folder.fold(function.child_by_field_name("object"))
        if isinstance(items, list):
            yield from ([each] for each in items[:_MOST_ITEMS])

    def _name_of(self, function: Node) -> tuple[str, bool]:
        """What a function is called by, and whether that is a property."""
        name = function.child_by_field_name("name")
        holder = function.parent
        if name is not None:
            as_property = function.type == "method_definition"
            written = self._parsed.text(name)
            if written == "constructor" and holder is not None and holder.parent is not None:
                name = holder.parent.child_by_field_name("name")
                return (self._parsed.text(name), False) if name is not None else ("", False)
            return written, as_property
        fields = {
            "variable_declarator": "name",
            "assignment_expression": "left",
            "pair": "key",
            "field_definition": "property",
        }
        field = fields.get(holder.type) if holder is not None else None
        name = holder.child_by_field_name(field) if holder is not None and field is not None else None
        last = name.child_by_field_name("property") if name is not None and name.type == "member_expression" else None
        if last is not None:
            return self._parsed.text(last), True
        return (self._parsed.text(name), name.type == "property_identifier") if name is not None else ("", False)

    def _called_at(self, offset: int, *, as_property: bool) -> Sequence[Node]:
        node = self._parsed.root.descendant_for_byte_range(offset, offset + 1)
        callee = node.parent if node is not None and node.type == "property_identifier" else node
        if node is None or callee is None or node.type != ("property_identifier" if as_property else "identifier"):
            return ()
        call = callee.parent
        if call is None or call.type not in {"call_expression", "new_expression"}:
            return ()
        own = call.child_by_field_name("constructor" if call.type == "new_expression" else "function")
        return arguments_of(call) if own == callee else ()
