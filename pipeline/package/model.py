"""What a package's files say about each other and about the world outside: plain values with their places."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

Use = Literal["code", "style", "media", "frame", "connects", "submits", "link", "mention", "namespace"]
"""How a reference is used: loaded as code (scripts, modules, workers, WebAssembly), as a style sheet, as media or
data, shown in a frame; connected to from a program (fetch, XHR, WebSocket, sendBeacon); a form's target; a plain link
that a person may follow; merely mentioned in text; or the name of a namespace, which nobody ever fetches."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A URL in a file. `url` is what a browser would see: entities, escapes and white space are resolved."""

    url: str
    use: Use
    how: str
    """The construct, for people: "<script src>", "@import", "fetch()"."""
    line: int
    column: int
    base: str | None = None
    """What the URL is relative to, where that is not the file itself (<base href>)."""


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """Where a script stops being JavaScript. `found` is the offending text, cut short."""

    line: int
    column: int
    found: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call or an access that matters for privacy or safety: "navigator.sendBeacon", "document.cookie"."""

    name: str
    line: int
    column: int
    argument: str | None = None
    """The first argument, where it can be told from the file (strings that are put together count)."""
    more: tuple[str | None, ...] = ()
    """The arguments after it, likewise; only for calls that set up a tracker."""


@dataclass(frozen=True, slots=True)
class ScriptFacts:
    """What one script says. Lines and columns count from 1 in the file that holds it."""

    faults: tuple[SyntaxFault, ...]
    references: tuple[Reference, ...]
    strings: tuple[tuple[str, int, int], ...]
    """Every string that is not just a word: literals, templates, and concatenations that can be folded."""
    calls: tuple[Call, ...]
    holders: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Of strings that are a name with an ending ("plan.doc"): what they are kept under or handed to."""
    signs: tuple[Call, ...] = ()
    """Signs of code that hides what it does (pipeline.package.obfuscation); `argument` tells the beginning of it."""
    truncated: bool = False
    """A limit of ours was hit (bytes, depth): the rest was not read."""
