"""What elements and attributes of HTML and SVG load, link to, or run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.package.model import Use

Loads = tuple[str, Use, str]
"""URL, use, construct."""


@dataclass(frozen=True, slots=True)
class InlineScript:
    """A program inside a page: a <script> element, an event handler, a javascript: URL."""

    text: str
    line: int
    column: int
    module: bool = False
    body: bool = False
    """An event handler or a javascript: URL, where `return` may stand alone."""


@dataclass(frozen=True, slots=True)
class Field:
    """A form field that a person fills in, in lower case: what programs call it, and what people read of it."""

    kind: str
    words: str
    shown: str
    line: int
    column: int


_EVERYWHERE: dict[str, Use] = {"background": "media", "cite": "mention", "longdesc": "link", "ping": "connects"}
_ATTRIBUTES: dict[tuple[str, str], Use] = {
    ("a", "download"): "mention",
    ("a", "href"): "link",
    ("animate", "href"): "mention",
    ("animatemotion", "href"): "mention",
    ("animatetransform", "href"): "mention",
    ("applet", "codebase"): "mention",
    ("area", "href"): "link",
    ("audio", "src"): "media",
    ("button", "formaction"): "submits",
    ("embed", "src"): "media",
    ("feimage", "href"): "media",
    ("form", "action"): "submits",
    ("frame", "src"): "frame",
    ("iframe", "src"): "frame",
    ("image", "href"): "media",
    ("img", "src"): "media",
    ("img", "lowsrc"): "media",
    ("img", "dynsrc"): "media",
    ("input", "formaction"): "submits",
    ("input", "src"): "media",
    ("object", "codebase"): "mention",
    ("portal", "src"): "frame",
    ("script", "href"): "code",
    ("script", "src"): "code",
    ("source", "src"): "media",
    ("track", "src"): "media",
    ("use", "href"): "media",
    ("video", "poster"): "media",
    ("video", "src"): "media",
}
_SETS = {("img", "srcset"), ("source", "srcset"), ("link", "imagesrcset")}
_LAZY = {"data-src", "data-original", "data-lazy", "data-background", "data-poster"}
_LAZY_SETS = {"data-srcset"}
_REL: tuple[tuple[str, Use], ...] = (
    ("stylesheet", "style"),
    ("modulepreload", "code"),
    ("import", "code"),
    ("prerender", "frame"),
    ("preconnect", "connects"),
    ("dns-prefetch", "connects"),
    ("icon", "media"),
    ("apple-touch-icon", "media"),
    ("apple-touch-icon-precomposed", "media"),
    ("apple-touch-startup-image", "media"),
    ("mask-icon", "media"),
    ("manifest", "media"),
)
_AS: dict[str, Use] = {"script": "code", "worker": "code", "style": "style", "document": "frame"}
_JAVASCRIPT = {
    "",
    "module",
    "text/javascript",
    "application/javascript",
    "application/x-javascript",
    "text/x-javascript",
    "text/ecmascript",
    "application/ecmascript",
    "text/jscript",
    "text/livescript",
    *(f"text/javascript1.{minor}" for minor in range(6)),
}
_REFRESH = re.compile(r"\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?[\"']?([^\"']*)", re.I)
_CANDIDATE = re.compile(r"[\s,]*+(\S+)")
_DESCRIPTORS = re.compile(r"(?:[^,(]++|\([^)]*+\)?)*+,?")
_SCRIPT_URL = re.compile(r"[\x00-\x20]*j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t\s*:", re.I)

_EVENTS = """
    abort afterprint animationcancel animationend animationiteration animationstart auxclick beforecopy beforecut
    beforeinput beforepaste beforeprint beforetoggle beforeunload begin blur bounce cancel canplay canplaythrough change
    click close command contextmenu copy cuechange cut dblclick drag dragend dragenter dragexit dragleave dragover
    dragstart drop durationchange emptied end ended error finish focus focusin focusout formdata fullscreenchange
    gotpointercapture hashchange input invalid keydown keypress keyup languagechange load loadeddata loadedmetadata
    loadend loadstart lostpointercapture message messageerror mousedown mouseenter mouseleave mousemove mouseout
    mouseover mouseup mousewheel offline online orientationchange pagehide pageshow paste pause play playing
    pointercancel pointerdown pointerenter pointerleave pointermove pointerout pointerover pointerrawupdate pointerup
    popstate progress propertychange ratechange readystatechange rejectionhandled repeat reset resize scroll scrollend
    search securitypolicyviolation seeked seeking select selectionchange selectstart show slotchange stalled start
    storage submit suspend timeupdate toggle touchcancel touchend touchmove touchstart transitioncancel transitionend
    transitionrun transitionstart unhandledrejection unload volumechange waiting webkitanimationend
    webkittransitionend wheel zoom
"""
_HANDLERS = {f"on{event}" for event in _EVENTS.split()}

Attributes = Mapping[str, str]


def loads(tag: str, attributes: Attributes) -> Iterator[Loads]:
    """Every URL that an element's attributes carry; names of both are lower case, without prefixes."""
    special = _SPECIAL.get(tag)
    if special is not None:
        yield from special(attributes)
    for name, value in attributes.items():
        use = _ATTRIBUTES.get((tag, name)) or _EVERYWHERE.get(name)
        if use is not None:
            for url in value.split() if name == "ping" else (value,):
                yield url, use, _construct(tag, name)
        elif (tag, name) in _SETS or name in _LAZY_SETS:
            for url in candidates(value):
                yield url, "media", _construct(tag, name)
        elif name in _LAZY:
            yield value, "frame" if tag == "iframe" else "media", _construct(tag, name)


def _construct(tag: str, name: str) -> str:
    return f"<{tag} {name}>"


def _link(attributes: Attributes) -> Iterator[Loads]:
    url = attributes.get("href")
    if url is None:
        return
    words = attributes.get("rel", "").lower().split()
    use: Use = next((use for word, use in _REL if word in words), "mention")
    if use == "mention" and {"preload", "prefetch"} & set(words):
        use = _AS.get(attributes.get("as", "").lower(), "media")
    yield url, use, f"<link rel={' '.join(words)[:40]}>"


def _meta(attributes: Attributes) -> Iterator[Loads]:
    content = attributes.get("content", "")
    if attributes.get("http-equiv", "").strip().lower() == "refresh":
        found = _REFRESH.match(content)
        if found and found[1].strip():
            yield found[1].strip(), "frame", "<meta refresh>"
    elif content.lower().startswith(("http://", "https://", "//")):
        yield content, "mention", "<meta content>"


def _object(attributes: Attributes) -> Iterator[Loads]:
    if "data" in attributes:
        page = "html" in attributes.get("type", "").lower() or attributes["data"].lower().endswith((".html", ".htm"))
        yield attributes["data"], "frame" if page else "media", "<object data>"


def _applet(attributes: Attributes) -> Iterator[Loads]:
    for url in attributes.get("archive", "").split(","):
        if url.strip():
            yield url.strip(), "code", "<applet archive>"
    if "code" in attributes:
        yield attributes["code"], "mention", "<applet code>"


def _param(attributes: Attributes) -> Iterator[Loads]:
    if attributes.get("name", "").lower() in {"movie", "src", "filename", "url"} and "value" in attributes:
        yield attributes["value"], "media", "<param value>"


_SPECIAL: dict[str, Callable[[Attributes], Iterator[Loads]]] = {
    "link": _link,
    "meta": _meta,
    "object": _object,
    "applet": _applet,
    "param": _param,
}


def candidates(srcset: str) -> Iterator[str]:
    """The URLs of a srcset attribute."""
    at = 0
    while found := _CANDIDATE.match(srcset, at):
        yield found[1].rstrip(",")
        at = found.end()
        if not found[1].endswith(","):
            descriptors = _DESCRIPTORS.match(srcset, at)
            at = descriptors.end() if descriptors else at


def runs(tag: str, attributes: Attributes) -> bool | None:
    """Whether a <script> element's own text runs: True as a module, False as a classic script, None not at all."""
    if tag != "script" or "src" in attributes or "href" in attributes:
        return None
    kind = attributes.get("type", attributes.get("language", "")).split(";")[0].strip().lower()
    kind = kind.removeprefix("javascript") if kind.startswith("javascript") else kind
    if kind not in _JAVASCRIPT and not re.fullmatch(r"1\.\d", kind):
        return None
    return kind == "module"


def handler(name: str) -> bool:
    """Whether an attribute holds an event handler."""
    return name in _HANDLERS


def script_of_url(url: str) -> str | None:
    """The program of a javascript: URL."""
    from urllib.parse import unquote

    found = _SCRIPT_URL.match(url)
    return unquote(url[found.end() :]) if found else None


def import_map(text: str) -> Iterator[Loads]:
    """The URLs of a <script type="importmap">."""
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(entry, dict):
        return
    scopes = entry.get("scopes")
    maps = [entry.get("imports"), *(scopes.values() if isinstance(scopes, dict) else ())]
    for each in maps:
        for url in each.values() if isinstance(each, dict) else ():
            # An address that ends in "/" stands for everything below it.
            if isinstance(url, str) and not url.endswith("/"):
                yield url, "code", "importmap"


CAPTURE = "capture"
"""Kind of a field that opens the camera or the microphone: `<input type=file capture>`."""


def field(tag: str, attributes: Attributes, labels: Iterable[str]) -> tuple[str, str, str] | None:
    """Kind of a form field that a person fills in, what programs call it, and what people read of it."""
    if tag == "input":
        kind = attributes.get("type", "text").strip().lower() or "text"
        if kind in {"hidden", "submit", "reset", "button", "image", "checkbox", "radio", "range", "color"}:
            return None
        if kind == "file" and "capture" in attributes:
            kind = CAPTURE
    elif tag in {"textarea", "select"}:
        kind = tag
    else:
        return None
    names = (attributes.get(name, "") for name in ("name", "id", "autocomplete"))
    hints = (attributes.get(name, "") for name in ("placeholder", "aria-label", "title"))
    return kind, _together(names), _together((*hints, *labels))


def _together(words: Iterable[str]) -> str:
    return " ".join(word for word in words if word)[:400].lower()
