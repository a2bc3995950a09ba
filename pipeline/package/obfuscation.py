"""Signs of code that hides what it does. Minified code is none of these: its strings stay readable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.package.constants import Text

if TYPE_CHECKING:
    from tree_sitter import Node

    from pipeline.package.folding import Folder
    from pipeline.package.grammar import Parsed
    from pipeline.package.script_names import Names

_DECODERS = re.compile(r"\b(?:atob|unescape|fromCharCode|fromCodePoint)\b")
_PACKER = re.compile(r"\(?\s*function\s*\(\s*p\s*,\s*a\s*,\s*c\s*,\s*k\s*,\s*e\s*,\s*[dr]\s*\)")
_LONGEST_ARGUMENT = 4_000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MOST_UNPACKED = 500_000

_RENAMED = re.compile(rb"\b_0x[0-9a-f]{4,8}\b")
_BRACKETS = re.compile(rb"[\[\]()!+{}]{400,}")
_JSFUCK = re.compile(rb"!\[\][+\[\])]")
_FACES = re.compile("ﾟωﾟﾉ|ﾟДﾟ".encode())
_DOLLARS = re.compile(rb"\$=~\[\];\$=\{___:\+\+\$")
_HEX_LITERAL = re.compile(rb"[\"'](?:\\x[0-9a-fA-F]{2}){3,}[\"']")
_TABLE = re.compile(
    rb"([\w$\x80-\xff]{1,60})\s*=\s*(?:function\s*\(\s*\)\s*\{\s*return\s+|\(\s*\)\s*=>\s*)[\w$\x80-\xff]{1,60}"
    rb"\s*;?\s*\}?\s*[;,)]\s*(?:return\s+)?(?:\1\s*)?\(\s*\)"
)
"""A function that holds a table of strings puts another in its own place and calls it: `a = function () { return l };
return a()`. Whatever its names are, obfuscators make it so and nobody else.
"""

_TURNED = re.compile(rb"(?:\[[\"']push[\"']\]|\.push)\(\s*[\w$\x80-\xff]{1,60}(?:\[[\"']shift[\"']\]|\.shift)\(")
"""The table is turned until a sum of numbers in it comes out right."""

_SUMMED = re.compile(rb"parseInt\(\s*[\w$\x80-\xff]{1,60}\(")
_FEWEST_SUMMED = 3
_ALPHABET = re.compile(rb"[\"']abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789\+/=?[\"']")
"""Of a Base64 in another order than the usual: the table can be read only by running the script."""

_MOST_MATCHES = 20_000

_JOINING = {"join", "concat", "toString"}
_LETTERS = 3
_FEW = 8
_FEWEST_RENAMED, _FEWEST_USES = 8, 30
_FEWEST_HEX = 40


def decodes(parsed: Parsed, names: Names, argument: Node) -> bool:
    """Whether a program about to be run is decoded first: `eval(atob(...))`, also by way of a name."""
    node: Node | None = argument
    for _ in range(3):
        if node is None:
            return False
        if node.type not in {"identifier", "call_expression", "binary_expression", "subscript_expression", "array"}:
            return False
        text = parsed.text(node)[:_LONGEST_ARGUMENT] if node.type != "identifier" else ""
        if "function" not in text and (_DECODERS.search(text) or _decoder(names, node)):
            return True
        if node.type != "identifier":
            return False
        name = parsed.text(node)
        # `s += String.fromCharCode(...)` in a loop
        if any(_DECODERS.search(parsed.text(each)[:_LONGEST_ARGUMENT]) for each in names.grown(name)):
            return True
        node = names.only_value(name)
    return False


def _decoder(names: Names, node: Node) -> bool:
    """Whether a call is one of a decoder, however its name is written."""
    called = names.called(node.child_by_field_name("function")) if node.type == "call_expression" else ""
    return _DECODERS.fullmatch(called.rpartition(".")[2]) is not None


def turned_round(names: Names, argument: Node) -> bool:
    """Whether a program about to be run is a constant that is worked over first: reversed, cut, put in letter by
    letter.
    """
    if argument.type != "call_expression":
        return False
    function = argument.child_by_field_name("function")
    if names.called(function).rpartition(".")[2] in _JOINING and function is not None:
        # Lines of a program that are only put together hide nothing, as engines that write code do it; letters do.
        parts = names.folder.fold(function.child_by_field_name("object"))
        listed = [each.whole or "" for each in parts if isinstance(each, Text)] if isinstance(parts, list) else []
        if sum(map(len, listed)) > len(listed) * _LETTERS or _plain_list(names, function.child_by_field_name("object")):
            return False
    return bool(names.folder.text(argument))


def _plain_list(names: Names, owner: Node | None) -> bool:
    """Whether pieces stand in a list as they are, few enough to be read."""
    value = (
        names.only_value(owner.text.decode())
        if owner is not None and owner.type == "identifier" and owner.text
        else owner
    )
    return value is not None and value.type == "array" and value.named_child_count <= _FEW


def unpacked(parsed: Parsed, folder: Folder, argument: Node) -> str | None:
    """What `eval(function(p,a,c,k,e,d){...}('...', 62, 99, '...'.split('|')))` runs; None if it is no such packer."""
    if argument.type != "call_expression" or not _PACKER.match(parsed.text(argument)[:200]):
        return None
    given = argument.child_by_field_name("arguments")
    values = [folder.fold(each) for each in given.named_children[:4]] if given is not None else []
    if len(values) < 4:
        return ""
    body, base, _, words = values
    if not isinstance(body, Text) or not isinstance(base, float) or not isinstance(words, list):
        return ""
    plain = [each.whole or "" if isinstance(each, Text) else "" for each in words]
    return _with_words(body.whole or "", int(base), plain)


def _with_words(body: str, base: int, words: list[str]) -> str:
    if not 2 <= base <= len(_DIGITS):
        return ""

    def word(match: re.Match[str]) -> str:
        number = 0
        for letter in match[0]:
            digit = _DIGITS.find(letter)
            if digit < 0 or digit >= base:
                return match[0]
            number = number * base + digit
        return (words[number] if number < len(words) else "") or match[0]

    return re.sub(r"\b[0-9A-Za-z]{1,6}\b", word, body)[:_MOST_UNPACKED]


def signs(parsed: Parsed) -> Iterator[tuple[str, int]]:
    """Signs in the text as a whole, with their offsets."""
    for name, pattern in (("brackets", _BRACKETS), ("faces", _FACES), ("faces", _DOLLARS)):
        offset = _in_code(parsed, pattern)
        if offset is not None:
            yield name, offset
            return
    table = _table(parsed)
    if table is not None:
        yield table
        return
    renamed = [match for _, match in zip(range(_MOST_MATCHES), _RENAMED.finditer(parsed.source), strict=False)]
    if len(renamed) >= _FEWEST_USES and len({match[0] for match in renamed}) >= _FEWEST_RENAMED:
        offset = _in_code(parsed, _RENAMED)
        if offset is not None:
            yield "renamed", offset
            return
    literals = sum(1 for _ in zip(range(_FEWEST_HEX), _HEX_LITERAL.finditer(parsed.source), strict=False))
    if literals >= _FEWEST_HEX:
        offset = _in_code(parsed, _HEX_LITERAL, strings=True)
        if offset is not None:
            yield "hex-strings", offset


def _table(parsed: Parsed) -> tuple[str, int] | None:
    """A table that holds all strings of the script, told by how it is made, whatever its names are."""
    encoded = _ALPHABET.search(parsed.source) is not None
    turned = _TURNED.search(parsed.source) is not None
    summed = sum(1 for _ in zip(range(_FEWEST_SUMMED), _SUMMED.finditer(parsed.source), strict=False))
    if not encoded and not (turned and summed == _FEWEST_SUMMED):
        return None
    offset = _in_code(parsed, _TABLE)
    return None if offset is None else ("hidden-strings" if encoded else "renamed", offset)


def _in_code(parsed: Parsed, pattern: re.Pattern[bytes], *, strings: bool = False) -> int | None:
    """Where the pattern first stands in code, not in a comment or (unless asked for) in a string."""
    for number, match in enumerate(pattern.finditer(parsed.source)):
        if number == 50:
            return None
        if pattern is _BRACKETS and not _JSFUCK.search(match[0]):
            continue
        node = parsed.root.descendant_for_byte_range(match.start(), match.start() + 1)
        kinds = {"comment", "regex_pattern", "html_comment"}
        if not strings:
            kinds |= {"string_fragment", "string", "template_string"}
        if node is not None and node.type not in kinds:
            return match.start()
    return None
