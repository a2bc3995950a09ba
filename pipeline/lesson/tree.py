"""A script's YAML as a small tree in which every key and value knows its line and column.

Only the plain part of YAML 1.2 is taken: no anchors, tags, merge keys or second documents, few levels, few values.
The tree is built from the parser's events, one after another, so nothing is expanded and nothing recurses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.errors import Place
from pipeline.lesson.problems import Problems
from pipeline.lesson.slips import explain, quoted, tabbed_lines

MAX_DEPTH = 12
MAX_NODES = 10_000
MAX_MENDS = 25
"""So many slips of YAML are looked past in one run to find the errors behind them."""

MAX_LENGTH_TO_MEND = 100_000

_READ_ALIKE_BY_BOTH = re.compile(r"[^\t\r\x85\u2028\u2029\ufeff]*")
"""Text that YAML 1.1 and 1.2 break into the same lines."""

_NULL = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True, eq=False)
class ScalarNode:
    """A value as it was written. `start` and `end` are offsets into the script."""

    value: str
    place: Place
    style: str | None
    """None for plain text, else the sign that opened it: ' " | >"""
    start: int
    end: int

    @property
    def is_null(self) -> bool:
        return self.style is None and self.value in _NULL


@dataclass(frozen=True, slots=True, eq=False)
class ListNode:
    place: Place
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    key: ScalarNode
    value: Node


@dataclass(frozen=True, slots=True, eq=False)
class MapNode:
    place: Place
    entries: dict[str, Entry] = field(default_factory=dict)


Node = ScalarNode | ListNode | MapNode


@dataclass(frozen=True, slots=True)
class Tree:
    """A script's YAML. `text` is what the offsets of scalars count in (with slips mended)."""

    root: Node
    text: str
    mended_lines: frozenset[int]


class _TooMuchError(Exception):
    """The script is no lesson: too deep or too many values."""


def read_tree(text: str, problems: Problems) -> Tree | None:
    """The tree of a script; None when its YAML is broken beyond guessing or there is nothing in it.

    A slip with one obvious meaning (a colon in unquoted text, a missing space after a key) is reported and read as
    meant, so that the errors further down are found in the same run.
    """
    from ruamel.yaml.error import MarkedYAMLError

    flawless = _read_flawless(text, problems.file)
    if flawless is not None:
        return flawless
    mended: set[int] = set()
    while True:
        attempt = Problems(problems.file)
        builder = _Builder(text, attempt)
        try:
            root = builder.build()
        except MarkedYAMLError as error:
            slip = explain(error, text, problems.file, builder.last_scalar)
            for problem in slip.problems:
                problems.report(problem.code, problem.place or Place(problems.file), **problem.fields)
            if slip.mended is None or not _may_mend(slip.line, text, mended):
                _pass_on(attempt, problems, mended | {slip.line})
                return None
            mended.add(slip.line)
            text = slip.mended
            continue
        except _TooMuchError:
            root = None
        line = builder.second_document
        if root is not None and line is not None and _may_mend(line, text, mended):
            problems.report("script.several-documents", Place(problems.file, line, 1))
            mended.add(line)
            text = _without_document_mark(text, line)
            continue
        _pass_on(attempt, problems, mended)
        return Tree(root, text, frozenset(mended | builder.guessed_lines)) if root is not None else None


def _read_flawless(text: str, file: str) -> Tree | None:
    """The tree of a script without a slip, by libyaml: ten times as fast as ruamel's own parser.

    None whenever anything is to be said of the script, and where the two parsers might differ: libyaml reads YAML 1.1,
    and has other places for what is not there.
    """
    from ruamel.yaml.error import YAMLError

    if _READ_ALIKE_BY_BOTH.fullmatch(text) is None:
        return None
    found = Problems(file)
    builder = _Builder(text, found, by_libyaml=True)
    try:
        root = builder.build()
    except (YAMLError, UnicodeError, _TooMuchError):
        return None
    if root is None or builder.has_nothings or builder.guessed_lines or found.by_line():
        return None
    return Tree(root, text, frozenset())


def _may_mend(line: int, text: str, mended: set[int]) -> bool:
    """Each line once: a line that is still wrong after mending would be mended for ever."""
    return line not in mended and len(mended) < MAX_MENDS and len(text) <= MAX_LENGTH_TO_MEND


def _without_document_mark(text: str, line: int) -> str:
    lines = text.split("\n")
    lines[line - 1] = lines[line - 1].replace("---", "   ", 1)
    return "\n".join(lines)


def _pass_on(attempt: Problems, problems: Problems, mended: set[int]) -> None:
    for problem in attempt.by_line():
        if problem.place is None or problem.place.line not in mended:
            problems.report(problem.code, problem.place or Place(problems.file), **problem.fields)


class _Builder:
    """One pass over the parser's events."""

    def __init__(self, text: str, problems: Problems, *, by_libyaml: bool = False) -> None:
        self.text = text
        self.problems = problems
        self._by_libyaml = by_libyaml
        self.has_nothings = False
        """Whether the value of a key or list mark is not there."""
        self.last_scalar: tuple[int, int] | None = None
        """Lines (from 0) on which the last scalar began and ended."""
        self.guessed_lines: set[int] = set()
        """Lines (from 1) whose value was taken for text though YAML sees a reference there."""
        self.second_document: int | None = None
        self._block_lines: set[int] = set()
        self._open: list[ListNode | MapNode] = []
        self._keys: list[ScalarNode | None] = []
        """For each open mapping the key that waits for its value."""
        self._root: Node | None = None
        self._nodes = 0
        self._documents = 0

    def build(self) -> Node | None:
        for event in self._events():
            self._take(event, type(event).__name__)
            if self.second_document is not None:
                break
        if self._root is None and not self.problems.errors:
            self.problems.report("script.empty", Place(self.problems.file))
        self._report_tabs()
        return self._root

    def _events(self) -> Iterator[Any]:
        from ruamel.yaml import YAML

        return iter(YAML(typ="safe", pure=not self._by_libyaml).parse(self.text))

    def _take(self, event: Any, kind: str) -> None:
        if kind == "DocumentStartEvent":
            self._start_document(event)
        elif kind == "ScalarEvent":
            self._refuse_extras(event)
            self._take_scalar(event)
        elif kind == "AliasEvent":
            raw = self.text[event.start_mark.index : event.end_mark.index]
            self.guessed_lines.add(event.start_mark.line + 1)
            self.problems.report("script.reference", self._place(event), mark="*", example=quoted(raw))
            self._add(ScalarNode(raw, self._place(event), None, event.start_mark.index, event.end_mark.index))
        elif kind in {"SequenceStartEvent", "MappingStartEvent"}:
            self._refuse_extras(event)
            self._open_collection(event, kind)
        elif kind in {"SequenceEndEvent", "MappingEndEvent"}:
            self._open.pop()
            self._keys.pop()

    def _start_document(self, event: Any) -> None:
        self._documents += 1
        if event.version or event.tags:
            self.problems.report("script.directive", Place(self.problems.file, 1, 1))
        if self._documents > 1:
            self.second_document = event.start_mark.line + 1
            self.problems.report("script.several-documents", self._place(event))

    def _refuse_extras(self, event: Any) -> None:
        if event.anchor is not None:
            raw = self.text[event.start_mark.index :].split("\n", 1)[0]
            self.problems.report("script.reference", self._place(event), mark="&", example=quoted(raw))
        if event.tag is not None:
            raw = self.text[event.start_mark.index :].split("\n", 1)[0]
            self.problems.report("script.tag", self._place(event), example=quoted(raw))

    def _take_scalar(self, event: Any) -> None:
        start, end = event.start_mark, event.end_mark
        is_there = bool(event.style or event.value)
        self.has_nothings |= not is_there
        place = self._place(event) if is_there else self._place_of_nothing(start.index)
        self.last_scalar = (start.line, end.line)
        if event.style in {"|", ">"}:
            self._block_lines.update(range(start.line + 1, end.line + 1))
        self._add(ScalarNode(event.value, place, event.style or None, start.index, end.index))

    def _place_of_nothing(self, offset: int) -> Place:
        """A value that is not there: the parser stands on a line below, the author means its key or list mark."""
        waiting = self._keys[-1] if self._keys else None
        if waiting is not None:
            return waiting.place
        mark = max(self.text.rfind("-", 0, offset), 0)
        return Place(self.problems.file, self.text.count("\n", 0, mark) + 1, mark - self.text.rfind("\n", 0, mark))

    def _open_collection(self, event: Any, kind: str) -> None:
        node = ListNode(self._place(event)) if kind == "SequenceStartEvent" else MapNode(self._place(event))
        if len(self._open) >= MAX_DEPTH:
            self.problems.report("script.too-deep", self._place(event), limit=MAX_DEPTH)
            raise _TooMuchError
        self._add(node)
        self._open.append(node)
        self._keys.append(None)

    def _add(self, node: Node) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self.problems.report("script.too-many-values", node.place, limit=MAX_NODES)
            raise _TooMuchError
        if not self._open:
            self._root = self._root or node
            return
        parent = self._open[-1]
        if isinstance(parent, ListNode):
            parent.items.append(node)
        elif self._keys[-1] is None:
            self._keys[-1] = self._as_key(node)
        else:
            self._put(parent, self._keys[-1], node)
            self._keys[-1] = None

    def _as_key(self, node: Node) -> ScalarNode:
        if isinstance(node, ScalarNode):
            return node
        self.problems.report("script.key-is-no-text", node.place)
        return ScalarNode("", node.place, None, 0, 0)

    def _put(self, parent: MapNode, key: ScalarNode, value: Node) -> None:
        if key.value == "<<" and key.style is None:
            self.problems.report("script.merge-key", key.place)
        elif key.value in parent.entries:
            first = parent.entries[key.value].key.place
            self.problems.report("script.duplicate-key", key.place, key=key.value[:60], first=first.line)
        else:
            parent.entries[key.value] = Entry(key, value)

    def _place(self, event: Any) -> Place:
        return Place(self.problems.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _report_tabs(self) -> None:
        for line, column in tabbed_lines(self.text):
            if line - 1 not in self._block_lines:
                self.problems.report("script.tab", Place(self.problems.file, line, column))
