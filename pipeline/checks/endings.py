"""Endings of file names, as the rules of sounds and videos compare them with the content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from pipeline.checks.dangerous import dangerous_name
from pipeline.checks.subject import Blocked


def ending(name: str) -> str:
    """The last ending of a name, lower case with its dot; empty where there is none."""
    return PurePosixPath(name).suffix.lower()


def doubled(name: str, known: Sequence[str]) -> str:
    """The ending before the last one, where it claims a format as well ("film.mov" in "film.mov.mp4")."""
    inner = PurePosixPath(PurePosixPath(name).stem).suffix.lower()
    return inner if inner.removeprefix(".") in known else ""


def require_harmless(name: str) -> None:
    """Raises Blocked where the ending is one of a program: the rules on dangerous names tell that."""
    found = dangerous_name(name)
    if found is not None:
        raise Blocked("DNG-001" if found.basis == "order" else "DNG-002")
