"""A script's bytes -> text, or the reason why they are no text (wrong encoding, control characters, size)."""

from __future__ import annotations

import codecs
import re
import stat
import unicodedata
from functools import cache
from pathlib import Path

from pipeline.errors import Place
from pipeline.lesson.problems import Problems

MAX_BYTES = 1_000_000
"""A script is text: real ones have a few thousand bytes."""

_WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_LOOKS_UNSAFE = re.compile(r"[^\t\n -~\u00a0-\u00ac\u00ae-\u02ff\u0300-\u036f\u0370-\u05ff]")
"""Anything outside the letters that lessons are made of; only such characters are looked up one by one."""

_SOFT_HYPHEN = "\u00ad"


def read_script(path: Path, problems: Problems) -> str | None:
    """The text of a script, lines ended by a line feed alone, no byte order mark; None when it is not readable at all.

    Characters that are not allowed are reported and stand as spaces in the text, so that columns stay true.
    """
    whole = Place(problems.file)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            problems.report("script.not-a-file", whole, file=problems.file)
            return None
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        problems.report("script.unreadable", whole, file=problems.file, reason=error.strerror or str(error))
        return None
    if len(data) > MAX_BYTES:
        problems.report("script.too-big", whole, limit=f"{MAX_BYTES:,}".replace(",", "\u00a0"))
        return None
    text = _decode(data, problems)
    if text is None:
        return None
    return _without_unsafe(text.replace("\r\n", "\n").replace("\r", "\n"), problems)


@cache
def is_unsafe(character: str) -> bool:
    """True for control, direction-changing, invisible and private characters: they have no place on a screen."""
    if character in "\t\n" or character == _SOFT_HYPHEN:
        return False
    noncharacter = ord(character) & 0xFFFE == 0xFFFE
    return noncharacter or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def first_unsafe(text: str) -> int | None:
    """Where the first character stands that must not be in a text."""
    return next((match.start() for match in _LOOKS_UNSAFE.finditer(text) if is_unsafe(match.group())), None)


def _decode(data: bytes, problems: Problems) -> str | None:
    whole = Place(problems.file)
    if data.startswith(_WIDE_MARKS):
        problems.report("script.utf-16", whole)
        return None
    if b"\0" in data:
        if _looks_like_utf16(data):
            problems.report("script.utf-16", whole)
        else:
            problems.report("script.not-text", _place_of_byte(data, data.index(b"\0"), problems.file))
        return None
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        place = _place_of_byte(data, start, problems.file)
        line = data[data.rfind(b"\n", 0, start) + 1 :].split(b"\n", 1)[0]
        is_broken_utf_8 = any(byte >= 0x80 for byte in data.removeprefix(codecs.BOM_UTF8)[: error.start])
        preview = None if is_broken_utf_8 else _as_windows_1251(line)
        if preview:
            problems.report("script.windows-1251", place, preview=preview)
        else:
            problems.report("script.not-utf-8", place, byte=f"0x{data[start]:02X}")
        return None


def _looks_like_utf16(data: bytes) -> bool:
    """Whether the bytes, read two or four at a time, are letters that scripts are made of; stray zeros are not."""
    sample = data[: len(data) // 4 * 4][:4096] or data
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        text = sample.decode(encoding, "replace")
        ours = sum(character in "\t\r\n" or " " <= character <= "\u052f" for character in text)
        if len(text) > 1 and ours * 10 >= len(text) * 9:
            return True
    return False


def _as_windows_1251(line: bytes) -> str | None:
    """The line as Windows would have meant it (with the Kazakh letters of KZ-1048), if that reads like words."""
    try:
        text = line.decode("kz1048")
    except UnicodeDecodeError:
        return None
    letters = [character for character in text if ord(character) > 0x7F]
    cyrillic = sum(1 for character in letters if "\u0400" <= character <= "\u04ff")
    if cyrillic * 2 <= len(letters):
        return None
    return "".join(" " if is_unsafe(character) else character for character in text.strip())[:80]


def _place_of_byte(data: bytes, offset: int, file: str) -> Place:
    before = data[:offset].removeprefix(codecs.BOM_UTF8)
    line = before.count(b"\n") + 1
    column = len(before.rsplit(b"\n", 1)[-1].decode("utf-8", "replace")) + 1
    return Place(file, line, column)


def _without_unsafe(text: str, problems: Problems) -> str:
    if first_unsafe(text) is None:
        return text
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        for match in _LOOKS_UNSAFE.finditer(line):
            if problems.is_full:
                break
            if is_unsafe(match.group()):
                place = Place(problems.file, number, match.start() + 1)
                problems.report("script.unsafe-character", place, character=f"U+{ord(match.group()):04X}")
    return _LOOKS_UNSAFE.sub(lambda match: " " if is_unsafe(match.group()) else match.group(), text)
