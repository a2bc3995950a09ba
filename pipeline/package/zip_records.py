"""The raw records at the end of a ZIP: where its directory is, and what the directory says.

Read here and not by zipfile, which takes the records at their word: what matters is where they contradict each other.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO, Literal, NamedTuple

from pipeline.package.zip_names import decoded, extra_fields

Concern = Literal[
    "form", "bomb", "whole", "records", "around", "path", "link", "encrypted", "twice", "method", "letters"
]
"""What a fault is about; each is a rule of the catalogue (pipeline.checks.archive)."""

LOCAL, CENTRAL, END = b"PK\3\4", b"PK\1\2", b"PK\5\6"
LOCATOR64, END64 = b"PK\6\7", b"PK\6\6"
SPANNED = b"PK\7\x08PK\3\4"
SINGLE_SEGMENT = b"PK00PK\3\4"
"""What a splitting packer puts before the first entry when one part was enough: legal."""

ZIP64 = 0x0001
SATURATED = {2: 0xFFFF, 4: 0xFFFFFFFF}

MOST_DIRECTORY_BYTES = 64_000_000
MOST_ENTRIES = 200_000
"""More records than this are not even read."""
TAIL_BYTES = 1_000_000
"""How much of the end of a file is searched for the record that ends a ZIP."""

_END = Struct("<4s4H2LH")
_END64 = Struct("<4sQ2H2L4Q")
_LOCATOR = Struct("<4sLQL")
_CENTRAL = Struct("<4s6H3L5H2L")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an archive. `entry` is the name of the entry it was first seen at, `count` how many there
    are of its sort; a fatal one means that what the archive holds cannot be told.
    """

    concern: Concern
    variant: str
    entry: str = ""
    count: int = 1
    measured: object = None
    expected: object = None
    fatal: bool = False


class Unreadable(Exception):  # noqa: N818  # a verdict on the archive, told as a finding
    """The directory of an archive cannot be read at all."""

    def __init__(self, concern: Concern, variant: str, measured: object = None, expected: object = None) -> None:
        super().__init__(variant)
        self.fault = Fault(concern, variant, measured=measured, expected=expected, fatal=True)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the directory. Sizes in bytes; `offset` counts from the beginning of the file."""

    raw_name: bytes
    name: str
    letters: str
    """What is wrong with the letters of the name (zip_names.decoded)."""
    host: int
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    attributes: int
    extra: bytes
    comment: bytes

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/") or (self.name.endswith("\\") and not self.size)


@dataclass(frozen=True, slots=True)
class Directory:
    """What the end of a ZIP says. Positions and lengths in bytes of the file."""

    entries: tuple[Entry, ...]
    start: int
    spare: tuple[tuple[int, int], ...]
    """Stretches behind the directory where nothing should be, as (begin, end)."""
    comment: bytes
    length: int
    """Bytes of the whole file."""
    faults: tuple[Fault, ...]


class _End(NamedTuple):
    """The record that ends a ZIP, with the fields of its ZIP64 twin where it has one."""

    position: int
    directory_end: int
    entries: int
    size: int
    offset: int
    comment: bytes
    spare: tuple[int, int] = (0, 0)
    """What lies between the ZIP64 record and its locator."""


def read_directory(file: BinaryIO) -> Directory:
    """The directory of a ZIP. Raises Unreadable; faults that do not keep it from being read are in the answer."""
    length = file.seek(0, 2)
    tail_start = max(0, length - TAIL_BYTES)
    file.seek(tail_start)
    tail = file.read(TAIL_BYTES)
    file.seek(0)
    head = file.read(8)
    if head.startswith(SPANNED):
        raise Unreadable("whole", "multi-disk")
    spots = _end_records(tail)
    sound = [spot for spot in spots if _plausible(file, tail, spot, tail_start)]
    if not sound and not head.startswith((LOCAL, END, SINGLE_SEGMENT)):
        raise Unreadable("form", "not-zip")
    if not spots:
        raise Unreadable("whole", "truncated")
    spot = _chosen(tail, sound or spots)
    end = _end_record(file, tail, spot, tail_start)
    start, shift = _directory_start(file, end, length)
    entries = tuple(_entries(file, end, start, shift))
    faults = list(_around(end, length, tail, tail_start))
    if any(tail_start + other > start and other != spot for other in sound):
        faults.append(Fault("around", "second-directory", fatal=True))
    spare = ((start + end.size, end.directory_end), end.spare)
    return Directory(entries, start, spare, end.comment, length, tuple(faults))


def _end_records(tail: bytes) -> list[int]:
    """Where in the tail an end record may begin, first to last; hostile files are full of them, so only some."""
    spots: list[int] = []
    spot = tail.rfind(END)
    while spot >= 0 and len(spots) < 50:
        if spot + _END.size <= len(tail):
            spots.append(spot)
        spot = tail.rfind(END, 0, spot)
    return spots[::-1]


def _chosen(tail: bytes, spots: list[int]) -> int:
    """The end record to believe: the first whose comment ends with the file, else the last."""
    exact = [spot for spot in spots if spot + _END.size + _END.unpack_from(tail, spot)[7] == len(tail)]
    return (exact or spots[-1:])[0]


def _plausible(file: BinaryIO, tail: bytes, spot: int, tail_start: int) -> bool:
    """Whether a directory is where this end record says."""
    _, disk, _, _, count, size, offset, _ = _END.unpack_from(tail, spot)
    position = tail_start + spot
    if count == 0 and not size:
        return not disk
    if _at(file, position - _LOCATOR.size, 4) == LOCATOR64:
        return True
    return size <= position and any(_at(file, where, 4) == CENTRAL for where in (position - size, offset))


def ends_as_a_zip(tail: bytes, length: int) -> bool:
    """Whether a file of `length` bytes that ends so is a ZIP, whatever it begins with."""
    for spot in _end_records(tail):
        _, disk, _, _, count, size, _, comment = _END.unpack_from(tail, spot)
        begins = spot - size
        whole = spot + _END.size + comment == len(tail) and not disk and count and size < length
        if whole and (begins < 0 or tail[begins : begins + 4] == CENTRAL):
            return True
    return False


def _at(file: BinaryIO, position: int, count: int) -> bytes:
    if position < 0:
        return b""
    file.seek(position)
    return file.read(count)


def _end_record(file: BinaryIO, tail: bytes, spot: int, tail_start: int) -> _End:
    _, disk, first_disk, here, count, size, offset, comment = _END.unpack_from(tail, spot)
    position = tail_start + spot
    plain = _End(position, position, count, size, offset, tail[spot + _END.size : spot + _END.size + comment])
    if spot + _END.size + comment > len(tail):
        raise Unreadable("whole", "truncated")
    locator = _at(file, position - _LOCATOR.size, _LOCATOR.size)
    if locator.startswith(LOCATOR64):
        return _zip64(file, plain, locator, (disk, first_disk, here))
    if (disk, first_disk) != (0, 0) or here != count:
        raise Unreadable("whole", "multi-disk", measured=disk + 1)
    if 0xFFFFFFFF in {size, offset}:
        raise Unreadable("whole", "directory")
    return plain


def _zip64(file: BinaryIO, plain: _End, locator: bytes, disks: tuple[int, int, int]) -> _End:
    """The fields of the ZIP64 record; those that the old record has too must say the same."""
    _, disk, where, parts = _LOCATOR.unpack(locator)
    before_locator = plain.position - _LOCATOR.size
    positions = (where, before_locator - _END64.size)
    position = next((each for each in positions if _at(file, each, 4) == END64), None)
    record = _at(file, position, _END64.size) if position is not None and position < before_locator else b""
    if position is None or len(record) < _END64.size:
        raise Unreadable("whole", "zip64")
    _, _, _, _, this, first, here, count, size, offset = _END64.unpack(record)
    if disk or parts > 1 or this or first or here != count or any(each not in {0, 0xFFFF} for each in disks[:2]):
        raise Unreadable("whole", "multi-disk", measured=max(parts, this + 1))
    pairs = ((plain.entries, count, 0xFFFF), (plain.size, size, 0xFFFFFFFF), (plain.offset, offset, 0xFFFFFFFF))
    if any(old not in {new, full} for old, new, full in pairs):
        raise Unreadable("records", "zip64")
    spare = (position + _END64.size, before_locator)
    return plain._replace(directory_end=position, entries=count, size=size, offset=offset, spare=spare)


def _directory_start(file: BinaryIO, end: _End, length: int) -> tuple[int, int]:
    """Where the directory begins, and how many bytes lie before the archive."""
    if end.size > min(MOST_DIRECTORY_BYTES, length):
        raise Unreadable("whole", "directory")
    behind = end.directory_end - end.size
    if not end.entries and not end.size:
        return behind, max(0, behind - end.offset)
    if behind >= end.offset and _at(file, behind, 4) == CENTRAL:
        return behind, behind - end.offset
    if _at(file, end.offset, 4) == CENTRAL and end.offset + end.size <= end.directory_end:
        return end.offset, 0
    raise Unreadable("whole", "directory")


def _entries(file: BinaryIO, end: _End, start: int, shift: int) -> Iterator[Entry]:
    file.seek(start)
    records = file.read(end.size)
    spot = number = 0
    while spot < len(records):
        if records[spot : spot + 4] != CENTRAL:
            # What may follow the last record is a signature of the whole directory, which nothing uses.
            if records[spot : spot + 4] == b"PK\5\5" and number == end.entries:
                return
            raise Unreadable("whole", "directory")
        if number == MOST_ENTRIES:
            raise Unreadable("bomb", "entries", measured=end.entries, expected=MOST_ENTRIES)
        entry, spot = _entry(records, spot, shift)
        number += 1
        yield entry
    if number != end.entries:
        raise Unreadable("records", "count", measured=number, expected=end.entries)


def _entry(records: bytes, spot: int, shift: int) -> tuple[Entry, int]:
    try:
        fields = _CENTRAL.unpack_from(records, spot)
    except struct.error as error:
        raise Unreadable("whole", "directory") from error
    _, made, _, flags, method, _, _, crc, packed, size, name_length, extra_length, comment_length = fields[:13]
    disk, _, attributes, offset = fields[13:]
    spot += _CENTRAL.size
    behind = spot + name_length + extra_length + comment_length
    if behind > len(records):
        raise Unreadable("whole", "directory")
    raw = records[spot : spot + name_length]
    extra = records[spot + name_length : behind - comment_length]
    if 0xFFFFFFFF in {packed, size, offset} or disk == 0xFFFF:
        size, packed, offset, disk = wide(extra, (size, 4), (packed, 4), (offset, 4), (disk, 2))
    if disk:
        raise Unreadable("whole", "multi-disk", measured=disk + 1)
    name, letters = decoded(raw, flags, extra)
    return (
        Entry(
            raw_name=raw,
            name=name,
            letters=letters,
            host=made >> 8,
            flags=flags,
            method=method,
            crc=crc,
            packed=packed,
            size=size,
            offset=offset + shift,
            attributes=attributes,
            extra=extra,
            comment=records[behind - comment_length : behind],
        ),
        behind,
    )


def wide(extra: bytes, *fields: tuple[int, int]) -> list[int]:
    """The values of fields, given as (value, bytes), with those that are saturated taken from the ZIP64 extra field.

    Raises Unreadable where that field is missing or too short.
    """
    block = extra_fields(extra).get(ZIP64, b"")
    values: list[int] = []
    for value, width in fields:
        if value != SATURATED[width]:
            values.append(value)
            continue
        step = 2 * width
        if len(block) < step:
            raise Unreadable("whole", "zip64")
        values.append(int.from_bytes(block[:step], "little"))
        block = block[step:]
    return values


def _around(end: _End, length: int, tail: bytes, tail_start: int) -> Iterator[Fault]:
    behind = end.position + _END.size + len(end.comment)
    if tail[behind - tail_start :].strip(b"\0\r\n\t "):
        yield Fault("around", "trailing", measured=length - behind)
