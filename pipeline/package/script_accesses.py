"""Reads and writes of properties that matter: cookies, storage, what tells one device from another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.package.script_calls import ACCESSES

if TYPE_CHECKING:
    from tree_sitter import Node

    from pipeline.package.grammar import Parsed
    from pipeline.package.script_names import Names

_MOST = 2_000


def accesses(parsed: Parsed, names: Names) -> Iterator[tuple[str, int]]:
    """Names and offsets of the accesses; a write of a cookie is "document.cookie="."""
    for number, match in enumerate(ACCESSES.finditer(parsed.source)):
        if number == _MOST:
            return
        node = parsed.root.descendant_for_byte_range(match.start(), match.end())
        if node is None or node.type not in {"identifier", "property_identifier", "string_fragment"}:
            continue
        word = match[0].decode()
        name = _accessed(parsed, names, node, word)
        if name is not None:
            yield name, node.start_byte


def _accessed(parsed: Parsed, names: Names, node: Node, word: str) -> str | None:
    if word.startswith("WEBGL"):
        return word if node.type == "string_fragment" else None
    stored = word.endswith(("Storage", "DB"))
    if node.type == "identifier":
        return word if stored and not names.defined(word) and parsed.text(node) == word else None
    holder = node.parent
    if node.type == "string_fragment":
        holder = holder.parent if holder is not None and parsed.text(node) == word else None
    if holder is None or holder.type not in {"member_expression", "subscript_expression"}:
        return None
    name = names.called(holder)
    if stored:
        return word if name == word else None
    return _of_page(holder, name, word)


def _of_page(holder: Node, name: str, word: str) -> str | None:
    if word != "cookie":
        return name if name == f"navigator.{word}" else None
    if name not in {"document.cookie", "ownerDocument.cookie"}:
        return None
    above = holder.parent
    written = above is not None and above.type == "assignment_expression"
    written = written and above is not None and above.child_by_field_name("left") == holder
    return "document.cookie=" if written else "document.cookie"
