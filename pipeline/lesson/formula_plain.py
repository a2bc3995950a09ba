"""A formula as one line of characters: for captions, for search and for a voice that reads it ("b² − 4ac")."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from pipeline.lesson.model import MathNode

_RAISED = str.maketrans("0123456789+−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+−=()n", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙ")
_RAISES = frozenset("0123456789+−n")
_LOWERS = _RAISES | {","}
_ACCENTS = {"arrow": "\u20d7", "bar": "\u0304", "hat": "\u0302"}
_ROOTS = {"3": "∛", "4": "∜"}
_WORDS = frozenset({"text", "fn"})


def formula_plain(node: MathNode) -> str:
    """The formula's characters, with spaces as in print."""
    say = _BY_KIND.get(node["k"])
    return say(node) if say else str(node["t"])


def _fraction(node: MathNode) -> str:
    return f"{_operand(node['n'])}/{_operand(node['d'])}"


def _accent(node: MathNode) -> str:
    return unicodedata.normalize("NFC", formula_plain(node["b"]) + _ACCENTS[node["t"]])


def _paren(node: MathNode) -> str:
    return f"{node['o']}{formula_plain(node['a'])}{node['c']}"


def _cases(node: MathNode) -> str:
    return "{ " + "; ".join(formula_plain(each) for each in node["a"]) + " }"


def _row(node: MathNode) -> str:
    nodes: list[MathNode] = node["a"]
    said = ""
    for position, each in enumerate(nodes):
        before = nodes[position - 1] if position else None
        if before is not None and _apart(before, each):
            said += " "
        said += formula_plain(each)
    return said


def _apart(left: MathNode, right: MathNode) -> bool:
    """Whether print has a space between two neighbours."""
    for node in (left, right):
        if node["k"] == "op" and node["c"] in {"bin", "rel"}:
            return True
    if left["k"] == "op" or right["k"] == "op":
        return bool(left["k"] == "op" and left["c"] == "punct")
    bases = [node["b"] if node["k"] == "script" else node for node in (left, right)]
    if bases[0]["k"] == "fn":
        return bool(right["k"] != "paren")
    return bool(bases[1]["k"] in _WORDS or bases[0]["k"] in {"text", "frac"} or right["k"] in {"num", "frac"})


def _operand(node: MathNode) -> str:
    """A numerator, denominator or radicand: in brackets as soon as it is more than one thing."""
    said = formula_plain(node)
    return f"({said})" if node["k"] == "frac" or _is_several(node) else said


def _is_several(node: MathNode) -> bool:
    """Rows such as n! and f′ are one value with its signs: print needs no brackets around them."""
    if node["k"] != "row" or not node["a"]:
        return False
    return not all(each["k"] == "op" and each["c"] == "ord" for each in node["a"][1:])


def _root(node: MathNode) -> str:
    index = formula_plain(node["i"]) if node["i"] is not None else ""
    sign = "√" if not index else _ROOTS.get(index, f"{_raised(index)}√")
    return sign + _operand(node["r"])


def _script(node: MathNode) -> str:
    said = formula_plain(node["b"])
    if node["b"]["k"] == "frac" or _is_several(node["b"]):
        said = f"({said})"
    if node["sub"] is not None:
        said += _lowered(_tight(node["sub"]))
    if node["sup"] is not None:
        sup = _tight(node["sup"])
        said += sup if set(sup) <= {"°", "′", "″"} else _raised(sup)
    return said


def _tight(node: MathNode) -> str:
    return formula_plain(node).replace(" ", "")


def _raised(said: str) -> str:
    """Small figures where characters for them exist, else ^ in front and brackets around more than one thing."""
    if set(said) <= _RAISES:
        return said.translate(_RAISED)
    return f"^{said}" if said.isalnum() else f"^({said})"


def _lowered(said: str) -> str:
    """Small figures where characters for them exist; a word stands apart, anything else in brackets."""
    if set(said) <= _LOWERS:
        return said.translate(_LOWERED)
    return f" {said}" if said.isalnum() else f"({said})"


_BY_KIND: dict[str, Callable[[MathNode], str]] = {
    "row": _row,
    "frac": _fraction,
    "root": _root,
    "script": _script,
    "accent": _accent,
    "paren": _paren,
    "cases": _cases,
}
