"""What a file is that claims to be sound or video and is neither: told by its first bytes, so that it can be named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Nature = Literal["empty", "html", "playlist", "archive", "program", "picture", "document", "text"]

_MAGIC: tuple[tuple[bytes, Nature, str], ...] = (
    (b"PK\x03\x04", "archive", "ZIP"),
    (b"PK\x05\x06", "archive", "ZIP"),
    (b"Rar!\x1a\x07", "archive", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "archive", "7z"),
    (b"\x1f\x8b\x08", "archive", "gzip"),
    (b"BZh", "archive", "bzip2"),
    (b"\xfd7zXZ\x00", "archive", "xz"),
    (b"\x28\xb5\x2f\xfd", "archive", "Zstandard"),
    (b"MSCF", "archive", "CAB"),
    (b"MZ", "program", "EXE"),
    (b"\x7fELF", "program", "ELF"),
    (b"\xcf\xfa\xed\xfe", "program", "Mach-O"),
    (b"\xce\xfa\xed\xfe", "program", "Mach-O"),
    (b"\xca\xfe\xba\xbe", "program", "Mach-O/Java"),
    (b"dex\n", "program", "DEX"),
    (b"\x4c\x00\x00\x00\x01\x14\x02\x00", "program", "LNK"),
    (b"\xff\xd8\xff", "picture", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "picture", "PNG"),
    (b"GIF87a", "picture", "GIF"),
    (b"GIF89a", "picture", "GIF"),
    (b"BM", "picture", "BMP"),
    (b"II*\x00", "picture", "TIFF"),
    (b"MM\x00*", "picture", "TIFF"),
    (b"8BPS", "picture", "PSD"),
    (b"%PDF-", "document", "PDF"),
    (b"{\\rtf", "document", "RTF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "document", "DOC/XLS/PPT"),
    (b"SQLite format 3\x00", "document", "SQLite"),
)

_PLAYLISTS: tuple[tuple[str, str], ...] = (
    ("#extm3u", "M3U8"),
    ("ffconcat version", "ffconcat"),
    ("[playlist]", "PLS"),
    ("<asx", "ASX"),
    ("<smil", "SMIL"),
    ("<mpd", "DASH"),
    ("rtsptext", "RTSP"),
    ("[reference]", "ASX"),
    ("rtsp://", "RTSP"),
    ("http://", "URL"),
    ("https://", "URL"),
    ("file '", "ffconcat"),
)
_MARKUP_AHEAD = re.compile(r"\s+|<\?xml[^>]{0,200}\?>|<!--.{0,2000}?-->", re.DOTALL)
_HTML = ("<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<meta", "<title", "<div")
_LOOKED_AT = 4096


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a file really is, in a word for rules and by its usual name for people."""

    nature: Nature
    name: str = ""


def foreign(head: bytes) -> Foreign | None:
    """What bytes begin that is no sound and no video; None for what is unknown (or is media after all)."""
    if not head:
        return Foreign("empty")
    for magic, nature, name in _MAGIC:
        if head.startswith(magic):
            return Foreign(nature, name)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Foreign("picture", "WebP")
    if head[257:262] == b"ustar":
        return Foreign("archive", "TAR")
    text = _text(head[:_LOOKED_AT])
    return None if text is None else _of_text(text)


def dangerous(head: bytes) -> str:
    """The name of what a machine or browser would run or unpack, were it let out; empty for anything else."""
    found = foreign(head)
    if found is not None and found.nature in {"html", "archive", "program"}:
        # Two letters are not enough to call a stranger's bytes a program.
        return found.name if found.name != "EXE" or _is_exe(head) else ""
    return ""


def _is_exe(head: bytes) -> bool:
    at = int.from_bytes(head[60:64], "little")
    return head[at : at + 2] in {b"PE", b"NE", b"LE", b"LX"}


def _text(head: bytes) -> str | None:
    """The head as text, lower case and without what may stand ahead; None where it is none."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return _stripped(head[2:].decode(encoding, "replace"))
    if any(byte < 9 or (13 < byte < 32 and byte != 27) for byte in head):
        return None
    try:
        text = head.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        if error.start > len(head) - 4:
            text = head[: error.start].decode()
        elif sum(byte > 127 for byte in head) * 2 > len(head) and max(head) == 255:
            return None
        else:
            text = head.decode("latin-1")
    return _stripped(text)


def _stripped(text: str) -> str:
    at = 0
    while ahead := _MARKUP_AHEAD.match(text, at):
        at = ahead.end()
    return text[at:].lower()


def _of_text(text: str) -> Foreign:
    for start, name in _PLAYLISTS:
        if text.startswith(start):
            return Foreign("playlist", name)
    if text.startswith(_HTML):
        return Foreign("html", "HTML")
    if text.startswith(("<svg", "<!doctype svg")):
        return Foreign("picture", "SVG")
    if text.startswith(("#!/", "#! /")):
        return Foreign("program", "script")
    return Foreign("text", "text")
