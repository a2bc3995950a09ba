"""Dangerous files by name (order-121 §45 4), E6): what the document lists, and what the project adds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pipeline.checks.executables import executable_content
from pipeline.errors import Severity
from pipeline.rulebook import Basis
from pipeline.specs import load_yaml, specs_folder

_LONGEST = 24
"""Characters of an extension; what is longer is none."""


@dataclass(frozen=True, slots=True)
class DangerousName:
    """The extension that makes a name dangerous, as the lists write it: ".exe"."""

    extension: str
    basis: Basis
    severity: Severity
    disguised: bool
    """Whether the name hides it: letters of another alphabet, signs nobody sees, dots or spaces behind it."""
    in_hand: str = ""
    """The sort of those that are dangerous only as files, not as what a link leads to; empty for all others."""


@cache
def _lists() -> Mapping[str, tuple[Basis, Severity, str]]:
    raw = load_yaml(specs_folder() / "dangerous_files.yaml")
    found: dict[str, tuple[Basis, Severity, str]] = {}
    for group, severity in (("policy", "error"), ("tolerated", "warning")):
        for extensions in raw[group].values():
            found.update(dict.fromkeys(extensions, ("policy", severity, "")))
    for sort, each in raw["in_hand"].items():
        found.update(dict.fromkeys((*each["extensions"], *each.get("names", ())), ("policy", each["severity"], sort)))
    found.update({each["extension"]: ("order", "error", "") for each in raw["order"]})
    return MappingProxyType(found)


@cache
def _lookalikes() -> Mapping[int, str]:
    pairs = load_yaml(specs_folder() / "dangerous_files.yaml")["lookalikes"]
    return {ord(seen): meant for seen, meant in zip(pairs[::2], pairs[1::2], strict=True)}


def dangerous_extensions() -> Mapping[str, Basis]:
    """Every dangerous extension, lower case with its dot, and who says so."""
    return {extension: basis for extension, (basis, *_) in _lists().items() if extension.rfind(".") == 0}


def dangerous_name(name: str) -> DangerousName | None:
    """What makes a file's name dangerous: its last extension as Windows, or a reader's eye, would take it."""
    last = re.split(r"[/\\]", name)[-1]
    for stream in last.split(":"):
        plain = _dropped(_folded(stream))
        meant = plain if plain in _lists() else _extension(plain)
        if meant in _lists():
            basis, severity, in_hand = _lists()[meant]
            disguised = not stream.lower().endswith(meant) or stream != last
            return DangerousName(meant, basis, severity, disguised, in_hand)
    return None


def is_dangerous(name: str, head: bytes) -> bool:
    """Whether a rule on dangerous files refuses a file by its name or by its first bytes."""
    found = dangerous_name(name)
    return (found is not None and found.severity == "error") or executable_content(head, name) is not None


def _folded(name: str) -> str:
    """Full-width and other presentation forms made plain, unseen signs left out, foreign letters read as seen."""
    if name.isascii() and name.isprintable():
        return name.lower()
    plain = unicodedata.normalize("NFKC", name)
    seen = "".join(sign for sign in plain if unicodedata.category(sign) not in {"Cf", "Cc", "Mn"})
    return read_as(seen)


def read_as(word: str) -> str:
    """A word as an eye takes it that expects Latin letters, small."""
    return word.casefold().translate(_lookalikes())


def _dropped(name: str) -> str:
    """Without the dots and spaces behind it, which Windows drops."""
    return name.rstrip(". \u00a0\u2000\u2002\u2003\u2009\u202f\u3000\t")


def _extension(name: str) -> str:
    return "." + name.rpartition(".")[2] if "." in name[-_LONGEST:] else ""
