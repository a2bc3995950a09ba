"""The characters of a text file, told as browsers tell them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

PRESCANNED = 1024
"""A browser looks for the declaration in this many bytes."""

How = Literal["bom", "meta", "xml", "css"]

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.S)
_META = re.compile(rb"<meta\s[^>]{0,512}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.I)
_XML = re.compile(rb"\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{1,40})")
_CSS = re.compile(rb"@charset \"([\w:.-]{1,40})\";")


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared character set. `codec` is "" for a label that no browser knows."""

    label: str
    codec: str
    how: How
    offset: int
    """Bytes from the file's beginning."""


def declaration(data: bytes, *, within: int = PRESCANNED) -> Declared | None:
    """What the first bytes of a page, XML file or style sheet declare."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return Declared(codec, codec, "bom", 0)
    head = data[:within]
    kinds: tuple[tuple[re.Pattern[bytes], How], ...] = ((_XML, "xml"), (_CSS, "css"))
    for pattern, how in kinds:
        found = pattern.match(head)
        if found:
            return _declared(found, how)
    # A comment is blanked and not cut out, so that offsets stay true.
    plain = _COMMENT.sub(lambda comment: b" " * len(comment[0]), head)
    meta = _META.search(plain)
    return _declared(meta, "meta") if meta else None


def decode(data: bytes, declared: Declared | None) -> str:
    """The text: by declaration, else UTF-8 where that is possible, else Windows Cyrillic. Lines end in line feeds."""
    codec = declared.codec if declared else ""
    try:
        text = data.decode(codec or "utf-8")
    except UnicodeDecodeError:
        text = data.decode(codec or ("utf-8" if is_utf8(data) else "cp1251"), errors="replace")
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8 throughout; a character cut off at the end is forgiven."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def _declared(found: re.Match[bytes], how: How) -> Declared:
    import webencodings

    label = found[1].decode("ascii", "replace")
    encoding = webencodings.lookup(label)
    if encoding is None:
        return Declared(label, "", how, found.start())
    codec = encoding.codec_info.name
    # The bytes could be read as ASCII to get here, so they are not UTF-16 whatever they say.
    return Declared(label, "utf-8" if codec.startswith("utf-16") else codec, how, found.start())
