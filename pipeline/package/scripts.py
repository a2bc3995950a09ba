"""Reads scripts of a package: syntax, references, strings put together, calls that matter, signs of hidden code.

Nothing of a script is ever run. A whole engine's parser says whether it is JavaScript (pipeline.package.syntax), the
tree of tree-sitter says what is in it (pipeline.package.script_walk).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pipeline.package.grammar import Parsed
from pipeline.package.model import Call, ScriptFacts, SyntaxFault
from pipeline.package.obfuscation import signs
from pipeline.package.script_walk import Walk
from pipeline.package.syntax import TooDeep, script_fault

MOST_CHARACTERS = 16_000_000
"""Of one script; the rest of a longer one is not read."""

_MOST_OF_NO_SCRIPT = 40_000
"""What is no JavaScript is never run, and a tolerant parser takes long over it: so much is read to be useful still."""

_DEEPEST = 3
"""Programs in strings of programs in strings."""

_MOST_PATTERNS = 3_000


def read_script(
    text: str, *, line: int = 1, column: int = 1, module: bool = False, body: bool = False, depth: int = 0
) -> ScriptFacts:
    """The facts of one script that begins at `line` and `column` of its file.

    `module`: it is a module for sure; otherwise both scripts and modules will do, for a file does not tell how it is
    loaded. `body`: it is an event handler or a javascript: URL, where `return` may stand alone.
    References by import, export and import() are relative to the script; all others, as in browsers, to the page.
    """
    truncated = len(text) > MOST_CHARACTERS
    kept = text[:MOST_CHARACTERS]
    try:
        fault = None if truncated else _fault(kept, module=module, body=body)
    except TooDeep:
        fault, truncated = None, True
        kept = kept[:_MOST_OF_NO_SCRIPT]
    if fault is not None:
        truncated = len(kept) > _MOST_OF_NO_SCRIPT
        kept = kept[:_MOST_OF_NO_SCRIPT]
    parsed = Parsed(kept)
    if parsed.too_deep:
        truncated = True
        parsed = Parsed(kept[:_MOST_OF_NO_SCRIPT])

    def place(offset: int) -> tuple[int, int]:
        row, at = parsed.place(offset)
        return row + line - 1, at + column - 1 if row == 1 else at

    walk = Walk(parsed, place, called_by_event=body)
    walk.run()
    found = [
        Call(name, *place(offset), parsed.source[offset : offset + 60].decode("utf-8", "replace"))
        for name, offset in signs(parsed)
    ]
    facts = ScriptFacts(
        faults=(_located(fault, parsed, line, column),) if fault else (),
        references=tuple(walk.references),
        strings=tuple(walk.strings),
        calls=tuple(walk.calls),
        holders=walk.holders,
        signs=(*walk.signs, *found),
        truncated=truncated,
    )
    return _with_nested(facts, walk, place, depth)


def _fault(text: str, *, module: bool, body: bool) -> SyntaxFault | None:
    """The fault by the kindest reading: as what it says it is, else as anything it may be."""
    fault = script_fault(text, module=module, body=body)
    if fault is None or module or body:
        return fault
    as_module = script_fault(text, module=True)
    if as_module is None:
        return None
    return max(fault, as_module, key=lambda each: (each.line, each.column))


def _located(fault: SyntaxFault, parsed: Parsed, line: int, column: int) -> SyntaxFault:
    """The fault where it lies in the file. An engine does not tell where a regular expression is that is none."""
    if not fault.line:
        row, at = _wrong_pattern(parsed)
        fault = SyntaxFault(row, at, fault.found)
    first = fault.line == 1
    return replace(fault, line=fault.line + line - 1, column=fault.column + column - 1 if first else fault.column)


def _wrong_pattern(parsed: Parsed) -> tuple[int, int]:
    for node in parsed.found("patterns").get("e", ())[:_MOST_PATTERNS]:
        if script_fault(parsed.text(node)) is not None:
            return parsed.place(node.start_byte)
    return 1, 1


def _with_nested(facts: ScriptFacts, walk: Walk, place: Callable[[int], tuple[int, int]], depth: int) -> ScriptFacts:
    """The facts with those of the programs that the script runs from strings, all at the places of the calls."""
    for text, offset in walk.nested if depth < _DEEPEST else ():
        row, at = place(offset)
        inner = read_script(text, body=True, depth=depth + 1)
        facts = replace(
            facts,
            references=(*facts.references, *(replace(each, line=row, column=at) for each in inner.references)),
            strings=(*facts.strings, *((each, row, at) for each, _, _ in inner.strings)),
            holders={**inner.holders, **facts.holders},
            calls=(*facts.calls, *(replace(each, line=row, column=at) for each in inner.calls)),
            signs=(*facts.signs, *(replace(each, line=row, column=at) for each in inner.signs)),
        )
    return facts
