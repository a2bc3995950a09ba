"""Where every character of a YAML value stands in the script: folding, quoting and indentation undone."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from pipeline.errors import Place
from pipeline.lesson.tree import ScalarNode

_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\n[ \t]*|.)", re.DOTALL)
_WHITE = " \t\n"


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A value in NFC, and for each of its characters the offset in the script (one more for its end)."""

    value: str
    offsets: tuple[int, ...]
    script: str
    file: str

    def place(self, index: int) -> Place:
        """The script's line and column of the character `index` of the value."""
        offset = min(self.offsets[min(index, len(self.offsets) - 1)], len(self.script))
        line = self.script.count("\n", 0, offset) + 1
        return Place(self.file, line, offset - self.script.rfind("\n", 0, offset))


def written_text(node: ScalarNode, script: str) -> WrittenText:
    """The value of a scalar with the place of each of its characters."""
    offsets = _align(node, script)
    value, offsets = _composed(node.value, offsets)
    return WrittenText(value, tuple(offsets), script, node.place.file)


def _align(node: ScalarNode, script: str) -> list[int]:
    """Walk value and script side by side: equal characters pair up, runs of white space pair up as wholes."""
    value, at, end = node.value, _body_start(node, script), min(node.end, len(script))
    offsets: list[int] = []
    while len(offsets) < len(value):
        position = len(offsets)
        if at >= end:
            offsets.append(end)
        elif script[at] in _WHITE and value[position] in _WHITE:
            run_end = _run_end(script, at, end)
            count = _run_end(value, position, len(value)) - position
            # indentation goes first, so what is left of a run are its last characters
            offsets += [max(at, run_end - count + number) for number in range(count)]
            at = run_end
        elif script[at] == "\\" and node.style == '"' and (escape := _ESCAPE.match(script, at)):
            if escape.group()[1:2] != "\n":
                offsets.append(at)
            at = escape.end()
        elif script[at] == value[position]:
            offsets.append(at)
            at += 2 if script[at] == "'" and node.style == "'" else 1
        elif value[position] in _WHITE:
            offsets.append(at)
        else:
            at += 1
    offsets.append(min(at, end))
    return offsets


def _body_start(node: ScalarNode, script: str) -> int:
    """Behind the opening quote, or on the first line under | or >."""
    if node.style in {"|", ">"}:
        header_end = script.find("\n", node.start)
        return _run_end(script, header_end, len(script)) if header_end >= 0 else node.end
    return node.start + (1 if node.style else 0)


def _run_end(text: str, at: int, end: int) -> int:
    while at < end and text[at] in _WHITE:
        at += 1
    return at


def _composed(value: str, offsets: list[int]) -> tuple[str, list[int]]:
    """The value in NFC: a letter and its accents become one character that stands where the letter stood."""
    if unicodedata.is_normalized("NFC", value):
        return value, offsets
    composed: list[str] = []
    places: list[int] = []
    start = 0
    for position in range(1, len(value) + 1):
        if position < len(value) and unicodedata.combining(value[position]):
            continue
        cluster = unicodedata.normalize("NFC", value[start:position])
        composed.append(cluster)
        places += [offsets[start]] * len(cluster)
        start = position
    return "".join(composed), [*places, offsets[-1]]
