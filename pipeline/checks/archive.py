"""A ZIP as a subject: a submission handed in as one file, an archive inside another, or an application's package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from pipeline.checks.names import printable
from pipeline.checks.subject import Blocked, Kind, NotApplicable, NotRun, Subject, Submitted, Task
from pipeline.errors import Place
from pipeline.package.archive import Archive, Survey, is_link
from pipeline.package.tree import Tree
from pipeline.package.zip_records import Concern, Fault
from pipeline.rulebook import rulebook

RULES: Mapping[Concern, str] = {
    "form": "ARC-001",
    "bomb": "ARC-002",
    "whole": "ARC-003",
    "records": "ARC-004",
    "around": "ARC-005",
    "path": "ARC-006",
    "link": "ARC-007",
    "encrypted": "ARC-008",
    "twice": "ARC-009",
    "method": "ARC-010",
    "letters": "ARC-011",
}
"""Which rule tells a fault of an archive."""

PAGES = (".html", ".htm", ".xhtml")
SCRIPTS = {"lesson.yaml", "lesson.yml", "scenario.yaml", "scenario.yml"}
_LEFT_BY_MAC = "__MACOSX/"


@dataclass(frozen=True, slots=True)
class Caps:
    """How much of an archive is unpacked at all: the limits of the rule on bombs."""

    entries: int
    bytes: int
    ratio: int
    ratio_from: int
    depth: int
    nested: int

    @classmethod
    def of(cls, limits: Mapping[str, Any]) -> Caps:
        return cls(**{name: int(limits[name]) for name in cls.__slots__})


@lru_cache(maxsize=1)
def _opened(path: Path, _changed: int) -> Archive:
    """The archive at a path. It is asked what it looks like just before it is judged: read once for both."""
    return Archive(path)


class ZippedSubject(Subject):
    """Base of what may be a ZIP. A folder has no archive: its facts are NotApplicable."""

    @cached_property
    def archive(self) -> Archive:
        if not self.plain:
            raise NotApplicable
        return _opened(self.path, self.path.stat().st_mtime_ns)

    @cached_property
    def zip_tree(self) -> Archive:
        """The archive's files. Raises Blocked where it cannot be told what they are, or there is too much of them."""
        fatal = self.archive.fatal or next(self.over(self.caps), None)
        if fatal is not None:
            raise Blocked(RULES[fatal.concern])
        return self.archive

    @cached_property
    def caps(self) -> Caps:
        """As the catalogue has them; the rule on bombs puts those of its profile here, before any other asks."""
        return Caps.of(rulebook()[RULES["bomb"]].limits)

    def over(self, caps: Caps) -> Iterator[Fault]:
        """What the directory announces beyond the caps. Nothing unpacks to more than is announced there."""
        entries = self.archive.entries
        # What multiplies inside of what has multiplied already is stopped sooner.
        ratio_from = caps.ratio_from // (10 if self.task.file.depth else 1)
        announced = sum(each.size for each in entries)
        ratio = announced // max(1, self.archive.size_on_disk)
        if len(entries) > caps.entries:
            yield Fault("bomb", "entries", measured=len(entries), expected=caps.entries)
        elif announced > caps.bytes:
            yield Fault("bomb", "bytes", measured=announced, expected=caps.bytes)
        elif ratio > caps.ratio and announced > ratio_from:
            yield Fault("bomb", "ratio", measured=ratio, expected=caps.ratio)

    @property
    def unpacked(self) -> bool:
        """Whether this is a submission in one file: its files become subjects of their own."""
        return False

    @cached_property
    def survey(self) -> Survey:
        """Every entry read to its end. Raises Blocked as `zip_tree` does."""
        return self.zip_tree.survey()

    def place(self, name: str, line: int = 0, column: int = 0) -> Place:
        """A place inside, as reports call it."""
        joint = "!" if self.plain else "/"
        return Place(f"{self.task.file.shown}{joint}{name}", line, column)


class ArchiveSubject(ZippedSubject):
    """A ZIP that is no application."""

    @property
    def tree(self) -> Tree:
        return self.zip_tree

    @property
    def unpacked(self) -> bool:
        return not self.task.file.settled and self.task.file.depth < self.caps.depth

    def expand(self) -> None:
        if not self.unpacked:
            from pipeline.checks.members import nested_archives

            self.produced += nested_archives(self, self.task.scratch)
            return
        folder = self.task.scratch / "unpacked"
        folder.mkdir()
        tree = self.zip_tree
        for number, name in tree.numbered():
            if not is_link(tree.entries[number]):
                unpack(tree, number, folder / name)
        file = self.task.file
        self.produced.append(Submitted(folder, file.shown, file.name, Kind.SUBMISSION, file.depth))


def unpack(archive: Archive, number: int, target: Path) -> Path:
    """An entry as a file of its own. Raises NotRun where the machine does not take it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        archive.copy_entry(number, target)
    except (OSError, UnicodeError) as error:
        name = printable(archive.entries[number].name)
        raise NotRun("not-unpacked", file=name, reason=type(error).__name__) from error
    return target


def settled(task: Task) -> Task:
    """A ZIP whose directory looks like an application's is judged as a package."""
    file = task.file
    if file.kind is not Kind.ARCHIVE or file.settled:
        return task
    archive = _opened(file.path, file.path.stat().st_mtime_ns)
    names = [each for each in archive.names if not each.startswith(_LEFT_BY_MAC)]
    script = any(name.rpartition("/")[2].lower() in SCRIPTS for name in names)
    if script or not any(name.lower().endswith(PAGES) for name in names):
        return task
    return replace(task, file=replace(file, kind=Kind.PACKAGE))
