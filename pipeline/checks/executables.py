"""Programs by content: what a machine would run, told by the first bytes and never by the name."""

from __future__ import annotations

import re
import zlib

_SHEBANG = re.compile(rb"(?:\xef\xbb\xbf)?#![ \t]*(/[^\r\n]{1,200})")
_SCRIPT_EXTENSIONS = (".js", ".mjs", ".cjs", ".jsx", ".ts")
_SCRIPT_ENGINES = re.compile(rb"\b(?:node|nodejs|deno|bun)\b")
_MARKUP_AHEAD = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,500}?-->\s*)?", re.DOTALL)
_SHORTCUT = bytes.fromhex("4c0000000114020000000000c000000000000046")
_MACH_O = (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf")
_FAT = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
_OLDEST_JAVA = 45
"""Major version of the first class files; a Mach-O never holds so many architectures."""
_GZIP = b"\x1f\x8b\x08"
_UNPACKED_HEAD = 4096


def executable_content(head: bytes, name: str = "") -> str | None:
    """The usual name of the program that these bytes begin, None for what is none.

    `name` only excuses scripts of JavaScript: their first line may name the engine that runs them outside a browser.
    What is packed with gzip is judged by what was packed.
    """
    head = ungzipped(head)
    return _binary(head) or _script(head, name)


def ungzipped(head: bytes) -> bytes:
    """The beginning of what gzip packed; other bytes as they are."""
    if not head.startswith(_GZIP):
        return head
    try:
        return zlib.decompressobj(31).decompress(head, _UNPACKED_HEAD) or head
    except zlib.error:
        return head


def _binary(head: bytes) -> str | None:
    for found in (_windows(head), _unix(head)):
        if found:
            return found
    if head.startswith(_SHORTCUT):
        return "LNK"
    if head.startswith(b"ITSF") and 2 <= int.from_bytes(head[4:8], "little") <= 4:
        return "CHM"
    return None


def _windows(head: bytes) -> str | None:
    """PE and its older kin behind a DOS header, or a DOS program itself. Two letters alone begin many a text."""
    if not head.startswith((b"MZ", b"ZM")) or len(head) < 28:
        return None
    at = int.from_bytes(head[60:64], "little")
    sign = head[at : at + 4]
    if sign == b"PE\0\0":
        return "EXE/DLL (PE)"
    if sign[:2] in {b"NE", b"LE", b"LX"}:
        return f"EXE ({sign[:2].decode()})"
    last, pages, _, header, least, most = (int.from_bytes(head[at : at + 2], "little") for at in range(2, 14, 2))
    binary = b"\0" in head[:64]
    sized = last < 512 and pages > 0 and 1 < header <= 32 * pages and least <= most
    return "EXE (DOS)" if binary and sized else None


def _unix(head: bytes) -> str | None:
    if head.startswith(b"\x7fELF") and head[4:5] in {b"\1", b"\2"} and head[5:6] in {b"\1", b"\2"}:
        return "ELF"
    if head.startswith(_MACH_O) and len(head) >= 28:
        return "Mach-O"
    if head.startswith(_FAT) and len(head) >= 8:
        return "Java class" if int.from_bytes(head[4:8], "big") & 0xFFFF >= _OLDEST_JAVA else "Mach-O"
    return "DEX" if re.match(rb"de[xy]\n\d{3}\0", head) else None


def _script(head: bytes, name: str) -> str | None:
    if (line := _SHEBANG.match(head)) is not None:
        if name.lower().endswith(_SCRIPT_EXTENSIONS) and _SCRIPT_ENGINES.search(line[1]):
            return None
        return "#! script"
    ahead = _MARKUP_AHEAD.match(head)
    text = head[ahead.end() if ahead else 0 :].lower()
    if text.startswith((b"<job", b"<package", b"<scriptlet", b"<component")) and b"<script" in text:
        return "WSF"
    return "HTA" if b"<hta:application" in text else None
