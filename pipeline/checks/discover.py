"""What there is to judge under the paths a caller names: files, submissions, packages, seasons of submissions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.checks.kinds import kind_of
from pipeline.checks.subject import Kind, Submitted
from pipeline.errors import UsageError

SCRIPTS = {"lesson.yaml", "scenario.yaml"}
START_PAGES = {"index.html", "index.htm"}


@dataclass(frozen=True, slots=True)
class Unit:
    """Things judged together: the files, and the submission they make up (None for files named one by one)."""

    files: tuple[Submitted, ...]
    submission: Submitted | None


def discover(paths: Sequence[Path]) -> list[Unit]:
    """The units under the paths, in order. Raises UsageError for a path that is not there."""
    units: list[Unit] = []
    for path in paths:
        if not path.exists():
            raise UsageError.of("check.no-such-path", name=str(path))
        shown = _shown(path)
        if path.is_dir():
            units += units_of_folder(path, shown)
        else:
            real = path.resolve()
            units.append(Unit((Submitted(real, shown, real.name, kind_of(real, real.name)),), None))
    return units


def units_of_folder(folder: Path, shown: str, *, depth: int = 0, joint: str = "/") -> list[Unit]:
    """A folder's submission, its nested submissions first. `joint` stands between a ZIP's name and what was in it."""
    files: list[Submitted] = []
    nested: list[Unit] = []
    for each in _walk(folder, folder):
        name = each.relative_to(folder).as_posix()
        inside = f"{shown}{joint}{name}" if shown != "." else name
        if not each.is_symlink() and each.is_dir():
            role = _role(each)
            if role is Kind.PACKAGE:
                files.append(Submitted(each, inside, name, Kind.PACKAGE, depth))
            else:
                nested += units_of_folder(each, inside, depth=depth)
        else:
            files.append(Submitted(each, inside, name, kind_of(each, name), depth))
    files.sort(key=lambda file: file.shown)
    if _role(folder) is Kind.PACKAGE and not depth:
        return [Unit((Submitted(folder, shown, folder.name, Kind.PACKAGE, depth),), None)]
    own = Submitted(folder, shown, folder.name, Kind.SUBMISSION, depth)
    return [*nested, Unit(tuple(files), own)] if files or not nested else nested


def _walk(folder: Path, top: Path) -> Iterator[Path]:
    """Files, links, and those folders that are units of their own; nothing is passed over, nothing followed."""
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False) and _role(path) is None:
            yield from _walk(path, top)
        else:
            yield path


def _role(folder: Path) -> Kind | None:
    """What a folder's own files make it: a submission, an unpacked package, or just a folder."""
    names = {each.name.lower() for each in folder.iterdir()}
    if names & SCRIPTS:
        return Kind.SUBMISSION
    return Kind.PACKAGE if names & START_PAGES else None


def _shown(path: Path) -> str:
    """The path as reports call it: as seen from here, and only its name where that would tell of this machine."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.resolve().name
