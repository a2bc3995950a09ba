"""Constants of JavaScript and the pure operations on them that hide what a string says: put together, cut, decoded."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_to_bytes

if TYPE_CHECKING:
    from tree_sitter import Node

LONGEST = 65_536
"""Characters of one string; what is longer is cut."""

MOST_ITEMS = 20_000
"""Items of one array."""

_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([0-7]{1,3})|(\r\n|[\s\S]))")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\n": "", "\r\n": "", "\u2028": ""}
_PERCENT_U = re.compile(r"%u([0-9A-Fa-f]{4})")


@dataclass(frozen=True, slots=True)
class Text:
    """A string in pieces; None stands for what the text does not tell."""

    pieces: tuple[str | None, ...]

    @property
    def whole(self) -> str | None:
        """The string, where all of it is known."""
        return "".join(self.pieces) if None not in self.pieces else None  # type: ignore[arg-type]  # no None left

    @property
    def start(self) -> str:
        """What is known of its beginning."""
        return self.pieces[0] or "" if self.pieces else ""

    @property
    def known(self) -> Sequence[str]:
        """The pieces that are known."""
        return [piece for piece in self.pieces if piece]


Value = Text | float | list["Value | None"] | dict[str, "Node"]
"""A string, a number, an array, or an object by the nodes of its members."""


def joined(values: Iterable[Value | None]) -> Text:
    """The string that values make when put together; neighbouring pieces grow into one."""
    pieces: list[str | None] = []
    run: list[str] = []
    length = 0
    for value in values:
        for piece in _pieces(value):
            if piece is None:
                pieces += ["".join(run), None] if run else [None]
                run = []
            elif length < LONGEST:
                run.append(piece[: LONGEST - length])
                length += len(piece)
    return Text(tuple([*pieces, "".join(run)] if run or not pieces else pieces))


def _pieces(value: Value | None) -> tuple[str | None, ...]:
    if isinstance(value, Text):
        return value.pieces
    if isinstance(value, float):
        return (_number(value),)
    return (None,)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else str(value)


def unescaped(text: str) -> str:
    """The text of a literal with its escapes resolved."""
    if "\\" not in text:
        return text
    return _paired(_ESCAPE.sub(_escape, text))


def _escape(match: re.Match[str]) -> str:
    wide, four, two, octal, other = match.groups()
    digits = wide or four or two
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    if octal:
        return chr(int(octal, 8))
    return _SIMPLE.get(other, other)


def _paired(text: str) -> str:
    """Surrogate pairs become characters; lone ones are replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def total(values: Sequence[Value | None]) -> Value | None:
    numbers = [value for value in values if isinstance(value, float)]
    if len(numbers) == len(values):
        return sum(numbers)
    return joined(values) if any(isinstance(value, Text) for value in values) else None


ARITHMETIC: Mapping[str, Callable[[int, int], int]] = {
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "%": lambda a, b: a % b if b else 0,
    ">>": lambda a, b: a >> b if 0 <= b < 32 else 0,
}
"""What is worked out of two whole numbers: enough to take codes of letters apart."""

_LARGEST = 2**31


def calculated(sign: str, left: Value | None, right: float) -> float | None:
    """The result of an operation, where both sides are whole numbers of 32 bits."""
    if not isinstance(left, float) or not (abs(left) < _LARGEST and abs(right) < _LARGEST):
        return None
    if not left.is_integer() or not right.is_integer():
        return None
    return float(ARITHMETIC[sign](int(left), int(right)))


def parsed_number(text: Value | None, base: Value | None) -> float | None:
    """parseInt() of a constant."""
    radix = int(base) if isinstance(base, float) and 2 <= base <= 36 else 10
    try:
        return float(int(text.whole or "", radix)) if isinstance(text, Text) and len(text.whole or "") < 12 else None
    except ValueError:
        return None


FROM_CODES = {"fromCharCode", "fromCodePoint"}


def from_codes(values: Sequence[Value | None]) -> Text | None:
    codes = [value for value in values if isinstance(value, float) and 0 <= value <= 0x10FFFF]
    if not codes or len(codes) != len(values):
        return None
    return Text((_paired("".join(chr(int(code)) for code in codes)),))


def _from_base64(text: str) -> str:
    packed = "".join(text.split())[: LONGEST * 2]
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""


def _unescape(text: str) -> str:
    wide = _PERCENT_U.sub(lambda match: chr(int(match[1], 16)), text)
    return _paired(unquote(wide, encoding="latin-1"))


DECODERS: Mapping[str, Callable[[str], str]] = {
    "atob": _from_base64,
    "unescape": _unescape,
    "decodeURIComponent": lambda text: unquote_to_bytes(text).decode("utf-8", "replace"),
    "decodeURI": lambda text: unquote_to_bytes(text).decode("utf-8", "replace"),
}


def array_method(value: list[Value | None], name: str, arguments: Sequence[Value | None]) -> Value | None:
    first = arguments[0] if arguments else None
    if name == "reverse":
        return value[::-1]
    if name == "join":
        glue = first.whole if isinstance(first, Text) else "," if not arguments else None
        if glue is None:
            return None
        return joined(part for each in value for part in (Text((glue,)), each)) if not glue else _glued(value, glue)
    if name == "concat" and isinstance(first, list):
        return [*value, *first][:MOST_ITEMS]
    return None


def _glued(value: list[Value | None], glue: str) -> Text:
    parts: list[Value | None] = []
    for each in value:
        parts += [Text((glue,)), each]
    return joined(parts[1:] or [Text(("",))])


def string_method(text: Text, name: str, arguments: Sequence[Value | None]) -> Value | None:
    """What a method of a string gives back; None where that cannot be told."""
    if name == "concat":
        return joined([text, *arguments])
    if name in {"toString", "valueOf", "trim"}:
        return text
    return None if text.whole is None else _whole_method(text.whole, name, (*arguments, None, None)[:2])


def _whole_method(whole: str, name: str, arguments: Sequence[Value | None]) -> Value | None:
    first, second = arguments
    if name == "split":
        return _split(whole, first)
    if name in {"replace", "replaceAll"}:
        return _replaced(whole, first, second, every=name == "replaceAll")
    if name in {"toLowerCase", "toUpperCase"}:
        return Text((whole.lower() if name == "toLowerCase" else whole.upper(),))
    if name in {"charCodeAt", "codePointAt"}:
        at = int(first) if isinstance(first, float) and first.is_integer() else 0 if first is None else -1
        return float(ord(whole[at])) if 0 <= at < len(whole) else None
    if name == "match":
        return _pieces_of(whole, first)
    return _cut(whole, name, first, second)


def _split(whole: str, separator: Value | None) -> list[Value | None] | None:
    if not isinstance(separator, Text) or separator.whole is None:
        return None
    parts = whole.split(separator.whole, MOST_ITEMS) if separator.whole else list(whole[:MOST_ITEMS])
    return [Text((part,)) for part in parts]


def _pieces_of(whole: str, pattern: Value | None) -> list[Value | None] | None:
    """What `match(/../g)` gives: the string in pieces of one length."""
    dots = pattern[0] if isinstance(pattern, list) and pattern[1:] == [1.0] else None
    if not isinstance(dots, Text) or not dots.whole:
        return None
    length = int(dots.whole[2]) if "{" in dots.whole else len(dots.whole.replace("\\w", "."))
    pieces = range(0, len(whole) - length + 1, length) if length else ()
    return [Text((whole[at : at + length],)) for at in pieces[:MOST_ITEMS]]


def _replaced(whole: str, old: Value | None, new: Value | None, *, every: bool) -> Text | None:
    if isinstance(old, list):
        pattern, times = old
        old, every = pattern, bool(times)
    if not isinstance(old, Text) or not isinstance(new, Text) or not old.whole or new.whole is None:
        return None
    return Text((whole.replace(old.whole, new.whole, -1 if every else 1)[:LONGEST],))


def _cut(whole: str, name: str, first: Value | None, second: Value | None) -> Text | None:
    if not isinstance(first, float) or not first.is_integer() or (second is not None and not isinstance(second, float)):
        return None
    start, end = int(first), None if second is None else int(second)
    if name == "charAt":
        return Text((whole[start : start + 1] if start >= 0 else "",))
    if name == "slice":
        return Text((whole[start:end],))
    if name == "substring":
        low, high = sorted((max(start, 0), len(whole) if end is None else max(end, 0)))
        return Text((whole[low:high],))
    if name == "substr":
        begin = start if start >= 0 else max(len(whole) + start, 0)
        return Text((whole[begin : None if end is None else begin + max(end, 0)],))
    return None


KNOWN_METHODS = {
    *DECODERS, "fromCharCode", "fromCodePoint", "reverse", "join", "concat", "toString", "valueOf", "trim", "split",
    "replace", "replaceAll", "toLowerCase", "toUpperCase", "charAt", "slice", "substring", "substr",
    "apply", "map", "match", "charCodeAt", "codePointAt", "parseInt",
}  # fmt: skip
