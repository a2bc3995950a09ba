"""Which picture format a file is, by its first bytes and never by its name."""

from __future__ import annotations

import re
import zlib
from typing import Literal

from pipeline.media import sniff

Format = Literal["JPEG", "PNG", "GIF", "SVG"]

EXTENSIONS: dict[Format, tuple[str, ...]] = {
    "JPEG": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "GIF": (".gif",),
    "SVG": (".svg",),
}
"""order-121 §45 1): the names under which pictures are handed in."""

_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"8BPS", "PSD"),
    (b"gimp xcf", "XCF"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"\xd7\xcd\xc6\x9a", "WMF"),
    (b"AT&TFORM", "DjVu"),
    (b"%!PS", "EPS"),
)
_BRANDS = {
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"heim": "HEIC",
    b"heis": "HEIC",
    b"hevc": "HEIC",
    b"mif1": "HEIF",
    b"msf1": "HEIF",
}
_NO_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "MS Office"),
)
_BEFORE_MARKUP = ((b"<!--", b"-->"), (b"<?", b"?>"))
"""How what may stand before the first element begins and ends."""
_BLANKS = re.compile(rb"\s*")
_SVG_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,40}:)?svg[\s>/]", re.IGNORECASE)
_SVG_TYPE = re.compile(rb"<!DOCTYPE\s+svg[\s>\[]")
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def picture_format(head: bytes) -> Format | None:
    """The format among those of the order that the first bytes announce."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    # Only the first four bytes: a PNG sent as text has lost the line ends behind them, and is a broken PNG.
    if head.startswith(b"\x89PNG"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    return "SVG" if _is_drawing(head) else None


def other_picture(head: bytes) -> str:
    """The name of a picture format that the order does not know; empty when this is no picture at all."""
    if head[:4] == b"RIFF":
        return {b"WEBP": "WebP", b"CDR": "CorelDRAW"}.get(head[8:12].rstrip(b"0123456789A"), "")
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "")
    if head[:2] == b"BM" and head[6:10] == b"\x00\x00\x00\x00":
        return "BMP"
    if head[40:44] == b" EMF":
        return "EMF"
    if head[:2] == b"\x1f\x8b" and _is_drawing(_unpacked(head)):
        return "SVGZ"
    return next((name for magic, name in _OTHERS if head.startswith(magic)), "")


def nature(head: bytes) -> str:
    """In a word, what a file is that is no picture: "ZIP", "HTML", "MP4/MOV", "text"; "?" for unknown bytes."""
    known = next((name for magic, name in _NO_PICTURES if head.startswith(magic)), "")
    if known:
        return known
    if _PAGE.search(head[:4096]):
        return "HTML"
    media = sniff.sniff_bytes(head[: sniff.HEAD_BYTES])
    if media is not None:
        return media.name
    return "XML" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml") else "text" if _is_text(head) else "?"


def _is_drawing(head: bytes) -> bool:
    """Whether the first element is <svg>, whatever stands before it in an XML file."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")):
        little = head.startswith((b"\xff\xfe", b"<\x00"))
        head = head.decode("utf-16-le" if little else "utf-16-be", "ignore").lstrip("\ufeff").encode()
    bare = _without_prolog(head.removeprefix(b"\xef\xbb\xbf"))
    if _SVG_TYPE.match(bare):
        return True
    if not bare.startswith(b"<"):
        return False
    root = _SVG_ROOT.search(bare)
    return root is not None and not _PAGE.search(bare, 0, root.start())


def _without_prolog(head: bytes) -> bytes:
    """What begins with the first element or the document type: comments and instructions are stepped over."""
    at, found = 0, True
    while found:
        at = _BLANKS.match(head, at).end()  # type: ignore[union-attr]
        found = False
        for begin, end in _BEFORE_MARKUP:
            behind = head.find(end, at) if head.startswith(begin, at) else -1
            if behind >= 0:
                at, found = behind + len(end), True
    return head[at:]


def _unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head, 4096)
    except zlib.error:
        return b""


def _is_text(head: bytes) -> bool:
    if not head.strip() or b"\x00" in head:
        return False
    try:
        # The last character may be cut in two.
        head[:-4].decode("utf-8") if len(head) > 4 else head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
