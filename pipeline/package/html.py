"""References, programs and form fields of HTML pages."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, cast

from pipeline.package.css import read_css
from pipeline.package.markup import (
    Attributes,
    Field,
    InlineScript,
    field,
    handler,
    import_map,
    loads,
    runs,
    script_of_url,
)
from pipeline.package.model import Reference
from pipeline.package.places import Places

if TYPE_CHECKING:
    from lxml import etree

MOST_TAGS = 500_000
_DEEPEST_FRAME = 3
_LAST_LINE_KNOWN = 65_535
"""libxml2 counts no further."""
_SHIFT = 60_000
_MOST_SHIFTS = 20
_NEAR = 20_000
"""How far an attribute's value is looked for, to tell its line and column."""
_MOST_FIELDS = 1000
_FIELDS = {"input", "textarea", "select"}
_MOST_ATTRIBUTES = 1000
_LONG_SEGMENT = 4000
_TAG = re.compile(r"<[a-zA-Z]")
_QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_SURROGATE = re.compile(r"&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}|0*5(?:529[6-9]|5[3-9]\d\d|6\d{3}|7[0-3]\d\d));?")
_RAW_TEXT = re.compile(r"<(script|style|textarea)\b|<!--")

_SHOWN = {
    "img", "video", "audio", "canvas", "svg", "iframe", "frame", "object", "embed", "applet", "math", "input", "button",
    "select", "textarea", "picture", "hr", "table", "progress", "meter", "model-viewer",
}  # fmt: skip
_NOT_SHOWN = {"script", "style", "template", "noscript", "title", "option", "datalist", "meta", "link"}


@dataclass(frozen=True, slots=True)
class MarkupFacts:
    """What a page or a drawing says. `fault`: where XML stops being XML; `truncated`: a limit of ours was hit."""

    references: tuple[Reference, ...] = ()
    scripts: tuple[InlineScript, ...] = ()
    fields: tuple[Field, ...] = ()
    truncated: bool = False
    fault: tuple[int, int, str] | None = None
    base: str | None = None
    """The page's <base href>."""


@dataclass(frozen=True, slots=True)
class Looks:
    """How a page presents itself: `tags` that are HTML's at all, `starts` something, is `cut_off` in the middle."""

    tags: bool
    starts: bool
    cut_off: bool


def read_html(text: str, *, line: int = 1, base: str | None = None, depth: int = 0) -> MarkupFacts:
    """Everything a page loads, links to and runs. Comments, templates' placeholders and plain text are not references.

    `line` is where the text begins in its file; `base` is an outer page's <base href>, for srcdoc.
    """
    kept = bounded(text)
    root, complete = parse_html(kept)
    if root is None:
        return MarkupFacts(truncated=not complete or len(kept) < len(text))
    reader = PageReader(kept, line, base, depth)
    reader.read(root)
    truncated = reader.truncated or not complete or len(kept) < len(text)
    return MarkupFacts(
        tuple(reader.references), tuple(reader.scripts), tuple(reader.fields), truncated, base=reader.base
    )


def looks(text: str) -> Looks:
    """How a start page presents itself."""
    kept = bounded(text)
    root, _ = parse_html(kept)
    if root is None:
        return Looks(False, False, False)
    elements = list(root.iter("*"))
    tags = any(each.tag not in {"html", "body", "p"} for each in elements) or _has_tag(kept)
    return Looks(tags, _starts(elements), _cut_off(kept, elements))


def parse_html(text: str) -> tuple[etree._Element | None, bool]:
    """The tree of a page, and whether all of it was read. Nothing is fetched."""
    from lxml import etree

    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True, recover=True
    )
    try:
        root = etree.fromstring(without_surrogates(text).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        # An empty document, or one of comments only.
        return None, True
    complete = not any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    return root, complete


def without_surrogates(text: str) -> str:
    """The text without references to half characters: libxml2 lets them through, and lxml cannot decode the value."""
    return _SURROGATE.sub("\ufffd", text) if "&#" in text else text


class PageReader:
    """Walks over the elements of one page, in the order of its text."""

    def __init__(self, text: str, line: int, base: str | None, depth: int) -> None:
        self._text = text
        self._first, self.base, self._depth = line, base, depth
        self._places = Places(text, line)
        self._at = self._found = 0
        self._tag_end = 1
        self._field_at = 0
        self.references: list[Reference] = []
        self.scripts: list[InlineScript] = []
        self.fields: list[Field] = []
        self.truncated = False

    def read(self, root: etree._Element) -> None:
        """Every element of a page."""
        elements = list(root.iter("*"))
        # A page may set its base late, and still all its URLs are relative to it.
        bases = (each.get("href") for each in elements if local_name(each) == "base")
        self.base = next((href for href in bases if href), self.base)
        labels = _labels(elements)
        for each, line in zip(elements, _lines(self._text, elements), strict=True):
            tag, attributes = local_name(each), _attributes(each)
            if attributes or tag in {"script", "style"}:
                self.element(tag, attributes, each.text or "", line)
            if tag in _FIELDS and len(self.fields) < _MOST_FIELDS:
                self._field(each, tag, attributes, labels, line)

    def element(self, tag: str, attributes: Mapping[str, str], text: str, line: int) -> None:
        """One element; `line` is where its start tag ends, within the text."""
        self._at = max(self._found, self._places.start(self._tag_end))
        self._tag_end = line
        for url, use, how in loads(tag, attributes):
            program = script_of_url(url)
            where = self._place(url, line)
            if program is not None:
                self.scripts.append(InlineScript(program, *where, body=True))
            elif url.strip():
                self.references.append(Reference(url, use, how, *where, self.base))
        for name, value in attributes.items():
            if name == "style" or (tag not in {"a", "img"} and "url(" in value and name != "srcdoc"):
                self._style(value, line)
            elif name[:2] == "on" and handler(name) and value.strip():
                self.scripts.append(InlineScript(value, *self._place(value, line), body=True))
        if tag == "iframe" and "srcdoc" in attributes:
            self._frame(attributes["srcdoc"], line)
        if text and tag in {"script", "style"}:
            self._raw(tag, attributes, text, line)

    def _raw(self, tag: str, attributes: Mapping[str, str], text: str, line: int) -> None:
        start = max(self._found, self._places.start(line))
        where = self._text.find(text, start, min(self._places.end(line), start + _NEAR) + len(text))
        row, column = self._places.of(where) if where >= 0 else (self._first + line - 1, 1)
        if where >= 0:
            self._found = where + len(text)
        if tag == "style":
            self.references += read_css(text, line=row, column=column, base=self.base)
            return
        module = runs(tag, attributes)
        if module is not None:
            if text.strip():
                self.scripts.append(InlineScript(text, row, column, module))
        elif attributes.get("type", "").strip().lower() == "importmap":
            self.references += [Reference(url, use, how, row, column, self.base) for url, use, how in import_map(text)]

    def _style(self, value: str, line: int) -> None:
        row, column = self._place(value, line)
        self.references += read_css(value, line=row, column=max(column, 1), base=self.base)

    def _frame(self, page: str, line: int) -> None:
        if self._depth == _DEEPEST_FRAME:
            self.truncated = True
            return
        inner = read_html(page, line=self._first + line - 1, base=self.base, depth=self._depth + 1)
        self.references += inner.references
        self.scripts += inner.scripts
        self.fields += inner.fields
        self.truncated |= inner.truncated

    def _place(self, value: str, line: int) -> tuple[int, int]:
        """Where an attribute's value stands. Values with entities are not found; then it is the tag's line."""
        stop = min(self._places.end(line), self._at + _NEAR)
        if len(value) < _NEAR:
            for quote in ('"', "'", "="):
                found = self._text.find(quote + value, self._at, stop)
                if found >= 0:
                    self._found = max(self._found, found)
                    return self._places.of(found + 1)
        return self._first + line - 1, 1

    def _field(
        self, element: etree._Element, tag: str, attributes: Attributes, labels: Mapping[str, str], line: int
    ) -> None:
        around = next(element.iterancestors("label"), None)
        words = [labels.get(attributes.get("id", ""), ""), _words(around) if around is not None else ""]
        found = field(tag, attributes, words)
        if found is not None:
            self.fields.append(Field(*found, *self._tag_place(tag, line)))

    def _tag_place(self, tag: str, line: int) -> tuple[int, int]:
        """Where the start tag begins that ends in this line."""
        opened = re.compile(rf"<{re.escape(tag)}\b", re.I)
        start, stop = self._places.start(line), self._places.end(line)
        found = opened.search(self._text, max(self._field_at, start), stop)
        if found is None:
            earlier = self._text[max(self._field_at, start - _NEAR) : start].lower().rfind(f"<{tag}")
            if earlier < 0:
                return self._first + line - 1, 1
            at = max(self._field_at, start - _NEAR) + earlier
        else:
            at = found.start()
        self._field_at = at + 1
        return self._places.of(at)


def local_name(element: etree._Element) -> str:
    """The tag in lower case, without its namespace."""
    return _plain_name(str(element.tag))


@lru_cache(maxsize=4096)
def _plain_name(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2].lower()


def _attributes(element: etree._Element) -> dict[str, str]:
    """Attributes by plain name: "xlink:href" is "href" where there is none."""
    plain: dict[str, str] = {}
    if not element.attrib:
        return plain
    for name, value in element.items():
        key = _plain_name(str(name))
        if key == name or key not in plain:
            plain[key] = str(value)
    return plain


def _labels(elements: list[etree._Element]) -> dict[str, str]:
    return {each.get("for", ""): _words(each) for each in elements if each.tag == "label" and each.get("for")}


def _words(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in islice(element.itertext(), 20))[:200].split())


def _lines(text: str, elements: list[etree._Element]) -> list[int]:
    """The line of each element's start tag. libxml2 stops counting at 65,535: later lines are counted by reading the
    page again with earlier line breaks blanked, which changes no element.
    """
    lines = [_line(each) for each in elements]
    if lines[-1:] < [_LAST_LINE_KNOWN] and max(lines) < _LAST_LINE_KNOWN:
        return lines
    places = Places(text)
    for shift in range(1, _MOST_SHIFTS):
        gone = shift * _SHIFT
        at = places.start(gone + 1)
        root, _ = parse_html(text[:at].replace("\n", " ") + text[at:])
        again = list(root.iter("*")) if root is not None else []
        if len(again) != len(elements):
            return lines
        for number, each in enumerate(again):
            line = _line(each)
            if line > 1 and lines[number] >= gone:
                lines[number] = line + gone
        if max(_line(each) for each in again) < _LAST_LINE_KNOWN:
            return lines
    return lines


def _line(element: etree._Element) -> int:
    return cast("int | None", element.sourceline) or 1


def bounded(text: str) -> str:
    """The text as far as the reader's limits allow: a tree of millions of elements would not fit the memory of a
    worker, and libxml2 takes time quadratic in the attributes of one tag.
    """
    if text.count("<") > MOST_TAGS:
        at = -1
        for _ in range(MOST_TAGS):
            at = text.find("<", at + 1)
        text = text[:at]
    raw: list[tuple[int, int]] | None = None
    for start, end in _long_segments(text):
        tag = _TAG.search(text, start, end)
        if tag and len(_QUOTED.sub("", text[tag.start() : end]).split()) > _MOST_ATTRIBUTES:
            raw = _raw_texts(text) if raw is None else raw
            around = bisect_right(raw, (tag.start(), 0)) - 1
            if around < 0 or raw[around][1] <= tag.start():
                return text[: tag.start()]
    return text


def _raw_texts(text: str) -> list[tuple[int, int]]:
    """Where scripts, style sheets and comments stand: text in which nothing is a tag."""
    lower = text.lower()
    found: list[tuple[int, int]] = []
    at = 0
    while opened := _RAW_TEXT.search(lower, at):
        close = f"</{opened[1]}" if opened[1] else "-->"
        at = lower.find(close, opened.end())
        at = len(lower) if at < 0 else at
        found.append((opened.start(), at))
    return found


def _long_segments(text: str) -> Iterator[tuple[int, int]]:
    """Stretches without ">" in which a tag of very many attributes may hide."""
    start = 0
    while start < len(text):
        end = text.find(">", start)
        end = len(text) if end < 0 else end
        if end - start > _LONG_SEGMENT:
            yield start, end
        start = end + 1


def _has_tag(text: str) -> bool:
    head = text[:100_000].lower()
    return any(mark in head for mark in ("<!doctype html", "<html", "<body", "<p>", "<p "))


def _starts(elements: list[etree._Element]) -> bool:
    """Whether anything on a page shows or does something."""
    hidden: set[etree._Element] = set()
    for each in elements:
        parent = each.getparent()
        if (each.tail or "").strip() and parent not in hidden:
            return True
        # Parents come before their children.
        if each.tag in _NOT_SHOWN or parent in hidden:
            hidden.add(each)
        elif each.tag in _SHOWN or "-" in str(each.tag) or (each.text or "").strip():
            return True
        if _acts(each):
            return True
    return False


def _acts(element: etree._Element) -> bool:
    if element.tag == "script":
        return "src" in element.attrib or bool((element.text or "").strip())
    return element.tag == "meta" and (element.get("http-equiv") or "").lower() == "refresh"


def _cut_off(text: str, elements: list[etree._Element]) -> bool:
    """Whether the file ends inside a tag, a script or a style sheet, as a half-copied file does."""
    tail = text.rstrip()
    if tail.rfind("<") > tail.rfind(">") and tail[tail.rfind("<") + 1 :][:1].isalpha():
        return True
    last = elements[-1]
    return last.tag in {"script", "style"} and f"</{last.tag}" not in text[text.lower().rfind(f"<{last.tag}") :].lower()
