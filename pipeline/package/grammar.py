"""The JavaScript grammar of tree-sitter: parsed texts, queries by name, and places in characters."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Query

_STEP = 4096
_PROBE_EVERY, _DEEPEST = 20_000, 25_000
_CONTINUATION = bytes(range(0x80, 0xC0))
"""Bytes of UTF-8 that begin no character."""

QUERIES = {
    # Patterns of one node each: the query engine takes time by the square of the depth for nested ones.
    "events": """
        (string) @e (template_string) @e (binary_expression) @e (call_expression) @e
        (new_expression) @e (assignment_expression) @e (import_statement) @e (export_statement) @e
        (variable_declarator) @d (augmented_assignment_expression) @d (update_expression) @d (formal_parameters) @d
        (arrow_function) @d (assignment_pattern) @d (array_pattern) @d (shorthand_property_identifier_pattern) @d
        (pair_pattern) @d (rest_pattern) @d (for_in_statement) @d (catch_clause) @d (function_declaration) @d
        (class_declaration) @d (field_definition) @d (import_clause) @d (import_specifier) @d (namespace_import) @d
    """,
    "patterns": "(regex) @e",
}


@cache
def language() -> Language:
    """The grammar."""
    import tree_sitter_javascript
    from tree_sitter import Language

    return Language(tree_sitter_javascript.language())


@cache
def _query(name: str) -> Query:
    from tree_sitter import Query

    return Query(language(), QUERIES[name])


class Parsed:
    """A parsed text. `source` is its UTF-8; nodes know their bytes in it."""

    def __init__(self, text: str) -> None:
        from tree_sitter import Parser

        self.source = text.encode("utf-8", "replace")
        self.tree = Parser(language()).parse(self.source)
        self.root = self.tree.root_node
        self._lines = _line_starts(self.source)
        self._ascii = self.source.isascii()
        self._counted = [0] if self._ascii else _characters_before(self.source)

    def text(self, node: Node) -> str:
        """The text of a node."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    @property
    def too_deep(self) -> bool:
        """Whether the tree is deeper than queries can count (65,535), as only a made-up text is.

        A path that deep is a long run of nodes in the order of the text, so looking at some of them is enough.
        """
        cursor = self.root.walk()
        for number in range(_PROBE_EVERY, self.root.descendant_count, _PROBE_EVERY):
            cursor.goto_descendant(number)
            if cursor.depth > _DEEPEST:
                return True
        return False

    def found(self, query: str) -> dict[str, list[Node]]:
        """The nodes a query captures, by capture name, in the order of the text."""
        from tree_sitter import QueryCursor

        return QueryCursor(_query(query)).captures(self.root)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of a byte."""
        number = bisect_right(self._lines, offset) - 1
        start = self._lines[number]
        if self._ascii:
            return number + 1, offset - start + 1
        if offset - start < _STEP:
            return number + 1, len(self.source[start:offset].translate(None, _CONTINUATION)) + 1
        return number + 1, self._characters(offset) - self._characters(start) + 1

    def _characters(self, offset: int) -> int:
        step = offset // _STEP
        return self._counted[step] + len(self.source[step * _STEP : offset].translate(None, _CONTINUATION))


def child(node: Node, number: int = 0) -> Node | None:
    """The named child at this place (-1: the last), comments left out; None where there are fewer.

    tree_sitter's own accessor raises then, and hostile texts have all kinds of brackets with nothing in them.
    """
    children = [each for each in node.named_children if each.type != "comment"]
    return children[number] if -len(children) <= number < len(children) else None


def _line_starts(source: bytes) -> list[int]:
    starts, at = [0], source.find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = source.find(b"\n", at + 1)
    return starts


def _characters_before(source: bytes) -> list[int]:
    counted = [0]
    for start in range(0, len(source), _STEP):
        counted.append(counted[-1] + len(source[start : start + _STEP].translate(None, _CONTINUATION)))
    return counted
