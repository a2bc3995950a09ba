"""Whether a text is JavaScript, by a whole engine's parser (QuickJS): it knows the standard's early errors too.

Nothing is ever run. An engine parses a text to its end before it runs any of it, and every text handed to it here
ends in a fault of our own making: a name declared twice. What is asked is only whether the parser came that far.
"""

from __future__ import annotations

import re
import threading
from typing import Any

from pipeline.package.grammar import Parsed
from pipeline.package.model import SyntaxFault

_NAME = "telesabaqǀend"
_INDENT = " " * 61
_MEMORY = 800_000_000
_STACK = 3_000_000
_SECONDS = 20
_FOUND_CHARS = 40
_LABEL = "label not found"
"""What the engine says of `a: b: for (;;) continue a`, too, which is legal; there the grammar decides."""

_PLACE = re.compile(r"at <input>:(\d+):(\d+)")
_of_thread = threading.local()
_SEPARATORS = re.compile("[\u2028\u2029]")
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


class TooDeep(Exception):  # noqa: N818  # a turn of events, not an error
    """A text is nested too deeply for an engine's stack: nobody can tell whether it is a script."""


def script_fault(text: str, *, module: bool = False, body: bool = False) -> SyntaxFault | None:
    """The first place where `text` stops being a script (or a module, or the body of a function); None if it is one.

    Lines and columns count from 1 in `text`; they are 0 for a regular expression that is none, whose place the engine
    does not tell, and `found` says then what is wrong with it. Raises TooDeep.
    """
    plain = _UNREADABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    if plain.startswith("#!"):
        plain = f"//{plain[2:]}"
    message = _refusal(_closed(plain, body=body), module=module)
    place = _PLACE.search(message)
    if "SyntaxError" not in message:
        raise TooDeep
    if _came_to_the_end(message, place, plain) or (_LABEL in message and not Parsed(plain).root.has_error):
        return None
    if place is None:
        return SyntaxFault(0, 0, message.partition(": ")[2].strip())
    return _fault(plain, int(place[1]) - 1, int(place[2]))


def _closed(text: str, *, body: bool) -> str:
    """The text between two declarations of one name. The second is refused at the column after the indentation if
    all brackets of the text are closed; if one is open it is legal, and the last line is refused in its stead.
    """
    opening = f"function f(){{let {_NAME};" if body else f"let {_NAME};"
    closing = "}" if body else ""
    return f"{opening}\n{text}\nlet {_NAME}\n{_INDENT};{closing}let {_NAME}2,{_NAME}2"


def _refusal(text: str, *, module: bool) -> str:
    from quickjs import JSException

    context = _engine()
    try:
        (context.module if module else context.eval)(text)
    except JSException as error:
        return str(error)
    del _of_thread.engine
    raise AssertionError("a text that declares a name twice was taken for a script")


def _engine() -> Any:
    """The engine of this thread. It comes out of each text as it went in, since it never ran any of it; a page may have
    thousands of handlers, and a new engine for each would cost more than all of them.
    """
    from quickjs import Context

    known: Any = getattr(_of_thread, "engine", None)
    if known is None:
        known = _of_thread.engine = Context()
        known.set_memory_limit(_MEMORY)
        known.set_max_stack_size(_STACK)
        known.set_time_limit(_SECONDS)
    return known


def _came_to_the_end(message: str, place: re.Match[str] | None, text: str) -> bool:
    if place is None or "redefinition" not in message or int(place[2]) != len(_INDENT) + 1:
        return False
    # A line separator ends a line in code and does not in a string: then lines cannot be counted without parsing.
    return int(place[1]) == text.count("\n") + 4 or _SEPARATORS.search(text) is not None


def _fault(text: str, line: int, column: int) -> SyntaxFault:
    """The fault in lines and characters as editors count them: the engine counts bytes, and separators as line ends."""
    offset = 0
    pieces = re.split("[\n\u2028\u2029]", text) if _SEPARATORS.search(text) else text.split("\n")
    if line > len(pieces):
        offset = len(text)
    else:
        before = pieces[line - 1].encode()[: column - 1].decode("utf-8", "ignore")
        offset = sum(len(each) + 1 for each in pieces[: line - 1]) + len(before)
    start = text.rfind("\n", 0, offset) + 1
    found = text[offset : offset + _FOUND_CHARS].partition("\n")[0].strip()
    return SyntaxFault(text.count("\n", 0, offset) + 1, offset - start + 1, found)
