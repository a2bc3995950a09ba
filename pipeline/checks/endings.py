"""Endings of file names, as the rules of sounds and videos compare them with the content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath


def ending(name: str) -> str:
    """The last ending of a name, lower case with its dot; empty where there is none."""
    return PurePosixPath(name).suffix.lower()


def doubled(name: str, known: Sequence[str]) -> str:
    """The ending before the last one, where it claims a format as well ("film.mov" in "film.mov.mp4")."""
    inner = PurePosixPath(PurePosixPath(name).stem).suffix.lower()
    return inner if inner.removeprefix(".") in known else ""
