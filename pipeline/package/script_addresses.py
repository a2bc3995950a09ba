"""Addresses in the strings of scripts, and in the markup that scripts write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.package.constants import Text, Value
from pipeline.package.model import Use
from pipeline.package.script_calls import TAGS

_BEGUN = re.compile(
    r"(?:(?:https?|wss?|ftp):)?//(?:[^/?#\s]+[/?#]|(?:[^/?#\s@]+@)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?::\d+)?\Z)", re.I
)
"""The beginning of an address that tells its host. A host that ends where the unknown begins counts as whole: what is
added to an origin is nearly always a path."""

_ANY_SCHEME = re.compile(r"//[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:[:/?#]|\Z)", re.I)
_MENTION = re.compile(r"(?:https?|wss?|ftp)://[^\s/?#<>\"'`\\]+\S*|//[\w-]+(?:\.[\w-]+)+(?:[:/?#]\S*)?", re.I)
_HOST_WITH_DOT = re.compile(r"(?:\w+:)?//(?:[^/?#]*\.[^/?#.]|localhost\b|\[)", re.I)
_NAMESPACE = re.compile(
    r"https?://(?:www\.w3\.org/(?:\d{4}/|TR/|XML/|ns/)|schemas?\.|ns\.|purl\.org/|xml\.org/|xmlns\.|www\.xfa\.org/)",
    re.I,
)
_TAG = re.compile(
    r"<(script|img|iframe|frame|embed|object|link|video|audio|source|track|form|a|base)\b([^<>]{0,2000})>?", re.I
)
_TAG_URL = re.compile(r"\b(src|href|data|action)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.I)
_SCRIPT = re.compile(r"<script\b[^<>]{0,2000}>(.{1,20000}?)</script", re.I | re.S)
_HANDLER = re.compile(
    r"<[a-z][^<>]{0,2000}?\bon[a-z]{3,20}\s*=\s*(?:\"([^\"]{1,20000})\"|'([^']{1,20000})'|([^\s\"'>]{1,2000}))", re.I
)
_UNKNOWN = "\ufffd"


def address(value: Value | None) -> str | None:
    """A URL as far as it is known: all of it, or its beginning if that tells the host."""
    if not isinstance(value, Text):
        return None
    if value.whole is not None:
        return value.whole
    start = value.start
    if not start and len(value.pieces) > 1:
        # `location.protocol + "//host/path"`
        start = value.pieces[1] or ""
        return start if _ANY_SCHEME.match(start) and (len(value.pieces) == 2 or _BEGUN.match(start)) else None
    return start if _BEGUN.match(start) else None


def mentioned(value: Text) -> str | None:
    """The URL that a string is, if it is one from end to end."""
    url = address(value)
    return url if url is not None and _MENTION.fullmatch(url) and _HOST_WITH_DOT.match(url) else None


def names_a_namespace(url: str) -> bool:
    """Whether a URL only names a vocabulary."""
    return _NAMESPACE.match(url) is not None


def tags_in(markup: Text) -> Iterator[tuple[str, str, Use]]:
    """Tag, URL and use of what markup loads; addresses with unknown parts are left out."""
    for tag, attributes in _TAG.findall(_UNKNOWN.join(markup.known)):
        for name, *quoted in _TAG_URL.findall(attributes):
            url = "".join(quoted)
            use = _use(tag.lower(), name.lower(), attributes)
            if use is not None and url and _UNKNOWN not in url.split("?")[0]:
                yield tag.lower(), url, use


def scripts_in(markup: Text) -> list[str]:
    """The programs inside markup."""
    return _SCRIPT.findall(_UNKNOWN.join(markup.known))


def handlers_in(markup: Text) -> list[str]:
    """The programs in event handlers of markup, of which a part of a page that is put in later runs too."""
    return ["".join(found) for found in _HANDLER.findall(_UNKNOWN.join(markup.known))]


def _use(tag: str, name: str, attributes: str) -> Use | None:
    if (tag, name) in {("form", "action"), ("a", "href")}:
        return "submits" if tag == "form" else "link"
    if (tag, name) == ("link", "href"):
        return "style" if "stylesheet" in attributes.lower() else "mention"
    if name == "src" or (tag, name) == ("object", "data"):
        return TAGS.get(tag, "media")
    return None
