"""What is hidden in a media file where players pass over: archives, programs, documents, pages and scripts.

Long signatures are looked for everywhere, short ones only where a file of that sort would have to begin, so that the
noise of packed sound and pictures is never taken for something. No search looks at a byte more than a few times,
however a stranger piles up beginnings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from mmap import mmap
from pathlib import Path

from pipeline.media.foreign import dangerous

_HANDLER = rb"\b[^<>]{0,300}(?:<[^<>]{0,300})?\son[a-z]{2,20}\s{0,20}="
_ACTIVE = tuple(map(re.compile, (
    rb"<script\b", rb"<iframe\b", rb"<object\b", rb"<embed\b", rb"<svg" + _HANDLER, rb"<img" + _HANDLER,
    rb"javascript:[^\s]", rb"vbscript:[^\s]", rb"<hta:application\b", rb"<\?php\b",
    rb"<%@\s{0,20}page\b", rb"<%\s{0,20}eval\b",
)))  # fmt: skip
"""What a browser or a server runs, in lower case. Each begins with letters, which makes its search a fast one."""

_COMMANDS = tuple(map(re.compile, (
    rb"@echo\s{1,20}off\b", rb"powershell(?:\.exe)?\s{1,20}[-/]", rb"cmd(?:\.exe)?\s{1,20}/c\b",
    rb"wscript\.(?:shell|createobject)\b", rb"activexobject\s{0,20}\(", rb"createobject\s{0,20}\(",
)))  # fmt: skip
_ANYWHERE: tuple[tuple[bytes, str], ...] = (
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"MSCF\0\0\0\0", "CAB"),
    (b"\xfd7zXZ\0", "xz"),
    (b"ustar\x0000", "TAR"),
    (b"ustar  \0", "TAR"),
    (b"\x7fELF\x01\x01\x01", "ELF"),
    (b"\x7fELF\x02\x01\x01", "ELF"),
    (b"\xcf\xfa\xed\xfe\x07\0\0\x01", "Mach-O"),
    (b"\xcf\xfa\xed\xfe\x0c\0\0\x01", "Mach-O"),
    (b"\xca\xfe\xba\xbe\0\0\0", "Mach-O/Java"),
    (b"dex\n03", "DEX"),
    (b"L\0\0\0\x01\x14\x02\0", "LNK"),
    (b"#!/bin/", "#!"),
    (b"#!/usr/", "#!"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "MS Office"),
    (b"%PDF-1.", "PDF"),
    (b"{\\rtf1", "RTF"),
    (b"EICAR-STANDARD-ANTIVIRUS", "EICAR"),
)
_ZIPPED = re.compile(
    # Version, flags, a method that somebody packs with, sixteen bytes of times and sizes, and the length of a name.
    rb"PK\x03\x04(?=[\0-\x3f]\0..[\0\x08\x09\x0c\x0e\x5d\x5f\x62\x63]\0.{16}(?:[^\0]\0|.[\x01-\x03]))",
    re.DOTALL,
)
_PROGRAM = re.compile(rb"MZ(?=.{58}(.[\0-\x0f])\0\0)", re.DOTALL)
_LOOKED_AT = 1_000_000
_HEAD = 4096
_BLOCK = 1 << 20
_OVERLAP = 8192
"""Of two blocks: the head of a program points so far to its next one."""
_ZIP_END = 22 + 65_535
"""Bytes within which the end record of a ZIP lies, its comment counted in."""


def active_text(data: bytes) -> str:
    """Whether a text has what a browser or server would run when a page holds it carelessly: "script", or nothing."""
    head = data[:_LOOKED_AT].lower()
    # With two bytes a letter; but a NUL may also divide two texts.
    wide = b"\0" in head[:64] and _any_in(_ACTIVE, head.replace(b"\0", b""))
    return "script" if wide or _any_in(_ACTIVE, head) else ""


def harmful(data: bytes) -> str:
    """The name of what a piece of a file is, or has somewhere in it, that is no sound and no picture."""
    return dangerous(data[:_HEAD]) or active_text(data) or _packed(data) or _text_in(data)


def _any_in(signs: Iterable[re.Pattern[bytes]], text: bytes) -> bool:
    return any(each.search(text) for each in signs)


def find_program(data: bytes | mmap) -> int:
    """Where a program of Windows begins in a piece of a file; -1 where there is none."""
    for each in _PROGRAM.finditer(data):
        at = each.start() + int.from_bytes(each[1], "little")
        if data[at : at + 4] == b"PE\0\0":
            return each.start()
    return -1


def hidden_within(path: Path, regions: Iterable[tuple[int, int]], *, texts: bool) -> str:
    """The name of what lies somewhere in pieces of a file, each given by its first byte and the one behind its last.

    Without `texts` only what is no text is looked for. Raises OSError.
    """
    with path.open("rb") as file:
        for start, end in regions:
            for at in range(start, end, _BLOCK):
                file.seek(at)
                block = file.read(min(_BLOCK + _OVERLAP, end - at))
                if block.count(0) == len(block):
                    continue
                if name := _packed(block) or (texts and _text_in(block)):
                    return name
    return ""


def begins(path: Path, starts: Iterable[int]) -> str:
    """The name of what begins at one of these bytes, known by a short sign only. Raises OSError."""
    with path.open("rb") as file:
        for at in starts:
            file.seek(at)
            head = file.read(_HEAD).lstrip(b"\0")
            if name := dangerous(head) or active_text(head):
                return name
    return ""


def hidden_tail(path: Path, size: int, behind: int) -> str:
    """The name of what lies behind the last byte that a player reads, or of a ZIP that ends with the file.

    Raises OSError.
    """
    if behind < size and (name := begins(path, [behind]) or hidden_within(path, [(behind, size)], texts=True)):
        return name
    # Readers of ZIPs look from the end: a whole archive may lie anywhere before it.
    return "ZIP" if _is_zip(path, size) else ""


def stray(path: Path, start: int, end: int) -> int:
    """Bytes between two places of a file, the zeros before and behind them left out. Raises OSError."""
    first, last = end, end
    with path.open("rb") as file:
        for at in range(start, end, _BLOCK):
            file.seek(at)
            block = file.read(min(_BLOCK, end - at))
            if held := block.lstrip(b"\0"):
                first = min(first, at + len(block) - len(held))
                last = at + len(block.rstrip(b"\0"))
    return last - first


def _is_zip(path: Path, size: int) -> bool:
    """Whether the file ends as a ZIP does, with a list of contents where that end says it is."""
    with path.open("rb") as file:
        start = max(0, size - _ZIP_END)
        file.seek(start)
        tail = file.read(_ZIP_END)
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < 22:
            return False
        if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
            # The end of a large archive (ZIP64) leaves its own fields open and points to another record.
            return True
        listed = int.from_bytes(tail[at + 12 : at + 16], "little")
        if not 46 <= listed <= start + at:
            return False
        file.seek(start + at - listed)
        return file.read(4) == b"PK\x01\x02"


def _packed(block: bytes) -> str:
    """The name of an archive, a program or a document somewhere in a block."""
    found = next((name for sign, name in _ANYWHERE if sign in block), "")
    if found or _ZIPPED.search(block):
        return found or "ZIP"
    return "EXE" if find_program(block) >= 0 else ""


def _text_in(block: bytes) -> str:
    text = block.lower()
    wide = text[1:64:2].count(0) > 16 and active_text(block[:_HEAD])
    return "script" if wide or _any_in((*_ACTIVE, *_COMMANDS), text) else ""
