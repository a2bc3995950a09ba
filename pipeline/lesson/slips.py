"""What a teacher's YAML slip most likely was, in words about lessons, and how the line would read if mended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.errors import Place, Problem
from pipeline.lesson.vocabulary import known_keys

_LINE = re.compile(r"(?P<lead>[ ]*(?:-[ ]+)*(?:(?P<key>[^\s:#'\"\[\]{},&*!|>%@`-][^:#]*):(?:[ ]+|$))?)(?P<value>.*)")
"""A line as a teacher means it: list marks and a key, then the value."""

_TABBED = re.compile(r"^( *)\t[ \t]*(?=[^\s#])", re.MULTILINE)

_KEY_WITHOUT_SPACE = re.compile(r"[ ]*(?:-[ ]+)*(?P<key>[a-z_]+):(?=[^\s:/])")
_KEY_WITHOUT_COLON = re.compile(r"[ ]*(?:-[ ]+)*(?P<key>[a-z_]+)(?=[ ])")


@dataclass(frozen=True, slots=True)
class Slip:
    """One syntax error explained. `mended` is the whole script with its line repaired, None if nobody can tell how."""

    problems: tuple[Problem, ...]
    line: int
    mended: str | None = None


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where the parser stopped. Lines and columns from 0, as the parser counts."""

    lines: list[str]
    file: str
    reason: str
    context: str
    line: int
    column: int
    context_line: int
    context_column: int
    last_scalar: tuple[int, int] | None

    def slip(self, code: str, line: int, column: int, mended: str | None = None, /, **fields: object) -> Slip:
        place = Place(self.file, line + 1, column + 1)
        text = None if mended is None else "\n".join([*self.lines[:line], mended, *self.lines[line + 1 :]])
        return Slip((Problem(code, place, fields),), line + 1, text)


def explain(error: Any, text: str, file: str, last_scalar: tuple[int, int] | None) -> Slip:
    """What went wrong at a parser's `MarkedYAMLError`. The lines of the last scalar count from 0."""
    lines = text.split("\n")
    mark = error.problem_mark or error.context_mark
    context_mark = error.context_mark or mark
    scene = _Scene(
        lines=lines,
        file=file,
        reason=str(error.problem or error.context or ""),
        context=str(error.context or ""),
        line=min(mark.line, len(lines) - 1),
        column=mark.column,
        context_line=min(context_mark.line, len(lines) - 1),
        context_column=context_mark.column,
        last_scalar=last_scalar,
    )
    for recognise in _RECOGNISERS:
        slip = recognise(scene)
        if slip is not None:
            return slip
    if "expected" in scene.reason:
        return scene.slip("script.indentation", scene.line, scene.column)
    return scene.slip("script.syntax", scene.line, scene.column, reason=scene.reason[:200])


def tabbed_lines(text: str) -> Iterator[tuple[int, int]]:
    """Line and column (from 1) of every tab in front of something."""
    line, at = 1, 0
    for match in _TABBED.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        yield line, len(match.group(1)) + 1


def quoted(value: str) -> str:
    """A value in single quotes, the comment behind it dropped, short enough for a message."""
    bare = _split_comment(value)[0]
    return "'" + bare[:60].replace("'", "''") + ("…" if len(bare) > 60 else "") + "'"


def _split_comment(value: str) -> tuple[str, str]:
    at = value.find(" #")
    bare, comment = (value, "") if at < 0 else (value[:at], value[at:])
    return bare.rstrip(), comment


def _quote_value(line: str, start: int) -> str:
    bare, comment = _split_comment(line[start:])
    return line[:start] + "'" + bare.replace("'", "''") + "'" + comment


def _value_of(line: str) -> tuple[int, str, str | None]:
    """Where the line's value starts, the value, and its key."""
    match = _LINE.match(line)
    if match is None:
        return 0, line, None
    return match.start("value"), match["value"].rstrip(), match["key"]


def _tab(scene: _Scene) -> Slip | None:
    if "'\\t'" not in scene.reason:
        return None
    places = [(scene.line + 1, scene.column + 1)]
    places += [place for place in tabbed_lines("\n".join(scene.lines)) if place[0] > scene.line + 1]
    problems = tuple(Problem("script.tab", Place(scene.file, *place)) for place in places)
    return Slip(problems, scene.line + 1)


def _no_space_after_colon(scene: _Scene) -> Slip | None:
    for line in (scene.context_line, scene.line, scene.line - 1):
        match = _KEY_WITHOUT_SPACE.match(scene.lines[line]) if line >= 0 else None
        if match and match["key"] in known_keys():
            end = match.end()
            text = scene.lines[line]
            mended = text[:end] + " " + text[end:]
            example = mended.strip()[:60]
            return scene.slip("script.no-space-after-colon", line, end - 1, mended, key=match["key"], example=example)
    return None


def _open_quote(scene: _Scene) -> Slip | None:
    """The closing quote is missing: found at the end of the file, or at the next quote lines further down."""
    if "quoted scalar" in scene.context:
        line, column = scene.context_line, scene.context_column
    elif scene.last_scalar and scene.last_scalar[0] < scene.last_scalar[1] == scene.line:
        line = scene.last_scalar[0]
        column = _value_of(scene.lines[line])[0]
    else:
        return None
    text = scene.lines[line]
    if column >= len(text) or text[column] not in "\"'":
        return None
    return scene.slip("script.unclosed-quote", line, column, _quote_value(text, column), mark=text[column])


def _colon_in_text(scene: _Scene) -> Slip | None:
    if not scene.reason.startswith("mapping values"):
        return None
    text = scene.lines[scene.line]
    start, value, key = _value_of(text)
    if start > scene.column or (key is None and not text[: scene.column].lstrip().startswith("-")):
        indent = len(text) - len(text.lstrip(" "))
        return scene.slip("script.indentation", scene.line, indent)
    return scene.slip(
        "script.colon-in-text", scene.line, scene.column, _quote_value(text, start), example=quoted(value)
    )


def _special_start(scene: _Scene) -> Slip | None:
    """A text that begins with a sign that YAML keeps for itself."""
    line = scene.context_line if scene.context.startswith(("while scanning", "while parsing an tag")) else scene.line
    column = scene.context_column if line != scene.line else scene.column
    text = scene.lines[line]
    start, value, _ = _value_of(text)
    if not value or column < start:
        return None
    mark, mended, example = value[0], _quote_value(text, start), quoted(value)
    if mark in "*&":
        return scene.slip("script.reference", line, start, mended, mark=mark, example=example)
    if mark == "!":
        return scene.slip("script.tag", line, start, mended, example=example)
    if mark in "\"'" and column > start:
        return scene.slip("script.text-after-quote", line, start, mended, mark=mark, example=example)
    if mark in "%@`|>]}" or (mark in "[{" and column > start and "flow" not in scene.context):
        return scene.slip("script.special-start", line, start, mended, mark=mark, example=example)
    return None


def _no_colon(scene: _Scene) -> Slip | None:
    if not scene.reason.startswith("could not find expected ':'"):
        return None
    line = scene.context_line
    text = scene.lines[line]
    match = _KEY_WITHOUT_COLON.match(text)
    mended = None
    if match and match["key"] in known_keys():
        mended = text[: match.end()] + ":" + text[match.end() :]
    return scene.slip("script.no-colon", line, scene.context_column, mended, text=text.strip()[:60])


def _open_bracket(scene: _Scene) -> Slip | None:
    if "flow" not in scene.context or scene.context_line >= len(scene.lines):
        return None
    text = scene.lines[scene.context_line]
    mark = text[scene.context_column : scene.context_column + 1]
    bare, comment = _split_comment(text)
    mended = bare + ("]" if mark == "[" else "}") + comment
    return scene.slip("script.unclosed-bracket", scene.context_line, scene.context_column, mended, mark=mark)


_RECOGNISERS = (
    _tab,
    _no_space_after_colon,
    _open_quote,
    _colon_in_text,
    _special_start,
    _no_colon,
    _open_bracket,
)
