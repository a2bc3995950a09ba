"""Which elements of a page the expressions of a script stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.package.grammar import child

if TYPE_CHECKING:
    from tree_sitter import Node

    from pipeline.package.grammar import Parsed
    from pipeline.package.script_names import Names

_LONGEST_NAME = 100


def arguments_of(node: Node) -> Sequence[Node]:
    """The arguments of a call."""
    given = node.child_by_field_name("arguments")
    if given is None or given.type != "arguments":
        return ()
    return [each for each in given.named_children if each.type != "comment"]


def called_through(names: Names, function: Node, arguments: Sequence[Node]) -> tuple[Node, Sequence[Node]]:
    """Function and arguments of `f.call(this, a)`, `f.apply(this, [a])` and `Reflect.apply(f, this, [a])`; of any other
    call they are what they are.
    """
    name, owner = function.child_by_field_name("property"), function.child_by_field_name("object")
    how = name.text if name is not None else b""
    if owner is None or how not in {b"call", b"apply"}:
        return function, arguments
    if owner.text == b"Reflect" and len(arguments) == 3:
        owner, arguments = arguments[0], arguments[1:]
    if how == b"call":
        return owner, arguments[1:]
    listed = arguments[1] if len(arguments) > 1 else None
    return owner, listed.named_children if listed is not None and listed.type == "array" else ()


class Elements:
    """The elements that a script makes, by the names it keeps them under; the last one made counts."""

    def __init__(self, parsed: Parsed, names: Names) -> None:
        self._parsed, self._names = parsed, names
        self._tags: dict[str, str] = {}

    def tag_of(self, owner: Node) -> str:
        """The tag of the element that an expression stands for, "" where that cannot be told."""
        made: Node | None = owner
        while made is not None and made.type in {"parenthesized_expression", "assignment_expression"}:
            made = child(made) if made.type[0] == "p" else made.child_by_field_name("right")
        if made is not None and made.type in {"call_expression", "new_expression"}:
            return self._made_tag(made)
        return self._tags.get(self._parsed.text(owner), "") if owner.end_byte - owner.start_byte < _LONGEST_NAME else ""

    def _made_tag(self, node: Node) -> str:
        name = self._names.called(node).removesuffix("()")
        if name in {"Image", "Audio"}:
            return {"Image": "img", "Audio": "audio"}[name]
        if not name.endswith((".createElement", ".createElementNS")):
            return ""
        arguments = arguments_of(node)
        tag = self._names.folder.text(arguments[-1] if "NS" in name else arguments[0]) if arguments else None
        return (tag or "").lower()

    def remember(self, node: Node) -> None:
        """`x = document.createElement("script")`: what x is from here on."""
        tag = self._made_tag(node)
        holder = node.parent
        while tag and holder is not None and holder.type in {"variable_declarator", "assignment_expression"}:
            name = holder.child_by_field_name("name" if holder.type == "variable_declarator" else "left")
            if name is not None and name.end_byte - name.start_byte < _LONGEST_NAME:
                self._tags[self._parsed.text(name)] = tag
            holder = holder.parent
