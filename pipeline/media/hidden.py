"""What is hidden in a media file that players pass over: archives and programs behind its end, scripts in its texts."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.media.foreign import dangerous

_ACTIVE = re.compile(
    rb"<\s*(?:script|iframe|object|embed)\b|<svg\b[^>]{0,500}\son[a-z]{2,20}\s*=|<img\b[^>]{0,500}\son[a-z]{2,20}\s*="
    rb"|\bjavascript:|\bvbscript:|<\?php\b",
    re.IGNORECASE,
)
_LOOKED_AT = 1_000_000
_TAIL_HEAD = 4096
_ZIP_END = 22 + 65_535
"""Bytes within which the end record of a ZIP lies, its comment counted in."""


def active_text(data: bytes) -> str:
    """Whether a text has what a browser or server would run when a page holds it carelessly: "script", or nothing."""
    head = data[:_LOOKED_AT]
    # With two bytes a letter; but a NUL may also divide two texts.
    wide = b"\0" in head[:64] and _ACTIVE.search(head.replace(b"\0", b""))
    return "script" if wide or _ACTIVE.search(head) else ""


def hidden_tail(path: Path, size: int, behind: int) -> str:
    """The name of what lies behind the last byte that a player reads, or of a ZIP that ends with the file.

    Raises OSError.
    """
    with path.open("rb") as file:
        file.seek(behind)
        head = file.read(_TAIL_HEAD).lstrip(b"\0")
    if behind < size and (name := dangerous(head) or active_text(head)):
        return name
    # Readers of ZIPs look from the end: a whole archive may lie anywhere before it.
    return "ZIP" if _is_zip(path, size) else ""


def _is_zip(path: Path, size: int) -> bool:
    """Whether the file ends as a ZIP does, with a list of contents where that end says it is."""
    with path.open("rb") as file:
        start = max(0, size - _ZIP_END)
        file.seek(start)
        tail = file.read(_ZIP_END)
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < 22:
            return False
        listed = int.from_bytes(tail[at + 12 : at + 16], "little")
        if not 46 <= listed <= start + at:
            return False
        file.seek(start + at - listed)
        return file.read(4) == b"PK\x01\x02"
