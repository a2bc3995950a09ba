"""The files that rules on dangerous content look at: a file by itself, or everything in a package or an archive."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol

from pipeline.checks.archive import RULES, ZippedSubject, unpack
from pipeline.checks.dangerous import is_dangerous
from pipeline.checks.executables import ungzipped
from pipeline.checks.kinds import ZIP_DOCUMENTS, extension_of
from pipeline.checks.names import printable
from pipeline.checks.subject import Blocked, Kind, NotApplicable, Subject, Submitted
from pipeline.errors import Place
from pipeline.package.archive import SURVEY_HEAD, SURVEY_TAIL
from pipeline.package.tree import FolderTree
from pipeline.package.zip_names import TIDIED, path_trouble
from pipeline.package.zip_records import ends_as_a_zip

ZIP_BEGINS = (b"PK\3\4", b"PK\5\6", b"PK00PK\3\4")

_ARCHIVES = (
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"MSCF\0\0\0\0", "CAB"),
    (b"\xfd7zXZ\0", "xz"),
    (b"BZh91AY&SY", "bzip2"),
)

MOST_READ = 100_000_000
"""Bytes of a document that are looked into, as it has to be in memory for that."""


class Member(Protocol):
    """One file. Facts of its content raise Blocked where the archive around it cannot be read."""

    @property
    def name(self) -> str:
        """Relative, as its author wrote it."""

    @property
    def place(self) -> Place | None:
        """None for the subject itself."""

    @property
    def size(self) -> int: ...

    @property
    def head(self) -> bytes:
        """At least the first SURVEY_HEAD bytes."""

    @property
    def sha256(self) -> str: ...

    @property
    def ends_as_a_zip(self) -> bool:
        """Whether a ZIP opener takes it for one, whatever it begins with."""

    def open(self) -> BinaryIO:
        """The content, of which a document that is larger than MOST_READ has only the beginning."""

    def lay(self, target: Path) -> Path:
        """Where the content lies as a file: `target`, unless it is one already. Raises NotRun."""


class _OnDisk:
    """A plain file: the subject itself, or one in the folder of a package. A link has no content."""

    def __init__(self, path: Path, name: str, place: Place | None) -> None:
        self.path, self.name, self.place = path, name, place
        self._plain = path.is_file() and not path.is_symlink()

    @cached_property
    def size(self) -> int:
        return self.path.stat().st_size if self._plain else 0

    @cached_property
    def head(self) -> bytes:
        with self.open() as file:
            return file.read(SURVEY_HEAD)

    @cached_property
    def sha256(self) -> str:
        with self.open() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # a BinaryIO serves

    @property
    def ends_as_a_zip(self) -> bool:
        with self.open() as file:
            file.seek(max(0, self.size - SURVEY_TAIL))
            return ends_as_a_zip(file.read(SURVEY_TAIL), self.size)

    def open(self) -> BinaryIO:
        return self.path.open("rb") if self._plain else io.BytesIO()

    def lay(self, target: Path) -> Path:
        return self.path


class _Itself(_OnDisk):
    """The file that the subject is."""

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject.path, subject.name, None)
        self._subject = subject

    @cached_property
    def sha256(self) -> str:
        return self._subject.sha256


class _InArchive:
    """An entry of a ZIP."""

    def __init__(self, subject: ZippedSubject, number: int) -> None:
        entry = subject.archive.entries[number]
        self._subject, self._number = subject, number
        self.name, self.size = entry.name, entry.size
        self.place = subject.place(printable(entry.name))

    @property
    def head(self) -> bytes:
        return self._subject.survey.heads.get(self._number, b"")

    @property
    def sha256(self) -> str:
        return self._subject.survey.digests.get(self._number, "")

    @property
    def ends_as_a_zip(self) -> bool:
        return self._number in self._subject.survey.zips

    def open(self) -> BinaryIO:
        return io.BytesIO(self._subject.zip_tree.read_entry(self._number, MOST_READ))

    def lay(self, target: Path) -> Path:
        return unpack(self._subject.zip_tree, self._number, target)


def archive_format(head: bytes) -> str:
    """The usual name of an archive that is no ZIP and that nobody here can look into; empty for anything else."""
    head = ungzipped(head)
    for magic, name in _ARCHIVES:
        if head.startswith(magic):
            return name
    return "TAR" if head[257:262] == b"ustar" else ""


def members_of(subject: Subject) -> tuple[Member, ...]:
    """The files of a package or archive, or the one that the subject is. Raises Blocked for an archive of which
    nothing is known.

    Of a submission handed in as a ZIP only what is not unpacked: its files are judged by themselves.
    """
    known: tuple[Member, ...] | None = subject.__dict__.get("members")
    if known is None:
        known = subject.__dict__["members"] = tuple(_members(subject))
    return known


def _members(subject: Subject) -> Iterator[Member]:
    if not isinstance(subject, ZippedSubject):
        if subject.plain:
            yield _Itself(subject)
    elif not subject.plain:
        for name in FolderTree(subject.path).names:
            yield _OnDisk(subject.path / name, name, subject.place(printable(name)))
    else:
        yield from _entries(subject)


def _entries(subject: ZippedSubject) -> Iterator[Member]:
    archive = subject.archive
    if archive.fatal and not archive.entries:
        raise Blocked(RULES[archive.fatal.concern])
    unpacked = subject.unpacked and not archive.fatal
    for number, entry in enumerate(archive.entries):
        if not unpacked or path_trouble(entry.name) not in TIDIED:
            yield _InArchive(subject, number)


def nested(subject: ZippedSubject) -> list[Member]:
    """The ZIPs inside a package or an archive, by content or by name. Documents and programs that are a ZIP inside
    are looked into by the rules on dangerous files, as is what is no ZIP at all.
    """
    return [
        each
        for each in members_of(subject)
        if _opens_as_a_zip(each)
        and not _is_document(each)
        and not is_dangerous(each.name, each.head)
        and path_trouble(each.name) in TIDIED
    ]


def _opens_as_a_zip(member: Member) -> bool:
    extension = extension_of(member.name)
    if member.head.startswith(ZIP_BEGINS) or (extension == "zip" and not archive_format(member.head)):
        return True
    # Something that is an archive as well: nothing but hiding is that good for.
    return member.ends_as_a_zip


def _is_document(member: Member) -> bool:
    return extension_of(member.name) in ZIP_DOCUMENTS and member.head.startswith(ZIP_BEGINS)


def nested_archives(subject: ZippedSubject, scratch: Path) -> list[Submitted]:
    """The ZIPs inside, laid out to be judged by themselves; none from deeper or of more than the caps allow."""
    caps, file = subject.caps, subject.task.file
    found: list[Submitted] = []
    try:
        inside = nested(subject)
    except (Blocked, NotApplicable):
        return found
    if file.depth >= caps.depth or len(inside) > caps.nested:
        return found
    for number, member in enumerate(inside):
        path = member.lay(scratch / f"nested-{number}.zip")
        shown = subject.place(printable(member.name)).file
        found.append(Submitted(path, shown, member.name, Kind.ARCHIVE, file.depth + 1, settled=True))
    return found
