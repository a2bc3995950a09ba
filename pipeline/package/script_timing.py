"""Whether a statement of a script is carried out by itself, when the page opens or a while after, or by a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.package.grammar import child
from pipeline.package.script_elements import arguments_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from pipeline.package.script_names import Names

_FUNCTIONS = {
    "arrow_function", "function_expression", "function_declaration", "method_definition", "generator_function",
    "generator_function_declaration",
}  # fmt: skip
_LATER = {"setTimeout", "setInterval", "requestAnimationFrame", "requestIdleCallback", "ready", "$", "jQuery", "then"}
_EVENTS = {"load", "DOMContentLoaded", "pageshow", "readystatechange"}
_HANDLERS = {"onload", "onpageshow"}


def runs_by_itself(names: Names, node: Node) -> bool:
    """Whether nothing but the page itself leads to this statement, as far as can be seen."""
    at = node.parent
    while at is not None:
        if at.type in _FUNCTIONS and not _is_started(names, at):
            return False
        at = at.parent
    return True


def _is_started(names: Names, function: Node) -> bool:
    """`(function () {...})()`, `setTimeout(function () {...})`, `window.onload = function () {...}`."""
    inner, around = function, function.parent
    while around is not None and around.type in {"parenthesized_expression", "member_expression"}:
        inner, around = around, around.parent
    if around is None:
        return False
    if around.type == "call_expression":
        return around.child_by_field_name("function") == inner
    if around.type == "assignment_expression":
        return names.called(around.child_by_field_name("left")).rpartition(".")[2] in _HANDLERS
    call = around.parent if around.type == "arguments" else None
    if call is None or call.type != "call_expression":
        return False
    last = names.called(call.child_by_field_name("function")).removesuffix("()").rpartition(".")[2]
    if last == "addEventListener":
        return names.folder.text(child(call.child_by_field_name("arguments") or call)) in _EVENTS
    return last in _LATER and bool(arguments_of(call))
