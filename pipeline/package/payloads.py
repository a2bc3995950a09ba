"""data: URLs: files that a reference carries in itself."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from pipeline.package.model import Reference

_HEAD = re.compile(r"data:([^,]{0,400}),", re.I)
_HEAD_BYTES = 4096
_MAY_BE_DATA = frozenset("dD \t\n\r\f")
SHOWN = 120
"""Characters that are kept of such a URL: the rest is its content."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A file inside a data: URL, and the reference it stands in (its URL cut short)."""

    reference: Reference
    mime: str
    head: bytes
    size: int
    """Bytes of the content, roughly."""


def is_data(url: str) -> bool:
    """Whether a URL carries its content."""
    # Most URLs are told apart by their first letter.
    return url[:1] in _MAY_BE_DATA and url[:64].lstrip()[:5].lower() == "data:"


def payload(reference: Reference, shown: Reference) -> Payload:
    """What a data: URL carries; of broken ones as much as can be read. `shown` is the reference with its URL cut."""
    mime, encoded, start = _opened(reference.url)
    length = len(reference.url) - start
    size = length * 3 // 4 if encoded else length
    return Payload(shown, mime, content(reference.url, _HEAD_BYTES), size)


def content(url: str, limit: int) -> bytes:
    """The content of a data: URL, at most about `limit` bytes."""
    _, encoded, start = _opened(url)
    raw = unquote_to_bytes(url[start : start + limit * 3])
    if not encoded:
        return raw[:limit]
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)[: limit * 4 // 3 // 4 * 4]
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return b""


def _opened(url: str) -> tuple[str, bool, int]:
    """MIME type, whether the content is in base64, and where it begins."""
    blank = len(url) - len(url.lstrip())
    found = _HEAD.match(url, blank)
    if found is None:
        return "", False, len(url)
    words = [word.strip().lower() for word in found[1].split(";")]
    return words[0] or "text/plain", words[-1] == "base64" and len(words) > 1, found.end()
