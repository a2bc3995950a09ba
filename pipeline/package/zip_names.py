"""Names of the entries of a ZIP: which letters they stand for, and whether they may be used as paths."""

from __future__ import annotations

import re
import zlib
from struct import Struct

UTF8_FLAG = 0x800
"""General purpose bit 11: the name is UTF-8."""

UNICODE_PATH = 0x7075
"""Info-ZIP's extra field: the name again, in UTF-8, with a checksum of the one in the header."""

MOST_NAME_BYTES = 255
"""Of one part of a path; no common file system takes more."""
MOST_PATH_BYTES = 1024

_FIELD = Struct("<HH")
_DRIVE = re.compile(r"[A-Za-z]:")
_SUSPICIOUS = re.compile(r"[\x00-\x1f\x7f-\x9f\\:]|^/|//|\.\.|\.(?:/|$)")
"""Without any of these a name has no trouble but its length."""
_SURELY_SHORT = MOST_NAME_BYTES // 4
_CYRILLIC_866 = frozenset((*range(0x80, 0xB0), *range(0xE0, 0xF2)))


def extra_fields(extra: bytes) -> dict[int, bytes]:
    """The extra fields of a header by id; what does not follow the form (padding) is left out."""
    found: dict[int, bytes] = {}
    spot = 0
    while spot + 4 <= len(extra):
        identity, length = _FIELD.unpack_from(extra, spot)
        if spot + 4 + length > len(extra):
            break
        found.setdefault(identity, extra[spot + 4 : spot + 4 + length])
        spot += 4 + length
    return found


def decoded(raw: bytes, flags: int, extra: bytes) -> tuple[str, str]:
    """The name, and what is wrong with its letters: "" for nothing, else a variant of the rule on names.

    A name without the UTF-8 mark is read as UTF-8 where it is that, else as the DOS code page that makes it Russian,
    else as the one the format names.
    """
    if raw.isascii():
        name, trouble = raw.decode("ascii"), ""
    elif flags & UTF8_FLAG:
        try:
            name, trouble = raw.decode("utf-8"), ""
        except UnicodeDecodeError:
            return _guessed(raw), "not-utf-8"
    else:
        name, trouble = _guessed(raw), "unmarked"
    second = unicode_path(raw, extra)
    if second is None or second == name:
        return name, trouble
    return (name, "two-names") if raw.isascii() or flags & UTF8_FLAG else (second, "")


def _guessed(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        russian = all(byte < 0x80 or byte in _CYRILLIC_866 for byte in raw)
        return raw.decode("cp866" if russian else "cp437")


def unicode_path(raw: bytes, extra: bytes) -> str | None:
    """The name in the Unicode Path field; None without one, or with one that is about another name."""
    field = extra_fields(extra).get(UNICODE_PATH, b"") if len(extra) > 9 else b""
    if len(field) < 6 or field[0] != 1 or int.from_bytes(field[1:5], "little") != zlib.crc32(raw):
        return None
    return field[5:].decode("utf-8", "backslashreplace")


def path_trouble(name: str) -> str:
    """Why a name must not be used as a path: a variant of the rule on paths, "" for a name that may be."""
    if 0 < len(name) <= _SURELY_SHORT and not _SUSPICIOUS.search(name):
        return ""
    parts = re.split(r"[/\\]", name)
    troubles = {
        "control": any(ord(sign) < 0x20 or "\x7f" <= sign <= "\x9f" for sign in name),
        "traversal": ".." in (part.rstrip(" ") for part in parts),
        "share": name.startswith(("\\\\", "//")),
        "absolute": name.startswith(("/", "\\")),
        "drive": _DRIVE.match(name) is not None,
        "empty": not name.strip("/\\"),
        "too-long": len(_bytes(name)) > MOST_PATH_BYTES or any(len(_bytes(part)) > MOST_NAME_BYTES for part in parts),
        "backslash": "\\" in name,
        "dots": "." in parts or "" in parts[:-1],
    }
    return next((trouble for trouble, found in troubles.items() if found), "")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


TIDIED = {"", "backslash", "dots"}
"""Troubles of a name that `tidy` mends; names with any other are not used at all."""


def tidy(name: str) -> str:
    """The path that an extractor makes of a harmless name: forward slashes, no empty parts, no single dots."""
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in {"", "."})
