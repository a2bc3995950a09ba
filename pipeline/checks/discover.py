"""What there is to judge under the paths a caller names: files, submissions, packages, seasons of submissions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.checks.kinds import GALLERY, SUMMARY, WAIVERS_FILE, kind_of
from pipeline.checks.names import printable
from pipeline.checks.subject import Kind, Submitted
from pipeline.errors import UsageError
from pipeline.reports.season_page import is_gallery

SCRIPTS = {"lesson.yaml", "lesson.yml", "scenario.yaml", "scenario.yml"}
START_PAGES = {"index.html", "index.htm"}
LEFTOVERS = {".git", ".svn", ".hg", "__macosx", ".spotlight-v100", ".trashes", ".fseventsd", "$recycle.bin"}
"""Folders that a program left behind: told whole, not file by file."""

DEEPEST = 64
"""Folders inside each other; a path of more, or a longer one, is not followed and said so."""

LONGEST = 3_000
"""Bytes of a path: the system takes 4,096, and a file's name has to fit behind it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Things judged together: the files, and the submission they make up (None for files named one by one).

    `whole`: an author's submission. False for what lies loose beside submissions, of which nothing is required.
    """

    files: tuple[Submitted, ...]
    submission: Submitted | None
    whole: bool = True


def discover(paths: Sequence[Path]) -> list[Unit]:
    """The units under the paths, in order, each file once. Raises UsageError for a path that is not there."""
    for path in paths:
        if not _is_there(path):
            raise UsageError.of("check.no-such-path", name=printable(str(path)))
    named = {path.resolve(): path for path in reversed(paths)}
    folders = [real for real in named if real.is_dir()]
    units: list[Unit] = []
    for real, path in reversed(named.items()):
        if any(real != folder and real.is_relative_to(folder) for folder in folders):
            continue
        shown = shown_path(path)
        if real.is_dir():
            units += units_of_folder(real, shown)
        else:
            units.append(Unit((Submitted(real, shown, real.name, kind_of(real, real.name)),), None))
    return units


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def units_of_folder(folder: Path, shown: str, *, depth: int = 0, joint: str = "/", level: int = 0) -> list[Unit]:
    """A folder's submission, its nested submissions first.

    `joint` stands between a ZIP's name and what was in it; `level`: how many folders above belong to the check.
    """
    if role_of(folder) is Kind.PACKAGE and not depth:
        return [Unit((Submitted(folder, shown, folder.name, Kind.PACKAGE, depth),), None)]
    before = "" if shown == "." else f"{shown}{joint}"
    files: list[Submitted] = []
    nested: list[Unit] = []
    for path, kind in _walk(folder, level):
        name = path.relative_to(folder).as_posix()
        inside = before + printable(name)
        if kind is Kind.SUBMISSION:
            nested += units_of_folder(path, inside, depth=depth, level=level + name.count("/") + 1)
        else:
            files.append(Submitted(path, inside, name, kind, depth))
    files.sort(key=lambda file: file.shown)
    own = Submitted(folder, shown, folder.name, Kind.SUBMISSION, depth)
    whole = not nested or role_of(folder) is Kind.SUBMISSION
    return [*nested, Unit(tuple(files), own, whole)] if files or not nested else nested


def waivers_beside(paths: Sequence[Path]) -> list[Submitted]:
    """The waivers files that the checking side put beside what is named, or names itself.

    One inside a submission or a package, or under another named path, is not: its author may have put it there.
    """
    named = [path.resolve() for path in paths]
    found: dict[Path, Submitted] = {}
    for path, real in zip(paths, named, strict=True):
        file = real if real.name == WAIVERS_FILE else real.with_name(WAIVERS_FILE)
        inside = role_of(file.parent) is not None or any(file.is_relative_to(each) for each in named if each != file)
        if not inside and kind_of(file, WAIVERS_FILE) is Kind.WAIVERS:
            before, slash, _ = shown_path(path).rpartition("/")
            found[file] = Submitted(file, before + slash + WAIVERS_FILE, WAIVERS_FILE, Kind.WAIVERS)
    return list(found.values())


def role_of(folder: Path) -> Kind | None:
    """What a folder's own files make it: a submission, an unpacked package, or just a folder."""
    try:
        with os.scandir(folder) as entries:
            names = {entry.name for entry in entries}
    except OSError:
        return None
    if {SUMMARY, GALLERY} <= names and is_gallery(folder / GALLERY):
        return None  # what a batch wrote: its films are judged one by one
    return _role({name.lower() for name in names})


def shown_path(path: Path) -> str:
    """The path as reports call it: as seen from here, and only its name where that would tell of this machine."""
    real = path.resolve()
    here = Path.cwd()
    return printable(real.relative_to(here).as_posix() if real.is_relative_to(here) else real.name)


def _walk(folder: Path, level: int) -> Iterator[tuple[Path, Kind]]:
    """Every file, link and folder that is judged as one thing; nothing is passed over, nothing followed."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            yield here, Kind.LINK
            continue
        below: list[Path] = []
        for entry in listed:
            path = here / entry.name
            if not entry.is_dir(follow_symlinks=False):
                yield path, kind_of(path, path.relative_to(folder).as_posix())
                continue
            kind = _kind_of_folder(path, level + len(path.parts) - len(folder.parts))
            if kind is None:
                below.append(path)
            else:
                yield path, kind
        waiting += reversed(below)


def _kind_of_folder(path: Path, level: int) -> Kind | None:
    """What a folder is judged as; None for one that is looked into."""
    if path.name.lower() in LEFTOVERS:
        return Kind.OTHER
    if level > DEEPEST or len(os.fsencode(path)) > LONGEST:
        return Kind.LINK
    return role_of(path)


def _role(names: set[str]) -> Kind | None:
    if names & SCRIPTS:
        return Kind.SUBMISSION
    return Kind.PACKAGE if names & START_PAGES else None
