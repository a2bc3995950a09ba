"""References in JSON and XML manifests: web app manifests, SCORM, H5P. In all other data only addresses are noted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipeline.package.model import Reference, Use
from pipeline.package.places import Places

_ADDRESS = re.compile(r"(?:https?|wss?|ftp):(?:\\?/){2}[^\s\"'<>`\\]{3,2000}(?:\\/[^\s\"'<>`\\]*)*")
_MOST_ADDRESSES = 1000
_SCORM = re.compile(r"<(?:\w+:)?(?:file|resource)\s[^<>]{0,2000}?\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_XML_BASE = re.compile(r"\bxml:base\s*=")
_MOST_FILES = 50_000

Found = tuple[str, Use, str]


def read_json(name: str, text: str) -> tuple[Reference, ...]:
    """References of a JSON file: files in the fields of known manifests, addresses anywhere as mentions."""
    last = name.rpartition("/")[2].lower()
    reader = "webmanifest" if last.endswith(".webmanifest") else last
    fields = _FIELDS.get(reader)
    known: list[Found] = []
    if fields is not None:
        try:
            entry = json.loads(text)
        except (ValueError, RecursionError):
            entry = None
        if isinstance(entry, dict):
            known = [each for each in fields(entry) if each[0]]
    places = Places(text)
    return (*_located(known, text, places), *_addresses(text, places, {url for url, _, _ in known}))


def read_xml_data(name: str, text: str) -> tuple[Reference, ...]:
    """References of an XML data file: the files of a SCORM manifest, addresses anywhere else as mentions."""
    places = Places(text)
    if name.rpartition("/")[2].lower() != "imsmanifest.xml":
        return tuple(_addresses(text, places, set()))
    if _XML_BASE.search(text):
        # Paths are then relative to bases that nest; rare, and no browser loads them anyway.
        return ()
    from html import unescape

    listed = []
    for number, found in enumerate(_SCORM.finditer(text)):
        if number == _MOST_FILES:
            break
        url = unescape(found[1] if found[1] is not None else found[2])
        listed.append(Reference(url, "media", "imsmanifest.xml", *places.of(found.start())))
    return tuple(listed)


def _located(known: list[Found], text: str, places: Places) -> Iterator[Reference]:
    at = 0
    for url, use, how in known:
        found = text.find(json.dumps(url, ensure_ascii=False), at)
        at = max(at, found)
        yield Reference(url, use, how, *(places.of(found) if found >= 0 else (1, 1)))


def _addresses(text: str, places: Places, known: set[str]) -> Iterator[Reference]:
    for number, found in enumerate(_ADDRESS.finditer(text)):
        if number == _MOST_ADDRESSES:
            return
        url = found[0].replace("\\/", "/")
        if url not in known:
            yield Reference(url, "mention", "text", *places.of(found.start()))


def _web_app(entry: Mapping[str, Any]) -> Iterator[Found]:
    if not {"start_url", "icons", "display", "short_name"} & entry.keys():
        return
    if isinstance(entry.get("start_url"), str):
        yield entry["start_url"], "link", "start_url"
    for key in ("icons", "screenshots"):
        for each in _dicts(entry.get(key)):
            yield _text(each, "src"), "media", key
    for each in _dicts(entry.get("shortcuts")):
        yield _text(each, "url"), "link", "shortcuts"


def _h5p_library(entry: Mapping[str, Any]) -> Iterator[Found]:
    lists: tuple[tuple[str, Use], ...] = (("preloadedJs", "code"), ("preloadedCss", "style"))
    for key, use in lists:
        for each in _dicts(entry.get(key)):
            yield _text(each, "path"), use, key


def _h5p_content(entry: Mapping[str, Any]) -> Iterator[Found]:
    """Files of an H5P content: objects with a path and a MIME type, wherever they stand."""
    waiting: list[Any] = [entry]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if isinstance(each.get("mime"), str):
                # H5P marks freshly uploaded files so.
                yield _text(each, "path").removesuffix("#tmp"), "media", "path"
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


_FIELDS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Found]]] = {
    "webmanifest": _web_app,
    "manifest.json": _web_app,
    "library.json": _h5p_library,
    "content.json": _h5p_content,
}


def _dicts(value: Any) -> Iterator[Mapping[str, Any]]:
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            yield each


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""
