"""Reads a stranger's SVG as a browser would, and tells what is in it besides shapes. Nothing is fetched or run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from xml.parsers import expat

from pipeline.media.pictures.embedded import data_content, is_drawing_part, media_type
from pipeline.media.pictures.formats import picture_format
from pipeline.media.pictures.gif import walk_gif
from pipeline.media.pictures.jpeg import walk_jpeg
from pipeline.media.pictures.png import walk_png
from pipeline.media.pictures.repeats import Repeats
from pipeline.media.pictures.style import effort, style_references

SVG = "http://www.w3.org/2000/svg"
XHTML = "http://www.w3.org/1999/xhtml"
XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_INCLUDE = "http://www.w3.org/2001/XInclude"

MOST_DEEP = 1000
_MOST_FEATURES = 500
MOST_STYLES = 300_000
"""Characters of CSS that are read; drawing programs write a few thousand."""
_MOST_NESTED = 3
_MOST_ENTITY, _MOST_REPEATED, _MOST_ENTITIES = 200, 4_000_000, 200
"""Characters of one entity, and of all its repetitions; how many a drawing may declare."""

FeatureSort = Literal["program", "page", "outside", "embedded", "smuggled", "link", "doctype", "entity"]
"""program: would run in a browser. page: a piece of HTML inside. outside: another file or host is asked for.
embedded: a picture or font inside. smuggled: something else inside. link: a click leads there."""

Fault = Literal["", "markup", "root", "namespace", "depth", "encoding"]

_LENGTH = re.compile(r"\s*([0-9.]+(?:e[+-]?\d+)?)\s*(px|pt|mm|cm|in|pc|)\s*", re.IGNORECASE)
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_PROGRAMS = {"script", "handler", "listener"}
_PAGES = {"foreignobject", "iframe", "object", "embed", "audio", "video"}
_ANIMATIONS = {"set", "animate", "animatetransform", "animatecolor"}
_REPEATS = {"use", "pattern", "lineargradient", "radialgradient", "filter"}
"""Elements whose href draws again what it names."""
_PAINTED = {"style", "fill", "stroke", "filter", "mask", "clip-path", "cursor", "color-profile", "marker"}
_PAINTED |= {"marker-start", "marker-mid", "marker-end", "from", "to", "by", "values"}
_HANDLER = re.compile(r"on[a-z]{3,}", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_OWN = re.compile(r"url\(\s*['\"]?#([^'\")]+)")
_CODE_SCHEMES = {"javascript", "vbscript", "livescript"}
_BLANK = "".join(map(chr, range(33)))


@dataclass(frozen=True, slots=True)
class Feature:
    """Something in a drawing besides shapes: `what` is a tag, an attribute or an address, as written."""

    sort: FeatureSort
    what: str
    line: int
    column: int


@dataclass(slots=True)
class Drawing:
    """What was read of an SVG."""

    size: tuple[float, float] | None = None
    """Width and height it asks for, in CSS pixels; None when it names neither a size nor a viewBox."""
    error: str = ""
    """Why this is no well-formed SVG; empty for a good one."""
    fault: Fault = ""
    """What sort of error that is."""
    line: int = 0
    column: int = 0
    features: list[Feature] = field(default_factory=list)
    halted: bool = False
    """Reading stopped at an entity that could blow up."""
    shapes: int = 0
    """Elements after every repetition is followed: a small file can ask for millions."""
    largest: tuple[int, int] = (0, 0)
    """Width and height of the picture inside that has the most pixels."""
    chain: int = 0
    """The longest line of parts of which each draws the next."""
    endless: bool = False
    """Something in it repeats itself."""
    styles: int = 0
    """Characters of CSS; what stands behind the first MOST_STYLES was not read."""

    def having(self, *sorts: FeatureSort) -> Iterator[Feature]:
        return (each for each in self.features if each.sort in sorts)


class _Halt(Exception):  # noqa: N818  # a turn of events within this module, not an error of ours
    pass


def read_svg(raw: bytes, encoding: str | None = None, *, nested: int = 0) -> Drawing:
    """Everything noteworthy in an SVG. Never raises for what the bytes are.

    `encoding` overrides what the file declares; `nested` counts the drawings around this one.
    """
    reader = _Reader(raw, encoding, nested)
    drawing = reader.drawing
    try:
        reader.parser.Parse(raw, True)
    except _Halt:
        pass
    except expat.ExpatError as error:
        drawing.fault, drawing.error = "markup", expat.ErrorString(error.code)
        drawing.line, drawing.column = error.lineno, error.offset + 1
    except (LookupError, ValueError) as error:
        # An encoding that Python does not know, or that has several bytes a letter.
        drawing.fault, drawing.error = "encoding", str(error)
    drawing.shapes, drawing.chain, drawing.endless = reader.repeats.count()
    return drawing


class _Reader:
    """Follows a parse with namespaces known, so that no choice of prefixes hides anything."""

    def __init__(self, raw: bytes, encoding: str | None, nested: int) -> None:
        self.drawing = Drawing()
        self.repeats = Repeats()
        self._raw, self._nested = raw, nested
        self._known: set[tuple[str, str]] = set()
        self._styles: list[str] | None = None
        self._entities = 0
        self._depth = 0
        self._pages: list[int] = []
        """How deep the open elements of a page stand: a page is told once, not tag by tag."""
        self._based = False
        """An xml:base that leads elsewhere was told: so are the addresses that lead there because of it."""
        self.parser = expat.ParserCreate(encoding, " ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.ProcessingInstructionHandler = self._instruction

    def _add(self, sort: FeatureSort, what: str) -> None:
        shown = what if len(what) <= 80 else f"{what[:79]}…"
        if (sort, shown) not in self._known and len(self._known) < _MOST_FEATURES:
            self._known.add((sort, shown))
            place = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
            self.drawing.features.append(Feature(sort, shown, *place))

    def _broken(self, fault: Fault, reason: str) -> None:
        self.drawing.fault, self.drawing.error = fault, reason
        self.drawing.line, self.drawing.column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        raise _Halt

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        tag = local.lower()
        if not self._depth:
            self._root(space, local, attributes)
        self._depth += 1
        if self._depth > MOST_DEEP:
            self._broken("depth", f"> {MOST_DEEP}")
        live = space in {SVG, XHTML, ""}
        page = space == XHTML and (tag not in {"meta", "title"} or "http-equiv" in attributes)
        # Illustrator keeps its own copy of a drawing where no browser looks.
        kept = tag == "foreignobject" and bool(attributes.get("requiredExtensions", "").strip())
        page = page or (live and tag in _PAGES and not kept)
        if not self._pages and page and tag not in _PROGRAMS:
            self._add("page", f"<{local}>")
        elif not self._pages and live and tag in _PROGRAMS:
            self._add("program", f"<{local}>")
        if page:
            self._pages.append(self._depth)
        targets: list[str] = []
        if not self._pages and (live or space == _INCLUDE):
            if tag == "style":
                self._styles = []
            for key, value in attributes.items():
                targets += self._attribute(tag, key, value, attributes)
        self.repeats.start(attributes.get("id", ""), targets)

    def _root(self, space: str, local: str, attributes: dict[str, str]) -> None:
        if local != "svg":
            self._broken("root", f"<{local}>")
        if space != SVG:
            # Read on: put into a page, it would be drawn and run all the same.
            self.drawing.fault, self.drawing.error = "namespace", space or "xmlns"
        self.drawing.size = _size(attributes)

    def _attribute(self, tag: str, key: str, value: str, attributes: dict[str, str]) -> list[str]:
        """Judges one attribute; the names inside the drawing that it makes the element repeat."""
        space, _, local = key.rpartition(" ")
        if space == _XML and local == "base" and value.strip():
            self._based = True
            self._add("outside", f"xml:base={value.strip()}")
        if space in {"", XLINK} and local in {"href", "src", "data"}:
            if tag in _PROGRAMS:
                return []
            own = self._address(tag, value)
            return [own] if own and tag in _REPEATS else []
        if space:
            return []
        if _HANDLER.fullmatch(local):
            self._add("program", local)
        if tag in _ANIMATIONS and local == "attributeName":
            self._animation(value.rpartition(":")[2].strip(), attributes)
        if local in _PAINTED:
            self._style(tag, value)
            return _OWN.findall(value)
        return []

    def _animation(self, animated: str, attributes: dict[str, str]) -> None:
        if _HANDLER.fullmatch(animated):
            self._add("program", f"attributeName={animated}")
        if animated.lower() == "href":
            for each in (*map(attributes.get, ("from", "to", "by")), *_values(attributes.get("values", ""))):
                self._address("animate", each or "")

    def _address(self, tag: str, written: str) -> str:
        """Judges an address; the name of a part of this drawing, where it is one."""
        address = written.strip(_BLANK)
        if "\n" in address or "\t" in address or "\r" in address:
            # Browsers leave these out, also in the middle of a scheme.
            address = re.sub(r"[\t\n\r]", "", address)
        if not address or address.startswith("#"):
            return address[1:]
        scheme = _SCHEME.match(address)
        named = scheme[1].lower() if scheme else ""
        if named in _CODE_SCHEMES:
            self._add("program", address)
        elif named == "data":
            self._data(address)
        elif tag == "a" and named != "file":
            self._add("link", address)
        elif named or address.startswith(("//", "\\")) or not self._based:
            self._add("outside", address)
        return ""

    def _data(self, address: str) -> None:
        content = data_content(address)
        if content == b"":
            return
        if content is None or not is_drawing_part(content):
            self._add("smuggled", f"data:{media_type(address)}")
            return
        self._add("embedded", f"data:{media_type(address)}")
        self._picture(content, address)

    def _picture(self, content: bytes, address: str) -> None:
        sort = picture_format(content[:65_536])
        if sort == "SVG" and self._nested == _MOST_NESTED:
            self._add("smuggled", f"data:{media_type(address)}")
        elif sort == "SVG" and self.drawing.styles <= MOST_STYLES:
            inner = read_svg(content, nested=self._nested + 1)
            self.drawing.styles += inner.styles
            for each in inner.features:
                self._add(each.sort, each.what)
            self._larger(*inner.largest)
        elif sort not in {None, "SVG"}:
            layout = {"JPEG": walk_jpeg, "PNG": walk_png, "GIF": walk_gif}[sort](content)
            self._larger(layout.width, layout.height)

    def _larger(self, width: int, height: int) -> None:
        largest = self.drawing.largest
        self.drawing.largest = max(largest, (width, height), key=lambda each: each[0] * each[1])

    def _end(self, name: str) -> None:
        if self._pages and self._pages[-1] == self._depth:
            self._pages.pop()
        self._depth -= 1
        self.repeats.end()
        if self._styles is not None and name.rpartition(" ")[2].lower() == "style":
            self._style("style", "".join(self._styles))
            self._styles = None

    def _style(self, tag: str, text: str) -> None:
        self.drawing.styles += effort(text)
        if self.drawing.styles <= MOST_STYLES:
            for address in style_references(text):
                self._address(tag, address)

    def _text(self, words: str) -> None:
        if self._styles is not None:
            self._styles.append(words)

    def _doctype(self, _name: str, system: str | None, public: str | None, _subset: bool) -> None:
        self._add("doctype", "<!DOCTYPE>")
        known = (public or "").startswith("-//W3C//DTD SVG") or re.match(r"https?://www\.w3\.org/", system or "")
        if system and not known:
            self._add("entity", system)

    def _entity(
        self,
        name: str,
        parameter: bool,
        value: str | None,
        _base: str | None,
        system: str | None,
        _public: str | None,
        _notation: str | None,
    ) -> None:
        if name in {"lt", "gt", "amp", "quot", "apos"} and not parameter and value is not None:
            return
        # Old drawing programs declare short names for namespaces; anything more is a trick.
        self._entities += 1
        tricky = parameter or value is None or len(value) > _MOST_ENTITY or bool(re.search("[&%<]", value))
        if not tricky and value is not None:
            repeated = self._raw.count(f"&{name};".encode()) * len(value)
            tricky = repeated > _MOST_REPEATED or self._entities > _MOST_ENTITIES
        if tricky:
            self._add("entity", f"{'%' if parameter else ''}{name}" + (f" → {system}" if system else ""))
            self.drawing.halted = True
            raise _Halt

    def _instruction(self, target: str, data: str) -> None:
        if target.lower() == "xml-stylesheet":
            wanted = re.search(r"href\s*=\s*[\"']([^\"']*)", data)
            kind = re.search(r"type\s*=\s*[\"']\s*([^\"';\s]*)", data)
            # Whatever is not CSS is tried as a style sheet of XSLT, which can write a page with scripts.
            if "xsl" in data.lower() or (kind is not None and kind[1].lower() != "text/css"):
                self._add("program", f"<?{target} {data}?>")
            elif wanted is not None:
                self._address("style", wanted[1])


def _values(written: str) -> list[str]:
    """The addresses of a list. The semicolons in the head of a data: address are its own, those behind it are not."""
    addresses: list[str] = []
    for each in written.split(";"):
        last = addresses[-1].strip(_BLANK).lower() if addresses else ""
        if last.startswith("data:") and "," not in last and ":" not in each:
            addresses[-1] += f";{each}"
        else:
            addresses.append(each)
    return addresses


def _size(attributes: dict[str, str]) -> tuple[float, float] | None:
    wide, high = (_pixels(attributes.get(key, "")) for key in ("width", "height"))
    box = [_pixels(part) for part in re.split(r"[\s,]+", attributes.get("viewBox", "").strip())[2:4]]
    if len(box) == 2 and min(box) > 0:
        wide = wide or (high * box[0] / box[1] if high else box[0])
        high = high or wide * box[1] / box[0]
    return (wide, high) if wide and high else None


def _pixels(length: str) -> float:
    """A length in CSS pixels; 0 for none, a share, or one that no screen has."""
    match = _LENGTH.fullmatch(length)
    try:
        pixels = float(match[1]) * _PIXELS[match[2].lower()] if match else 0.0
    except ValueError:
        return 0.0
    return pixels if pixels < 1e6 else 0.0
