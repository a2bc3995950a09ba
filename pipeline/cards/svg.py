"""Judging a hostile SVG before the typesetter draws it."""

from __future__ import annotations

import re
from xml.parsers import expat

SVG = "http://www.w3.org/2000/svg"
MAX_BYTES = 10_000_000
MAX_SHAPES = 100_000
"""Elements after every <use> is followed: a small file can ask for millions."""

_LENGTH = re.compile(r"\s*([0-9.]+(?:e[+-]?\d+)?)\s*(px|pt|mm|cm|in|pc|)\s*", re.IGNORECASE)
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_OUTSIDE_STYLE = re.compile(r"@import|url\(\s*['\"]?\s*(?!#|['\"]?#)[^)\s]|\\", re.IGNORECASE)
_FORBIDDEN = {"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "handler", "listener"}


class UnsafeSvgError(Exception):
    """Carries a short reason: the thing found."""


class _Reader:
    """Follows a parse: refuses what is unsafe, and counts shapes and <use> by the ids they stand under."""

    def __init__(self) -> None:
        self.size: tuple[float, float] | None = None
        self._open: list[str] = []
        self._owners: list[str] = []
        self._styles: list[str] = []
        self._uses: dict[str, list[str]] = {"": []}
        self._shapes: dict[str, int] = {"": 0}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _local(name)
        if not self._open:
            prefix = name.rpartition(":")[0]
            if tag != "svg" or attributes.get(f"xmlns:{prefix}" if prefix else "xmlns") != SVG:
                raise UnsafeSvgError("no <svg>")
            self.size = _size(attributes)
        if tag in _FORBIDDEN:
            raise UnsafeSvgError(f"<{tag}>")
        for key, value in attributes.items():
            _judge_attribute(tag, _local(key), value)
        self._count(tag, attributes)
        self._open.append(tag)

    def _count(self, tag: str, attributes: dict[str, str]) -> None:
        for owner in {"", *self._owners}:
            self._shapes[owner] += 1
        identity = attributes.get("id", "")
        self._owners.append(identity)
        self._shapes.setdefault(identity, 0)
        self._uses.setdefault(identity, [])
        target = next((value for key, value in attributes.items() if _local(key) == "href"), "").removeprefix("#")
        # Patterns, masks, markers and gradients repeat what they name, just as <use> does.
        named = re.findall(r"url\(\s*['\"]?#([^'\")]+)", " ".join(attributes.values()))
        for owner in {"", *self._owners}:
            self._uses[owner] += [each for each in (target, *named) if each]

    def end(self, name: str) -> None:
        if _local(name) == "style" and _OUTSIDE_STYLE.search("".join(self._styles)):
            raise UnsafeSvgError("<style> url()")
        self._open.pop()
        self._owners.pop()

    def text(self, words: str) -> None:
        if self._open and self._open[-1] == "style":
            self._styles.append(words)

    def doctype(self, *_: object) -> None:
        raise UnsafeSvgError("<!DOCTYPE>")

    def instruction(self, target: str, _: str) -> None:
        if target.lower() == "xml-stylesheet":
            raise UnsafeSvgError("<?xml-stylesheet?>")

    def shapes(self) -> int:
        """Elements that would be drawn; raises UnsafeSvgError when one draws itself or there are too many."""
        known: dict[str, int] = {}

        def follow(identity: str, above: tuple[str, ...]) -> int:
            if identity in above:
                raise UnsafeSvgError("<use> of itself")
            if len(above) > 100:
                raise UnsafeSvgError("<use> too deep")
            if identity not in known:
                below = sum(follow(each, (*above, identity)) for each in self._uses.get(identity, []))
                known[identity] = self._shapes.get(identity, 0) + below
                if known[identity] > MAX_SHAPES:
                    raise UnsafeSvgError(f"> {MAX_SHAPES} shapes")
            return known[identity]

        return follow("", ())


def judge_svg(raw: bytes) -> tuple[float, float]:
    """The size an SVG asks for (CSS pixels). Raises UnsafeSvgError for programs, outside references, and bombs."""
    if len(raw) > MAX_BYTES:
        raise UnsafeSvgError(f"> {MAX_BYTES // 1_000_000} MB")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnsafeSvgError("not UTF-8") from error
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.EntityDeclHandler = reader.doctype
    parser.ProcessingInstructionHandler = reader.instruction
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise UnsafeSvgError(f"XML: {error}") from error
    reader.shapes()
    if reader.size is None:
        raise UnsafeSvgError("no <svg>")
    return reader.size


def _judge_attribute(tag: str, key: str, value: str) -> None:
    if key.startswith("on"):
        raise UnsafeSvgError(key)
    if key in {"href", "src", "data"} and not value.strip().startswith("#") and tag != "a":
        raise UnsafeSvgError(f"{key}={value.strip()[:40]}")
    if key == "base" and value.strip():
        raise UnsafeSvgError("xml:base")
    if ("url(" in value.lower() and _OUTSIDE_STYLE.search(value)) or ("\\" in value and key == "style"):
        raise UnsafeSvgError(f"{key}: url()")


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _size(attributes: dict[str, str]) -> tuple[float, float]:
    wide, high = (_pixels(attributes.get(key, "")) for key in ("width", "height"))
    box = [_pixels(part) for part in re.split(r"[\s,]+", attributes.get("viewBox", "").strip())[2:4]]
    if len(box) == 2 and min(box) > 0:
        wide = wide or (high * box[0] / box[1] if high else box[0])
        high = high or wide * box[1] / box[0]
    if not wide or not high or max(wide, high) > 100 * min(wide, high):
        raise UnsafeSvgError("no size")
    return wide, high


def _pixels(length: str) -> float:
    """A length in CSS pixels; 0 for none, a share, or one that no screen has."""
    match = _LENGTH.fullmatch(length)
    try:
        pixels = float(match[1]) * _PIXELS[match[2].lower()] if match else 0.0
    except ValueError:
        return 0.0
    return pixels if pixels < 1e6 else 0.0
