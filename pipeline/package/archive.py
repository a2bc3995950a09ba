"""A ZIP from a stranger: its records compared, its entries read in bounded pieces, nothing taken at its word."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from stat import S_IFDIR, S_IFLNK, S_IFMT, S_IFREG

from pipeline.package.charset import is_utf8
from pipeline.package.zip_data import COMMON, READABLE, Damaged, Slack, Understated, unpacked
from pipeline.package.zip_layout import Layout, read_layout
from pipeline.package.zip_names import TIDIED, path_trouble, tidy
from pipeline.package.zip_records import Directory, Entry, Fault, Unreadable, ends_as_a_zip, read_directory
from pipeline.package.zip_words import hides_something, no_words

SURVEY_HEAD = 4096
"""Bytes kept of the beginning of every entry when all are read."""
SURVEY_TAIL = 131_072
"""Bytes of its end that are searched for what makes a ZIP."""

_ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
"""Bits 0 (encrypted), 6 (strong encryption), 13 (directory masked)."""
_AES_METHOD, _AES_FIELD = 99, b"\x01\x99"
_FORMATS = {0, S_IFREG, S_IFDIR}
_UNIX = {3, 19}


@dataclass(frozen=True, slots=True)
class Survey:
    """What reading every entry to its end showed: beginnings and digests by the number of the entry."""

    heads: Mapping[int, bytes]
    digests: Mapping[int, str]
    """SHA-256, in hexadecimal."""
    zips: frozenset[int]
    """Entries that end as a ZIP does, whatever they begin with."""
    faults: tuple[Fault, ...]


class Archive:
    """The entries of a ZIP as the files of a package (the Tree of pipeline.package.tree).

    Never raises for what the file holds: what is wrong is in `faults`, and after a fatal one there are no files.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size_on_disk = path.stat().st_size
        self._directory: Directory | None = None
        self._layout = Layout({}, ())
        faults: list[Fault] = []
        try:
            with path.open("rb") as file:
                self._directory = read_directory(file)
                faults += self._directory.faults
                faults += _named(self._directory)
                if not any(each.fatal for each in faults):
                    self._layout = read_layout(file, self._directory)
                    faults += self._layout.faults
        except Unreadable as reason:
            faults = [reason.fault]
        self.faults = tuple(faults)
        self.fatal = next((each for each in self.faults if each.fatal), None)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every file of the directory, whatever it is called; folders are left out."""
        return tuple(each for each in self._directory.entries if not each.is_folder) if self._directory else ()

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        """Number of the entry by the name it has as a file; of two entries with one name the last."""
        if self.fatal:
            return {}
        return {
            tidy(each.name): number for number, each in enumerate(self.entries) if path_trouble(each.name) in TIDIED
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Every file that has a name one may use; none of an archive with a fatal fault."""
        return tuple(self._numbers)

    def numbered(self) -> Iterator[tuple[int, str]]:
        """Numbers in `entries` and names of the files in `names`."""
        return ((number, name) for name, number in self._numbers.items())

    def size(self, name: str) -> int:
        return self.entries[self._numbers[name]].size

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The bytes of a file, at most `limit`; as many as do unpack. A link has none."""
        return self.read_entry(self._numbers[name], limit)

    def read_entry(self, number: int, limit: int | None = None) -> bytes:
        """As `read`, for an entry by its number in `entries`."""
        entry = self.entries[number]
        most = entry.size if limit is None else min(limit, entry.size)
        found: list[bytes] = []
        if not is_link(entry):
            for piece in self._pieces(entry):
                found.append(piece[:most])
                most -= len(piece)
                if most <= 0:
                    break
        return b"".join(found)

    def copy_entry(self, number: int, target: Path) -> None:
        """Unpack an entry to a new path whose folder is there. Raises OSError."""
        with target.open("xb") as file:
            for piece in self._pieces(self.entries[number]):
                file.write(piece)

    def _pieces(self, entry: Entry) -> Iterator[bytes]:
        start = self._layout.data.get(entry.offset)
        if start is None or entry.method not in READABLE or is_encrypted(entry):
            return
        with self._path.open("rb") as file:
            try:
                yield from unpacked(file, entry, start)
            except (Damaged, Slack, Understated):
                return  # the survey has told it

    def survey(self) -> Survey:
        """Read every entry to its end, once. No entry is unpacked past the size that the directory tells, so the sum
        of those sizes bounds the work: compare it with a limit first.
        """
        heads: dict[int, bytes] = {}
        digests: dict[int, str] = {}
        zips: set[int] = set()
        faults: dict[str, Fault] = {}
        with self._path.open("rb") as file:
            for number, entry in enumerate(self.entries):
                start = self._layout.data.get(entry.offset)
                if start is None or entry.method not in READABLE or is_encrypted(entry):
                    continue
                head, tail, digest, crc, fault = b"", b"", hashlib.sha256(), 0, None
                try:
                    for piece in unpacked(file, entry, start):
                        head = head or piece[:SURVEY_HEAD]
                        tail = (tail + piece[-SURVEY_TAIL:])[-SURVEY_TAIL:] if tail else piece[-SURVEY_TAIL:]
                        digest.update(piece)
                        crc = zlib.crc32(piece, crc)
                    if crc != entry.crc:
                        fault = Fault("whole", "checksum", entry.name)
                except Damaged:
                    fault = Fault("whole", "damaged", entry.name)
                except Slack:
                    fault = Fault("around", "slack", entry.name)
                except Understated:
                    fault = Fault("bomb", "understated", entry.name, expected=entry.size)
                if fault is not None:
                    known = faults.get(fault.variant)
                    faults[fault.variant] = replace(known, count=known.count + 1) if known else fault
                heads[number], digests[number] = head, digest.hexdigest()
                if ends_as_a_zip(tail, entry.size):
                    zips.add(number)
        return Survey(heads, digests, frozenset(zips), tuple(faults.values()))


def is_encrypted(entry: Entry) -> bool:
    return bool(entry.flags & _ENCRYPTED_FLAGS) or entry.method == _AES_METHOD or entry.extra.startswith(_AES_FIELD)


def is_link(entry: Entry) -> bool:
    """Whether the entry stands for something that is no plain file: its content must never be used as one."""
    return S_IFMT(entry.attributes >> 16) not in _FORMATS


def _named(directory: Directory) -> Iterator[Fault]:
    """What the directory alone tells: names, kinds and methods of the entries, one fault for each sort."""
    if not directory.entries:
        yield Fault("whole", "empty", fatal=True)
    found: dict[tuple[str, str], Fault] = {}
    for entry in directory.entries:
        for fault in _of_entry(entry):
            key = (fault.concern, fault.variant)
            found[key] = replace(found[key], count=found[key].count + 1) if key in found else fault
    yield from found.values()
    yield from _twice(directory)
    # An archive in the comment is told already: it is a second directory.
    if no_words(directory.comment) and not any(each.variant == "second-directory" for each in directory.faults):
        yield Fault("around", "comment", measured=len(directory.comment))


def _of_entry(entry: Entry) -> Iterator[Fault]:
    if trouble := path_trouble(entry.name):
        yield Fault("path", trouble, entry.name)
    if entry.letters:
        # zip on Linux and the Finder of macOS never set the mark, and their names are UTF-8 all the same.
        own = entry.letters == "unmarked" and entry.host in _UNIX and is_utf8(entry.raw_name)
        yield Fault("letters", "unix" if own else entry.letters, entry.name)
    if is_link(entry):
        link = S_IFMT(entry.attributes >> 16) == S_IFLNK
        yield Fault("link", "link" if link else "special", entry.name)
    if is_encrypted(entry):
        yield Fault("encrypted", "encrypted", entry.name, fatal=True)
    elif entry.method not in READABLE:
        yield Fault("method", "unreadable", entry.name, measured=entry.method, fatal=True)
    elif entry.method not in COMMON:
        yield Fault("method", "uncommon", entry.name, measured=entry.method)
    if entry.is_folder and entry.size:
        yield Fault("records", "folder-with-data", entry.name, fatal=True)
    if no_words(entry.comment) or hides_something(entry.extra):
        yield Fault("around", "extra", entry.name)


def _twice(directory: Directory) -> Iterator[Fault]:
    """Names that stand for two files, and files that are folders of other files at once."""
    files: set[str] = set()
    folders: set[str] = set()
    repeated: list[str] = []
    for entry in directory.entries:
        if path_trouble(entry.name) not in TIDIED:
            continue
        path = tidy(entry.name)
        parent = path if entry.is_folder else path.rpartition("/")[0]
        while parent and parent not in folders:
            folders.add(parent)
            parent = parent.rpartition("/")[0]
        if not entry.is_folder:
            if path in files:
                repeated.append(entry.name)
            files.add(path)
    if repeated:
        yield Fault("twice", "duplicate", repeated[0], len(repeated), fatal=True)
    if both := sorted(files & folders):
        yield Fault("twice", "file-and-folder", both[0], len(both), fatal=True)
