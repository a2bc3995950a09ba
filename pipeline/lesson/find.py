"""Finds lesson scripts in what a person names on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import UsageError

SCRIPT = "lesson.yaml"


def find_lessons(paths: Sequence[Path]) -> list[Path]:
    """Scripts of all lessons under `paths`, in order, each once.

    A path is a script, a lesson's folder, or a folder with lessons anywhere below it.
    Raises UsageError for a path that is not there or holds no lesson.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for script in _under(path):
            found.setdefault(script.resolve(), script)
    return list(found.values())


def _under(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError.of("lesson.no-such-path", path=path)
    if (path / SCRIPT).is_file():
        return [path / SCRIPT]
    below = sorted(path.rglob(SCRIPT))
    if not below:
        raise UsageError.of("lesson.no-lesson-here", path=path, script=SCRIPT)
    return below
