"""What lies before the directory of a ZIP: the entries as their own headers tell them, against the directory's word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from struct import Struct
from typing import BinaryIO

from pipeline.package.zip_names import UTF8_FLAG, unicode_path
from pipeline.package.zip_records import (
    LOCAL,
    SATURATED,
    SINGLE_SEGMENT,
    Directory,
    Entry,
    Fault,
    Unreadable,
    wide,
)
from pipeline.package.zip_words import hides_something

_LOCAL = Struct("<4s5H3L2H")
_DESCRIPTOR = b"PK\7\x08"
_ENCRYPTED, _DESCRIPTOR_FOLLOWS = 0x1, 0x8
_PEEK = 65_536
"""How much of a gap between entries is looked at."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the data of each entry begin, by the entry's offset, and what is wrong between the records."""

    data: Mapping[int, int]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Header:
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    raw_name: bytes
    extra: bytes
    behind: int
    """Where the entry's data begin."""


def read_layout(file: BinaryIO, directory: Directory) -> Layout:
    """Every local header compared with its record in the directory, and the space between them."""
    data: dict[int, int] = {}
    spans: list[tuple[int, int, Entry]] = []
    seen: dict[tuple[str, str], Fault] = {}

    def tell(fault: Fault) -> None:
        first = seen.get((fault.concern, fault.variant))
        count = first.count + 1 if first else 1
        seen[fault.concern, fault.variant] = _counted(first or fault, count)

    for entry in sorted(directory.entries, key=lambda each: each.offset):
        if spans and entry.offset < spans[-1][1]:
            # What overlaps cannot be compared further: one header would be blamed for the other's.
            return Layout({}, (Fault("bomb", "overlap", entry=entry.name, fatal=True),))
        header = _header(file, entry, directory.start)
        if header is None:
            tell(Fault("records", "no-local", entry=entry.name, fatal=True))
            continue
        for fault in _disagreements(entry, header):
            tell(fault)
        data[entry.offset] = header.behind
        end = header.behind + entry.packed
        if end > directory.start:
            return Layout({}, (Fault("whole", "beyond", entry=entry.name, fatal=True),))
        if header.flags & _DESCRIPTOR_FOLLOWS:
            end += _descriptor_length(file, end, entry)
        spans.append((entry.offset, end, entry))
    if ("records", "no-local") not in seen:
        # What a wrong offset leaves behind looks like a hidden file, and is the same fault.
        for fault in _between(file, directory, [(start, end) for start, end, _ in spans]):
            tell(fault)
    return Layout(data, tuple(seen.values()))


def _counted(fault: Fault, count: int) -> Fault:
    return Fault(fault.concern, fault.variant, fault.entry, count, fault.measured, fault.expected, fault.fatal)


def _header(file: BinaryIO, entry: Entry, limit: int) -> _Header | None:
    if not 0 <= entry.offset <= limit - _LOCAL.size:
        return None
    file.seek(entry.offset)
    record = file.read(_LOCAL.size)
    if not record.startswith(LOCAL):
        return None
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(record)
    rest = file.read(name_length + extra_length)
    raw, extra = rest[:name_length], rest[name_length:]
    if SATURATED[4] in {packed, size}:
        # Without the field they stay saturated, and the comparison tells it as a disagreement.
        with suppress(Unreadable):
            size, packed = wide(extra, (size, 4), (packed, 4))
    return _Header(flags, method, crc, packed, size, raw, extra, entry.offset + _LOCAL.size + len(rest))


def _disagreements(entry: Entry, header: _Header) -> Iterator[Fault]:
    """The fields that the two records of an entry tell differently. Extra fields and times may differ, but not the
    second name in them: unzip takes it from the header in front of the data, others from the directory. And what is
    hidden only in front of the data.
    """
    if header.raw_name != entry.raw_name:
        other = header.raw_name.decode("utf-8", "backslashreplace")
        yield Fault("records", "name", entry=entry.name, measured=other, fatal=True)
        return
    second = unicode_path(header.raw_name, header.extra)
    if second not in {None, entry.name, unicode_path(entry.raw_name, entry.extra)}:
        yield Fault("records", "name", entry=entry.name, measured=second, fatal=True)
        return
    if hides_something(header.extra) and not hides_something(entry.extra):
        yield Fault("around", "extra", entry.name)
    if header.method != entry.method:
        yield Fault("records", "method", entry.name, 1, header.method, entry.method, fatal=True)
    marks = _ENCRYPTED | (0 if entry.raw_name.isascii() else UTF8_FLAG)
    if (header.flags ^ entry.flags) & marks:
        yield Fault("records", "flags", entry=entry.name, fatal=True)
    # With a descriptor behind the data the header may leave the three fields empty.
    empty = {0, SATURATED[4]} if header.flags & _DESCRIPTOR_FOLLOWS else set()
    for variant, local, central in (
        ("size", header.size, entry.size),
        ("size", header.packed, entry.packed),
        ("crc", header.crc, entry.crc),
    ):
        if local != central and local not in empty:
            yield Fault("records", variant, entry.name, 1, local, central, fatal=True)
            return


def _descriptor_length(file: BinaryIO, position: int, entry: Entry) -> int:
    """Bytes of the data descriptor; 0 where there is none that agrees with the directory (what lies there instead is
    then found as a gap).
    """
    file.seek(position)
    found = file.read(24)
    for signature in (_DESCRIPTOR, b""):
        for width in (4, 8):
            sizes = b"".join(each.to_bytes(8, "little")[:width] for each in (entry.packed, entry.size))
            expected = signature + entry.crc.to_bytes(4, "little") + sizes
            if found.startswith(expected):
                return len(expected)
    return 0


def _between(file: BinaryIO, directory: Directory, spans: list[tuple[int, int]]) -> Iterator[Fault]:
    """What lies before the first entry, between entries, and before the directory. Zeros are padding."""
    first = spans[0][0] if spans else directory.start
    if first:
        yield from _prefix(file, first)
    edges = [*spans, (directory.start, directory.start)]
    for (_, end), (start, _) in pairwise(edges):
        if start > end:
            yield from _gap(file, end, start)
    for start, end in directory.spare:
        if end > start:
            yield from _gap(file, start, end)


def _prefix(file: BinaryIO, length: int) -> Iterator[Fault]:
    file.seek(0)
    found = file.read(min(length, _PEEK))
    if length == 4 and SINGLE_SEGMENT.startswith(found):
        return
    if found.startswith((b"MZ", b"\x7fELF", b"#!")):
        yield Fault("around", "self-extracting", measured=length)
    elif LOCAL in found:
        yield Fault("records", "hidden", measured=length, fatal=True)
    else:
        yield Fault("around", "prefix", measured=length)


def _gap(file: BinaryIO, start: int, end: int) -> Iterator[Fault]:
    file.seek(start)
    found = file.read(min(end - start, _PEEK))
    if LOCAL in found:
        yield Fault("records", "hidden", measured=end - start, fatal=True)
    elif found.strip(b"\0") or end - start > _PEEK:
        yield Fault("around", "between", measured=end - start)
