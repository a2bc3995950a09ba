"""What is wrong with the names of files, wherever they come from: a folder, or the directory of an archive."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, pairwise

MAX_NAME_BYTES = 255
"""Of one part of a path: what the common file systems can store."""

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ -]*(\.[A-Za-z0-9_-]+)*")
"""Names that only can be reserved or collide; nearly all are such."""

_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])[ ]*(\..*)?", re.IGNORECASE | re.DOTALL
)
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f-\x9f]')
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u02af\u1e00-\u1eff\uff21-\uff5a]")
_OFTEN = re.compile("[ -~\u0400-\u052f\u2013\u2014\u2116\u00ab\u00bb]*")
"""Letters and signs of ordinary names here: none of them is hidden."""

_JOINERS = "\u200c\u200d\ufe0e\ufe0f"
"""Invisible, and at home inside emoji and some scripts, though not between letters of ours."""

_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs that are drawn as nothing."""

_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

_DEEPEST = 100
"""Folders of one path whose own names are looked at; no deeper path can be stored anyway."""


class Fault(StrEnum):
    """What can be wrong with a name."""

    CASE = "case"
    """Another name differs in capital letters alone."""
    FORM = "form"
    """Another name differs only in how accents are stored (NFC, NFD)."""
    RESERVED = "reserved"
    CHARACTER = "character"
    ENCODING = "encoding"
    """The bytes of the name are not UTF-8."""
    HIDDEN = "hidden"
    """Characters that turn the direction of writing, or show nothing."""
    EDGE = "edge"
    """A dot or space at the end, a space at the beginning."""
    LONG_NAME = "long-name"
    LONG_PATH = "long-path"
    MIXED = "mixed"
    """A word of two scripts whose letters look alike."""
    DECOMPOSED = "decomposed"
    """Letters stored in pieces, as a Mac does."""


@dataclass(frozen=True, slots=True)
class NameFault:
    """One fault of one name. `name` is the whole path; `part` the folder or file that is at fault, printable;
    `detail` what exactly: a character, the other name, a word.
    """

    fault: Fault
    name: str
    part: str
    detail: str = ""
    measured: int = 0


def printable(name: str) -> str:
    """The name with everything that a screen would hide, obey or choke on written out: U+202E for example."""
    if name.isascii() and name.isprintable():
        return name
    return "".join(_shown(character) for character in name)


def _shown(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02X}"
    if unicodedata.category(character) in _UNSHOWN or character in _BLANKS:
        return f"\\u{{{ord(character):04X}}}"
    return character


def name_faults(
    names: Iterable[str], *, max_path: int, latin_lookalikes: str, other_lookalikes: str
) -> Iterator[NameFault]:
    """Every fault of these names (relative paths with forward slashes, as their authors wrote them).

    `max_path`: characters of a whole path. `latin_lookalikes` and `other_lookalikes`: letters of either side that
    look like letters of the other. A folder's fault is told once.
    """
    listed = list(dict.fromkeys(names))
    parts: dict[str, str] = {}
    for name in listed:
        folders = name.split("/", _DEEPEST)[:-1]
        for path in accumulate(folders, "{}/{}".format):
            parts.setdefault(path, path.rpartition("/")[2])
        parts[name] = name.rpartition("/")[2]
    yield from _collisions(parts)
    for path, part in parts.items():
        yield from _part_faults(path, part, latin_lookalikes, other_lookalikes)
    for name in listed:
        if len(name) > max_path:
            yield NameFault(Fault.LONG_PATH, name, printable(name), measured=len(name))


@lru_cache(maxsize=4)
def known_faults(
    names: tuple[str, ...], max_path: int, latin_lookalikes: str, other_lookalikes: str
) -> Sequence[NameFault]:
    """name_faults, remembered: several rules ask for the same names."""
    return tuple(
        name_faults(names, max_path=max_path, latin_lookalikes=latin_lookalikes, other_lookalikes=other_lookalikes)
    )


def _collisions(parts: Iterable[str]) -> Iterator[NameFault]:
    """Names that are one name on Windows, on a Mac, or on both; told once, not for all that lies in such folders."""
    by_folded: dict[str, list[str]] = defaultdict(list)
    for path in parts:
        folded = path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()
        by_folded[folded].append(path)
    for folded, same in by_folded.items():
        if len(same) < 2 or len(by_folded.get(folded.rpartition("/")[0], ())) > 1:
            continue
        first, *others = sorted(same)
        for other in others:
            forms_differ = unicodedata.normalize("NFC", first) == unicodedata.normalize("NFC", other)
            fault = Fault.FORM if forms_differ else Fault.CASE
            yield NameFault(fault, other, printable(other), printable(first))


def _part_faults(path: str, part: str, latin: str, other: str) -> Iterator[NameFault]:
    shown = printable(part)
    if _RESERVED.fullmatch(part):
        yield NameFault(Fault.RESERVED, path, shown, shown.partition(".")[0].strip())
    if len(part) * 4 > MAX_NAME_BYTES and (size := len(part.encode("utf-8", "surrogateescape"))) > MAX_NAME_BYTES:
        yield NameFault(Fault.LONG_NAME, path, shown, measured=size)
    if _PLAIN.fullmatch(part) and not part.endswith(" "):
        return
    if any("\ud800" <= character <= "\udfff" for character in part):
        yield NameFault(Fault.ENCODING, path, shown)
        return
    forbidden = dict.fromkeys(_FORBIDDEN.findall(part))
    if forbidden:
        yield NameFault(Fault.CHARACTER, path, shown, " ".join(map(printable, forbidden)))
    if part.endswith((".", " ")) or part.startswith(" "):
        yield NameFault(Fault.EDGE, path, shown, "start" if part.startswith(" ") else "end")
    if not part.isascii():
        yield from _letter_faults(path, part, shown, latin, other)


def _letter_faults(path: str, part: str, shown: str, latin: str, other: str) -> Iterator[NameFault]:
    unusual = "" if _OFTEN.fullmatch(part) else "." + part
    hidden = dict.fromkeys(each for before, each in pairwise(unusual) if _is_hidden(before, each))
    if hidden:
        yield NameFault(Fault.HIDDEN, path, shown, ", ".join(f"U+{ord(character):04X}" for character in hidden))
    composed = unicodedata.normalize("NFC", part)
    if composed != part:
        yield NameFault(Fault.DECOMPOSED, path, printable(composed))
    word = next((word for word in _WORD.findall(composed) if _is_mixed(word, latin, other)), "")
    if word:
        yield NameFault(Fault.MIXED, path, shown, word)


def _is_hidden(before: str, character: str) -> bool:
    if character in _JOINERS:
        return before.isascii() or "\u0400" <= before <= "\u052f"
    return character in _BLANKS or unicodedata.category(character) in {"Cf", "Zl", "Zp"}


def _is_mixed(word: str, latin: str, other: str) -> bool:
    """Latin letters in a word of another script, or the reverse, all of which look as if they belonged there."""
    from fontTools.unicodedata import script

    if word.isascii() or _LATIN.search(word) is None:
        return False
    by_script: dict[str, set[str]] = defaultdict(set)
    for letter in word:
        by_script[script(letter)].add(letter)
    by_script.pop("Zyyy", None)
    by_script.pop("Zinh", None)
    if len(by_script) < 2 or "Latn" not in by_script:
        return False
    ours = by_script.pop("Latn")
    return ours <= set(latin) or any(letters <= set(other) for letters in by_script.values())
