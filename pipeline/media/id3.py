"""ID3v2 and APE tags of sound files: what is kept in them, without trusting a size.

mutagen reads these tags as well, but unpacks a compressed frame without bound and copies the rest of the tag for
every frame; a stranger's tag of ten megabytes can cost minutes and gigabytes that way.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap

MOST_FRAMES = 5_000
MOST_UNPACKED = 16_000_000
"""Bytes of one frame that are looked at after unpacking."""

MOST_TAGS = 8
"""Tags one behind the other at one end of a file."""

_PICTURES = {"APIC", "PIC"}
_OBJECTS = {"GEOB", "GEO"}
_APE = b"APETAGEX"


@dataclass(frozen=True, slots=True)
class Kept:
    """Something kept in a tag: the frame's name, whether it is a picture, and its bytes without their label.

    `name` is the file name that an object has in its label.
    """

    frame: str
    picture: bool
    data: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class Tags:
    """Where the sound between the tags begins and ends, and what the tags keep."""

    start: int
    end: int
    kept: tuple[Kept, ...]


def read_tags(data: bytes | mmap, size: int) -> Tags:
    """The tags around the sound of a file of `size` bytes."""
    start, end = 0, size
    kept: list[Kept] = []
    for _ in range(MOST_TAGS):
        if (length := _id3_size(data[start : start + 10])) and start + length <= size:
            kept += id3_frames(data[start : start + length])
        elif data[start : start + 8] == _APE:
            length = min(size, 32 + int.from_bytes(data[start + 12 : start + 16], "little"))
            kept += _ape(data[start : start + length])
        else:
            break
        start += length
    # Fillers behind a tag; a few zeros at the very start are the size of a box.
    if data[start : start + 16] == bytes(16):
        while start < min(size, 1 << 20) and data[start] == 0:
            start += 1
    for _ in range(MOST_TAGS):
        before = _tag_before(data, start, end)
        if before == end:
            break
        if data[end - 32 : end - 24] == _APE:
            kept += _ape(data[before:end])
        elif data[before : before + 3] == b"ID3":
            kept += id3_frames(data[before:end])
        end = before
    return Tags(start, max(start, end), tuple(kept))


def id3_frames(tag: bytes) -> Iterator[Kept]:
    """What one ID3v2 tag keeps (2.2, 2.3 and 2.4)."""
    version, flags = tag[3], tag[5]
    body = tag[10 : 10 + _syncsafe(tag[6:10])]
    if flags & 0x80 and version < 4:
        body = body.replace(b"\xff\x00", b"\xff")
    at = 0
    if flags & 0x40 and version > 2:
        at = int.from_bytes(body[:4], "big") + 4 if version == 3 else _syncsafe(body[:4])
    name_length, head = (3, 6) if version == 2 else (4, 10)
    for _ in range(MOST_FRAMES):
        name = body[at : at + name_length]
        if len(body) - at < head or not name.isalnum():
            return
        size = _frame_size(body, at, version)
        said = body[at + 8 : at + 10] if version > 2 else b"\0\0"
        yield _kept(name.decode("ascii"), _plain(body[at + head : at + head + size], said[1], version))
        at += head + size


def _frame_size(body: bytes, at: int, version: int) -> int:
    if version == 2:
        return int.from_bytes(body[at + 3 : at + 6], "big")
    plain = int.from_bytes(body[at + 4 : at + 8], "big")
    if version == 3:
        return plain
    safe = _syncsafe(body[at + 4 : at + 8])
    # iTunes once wrote plain sizes into 2.4 tags: the size after which another frame or the padding begins is meant.
    following = body[at + 10 + safe : at + 14 + safe]
    return safe if safe == plain or not following.strip(b"\0") or following.isalnum() else plain


def _plain(data: bytes, said: int, version: int) -> bytes:
    """A frame's bytes after undoing what its flags say; as they are where that fails or the frame is encrypted."""
    if version == 3:
        grouped, packed, encrypted, unsynced, measured = said & 0x20, said & 0x80, said & 0x40, 0, said & 0x80
    else:
        grouped, packed, encrypted, unsynced, measured = said & 0x40, said & 8, said & 4, said & 2, said & 1
    data = data[(1 if grouped else 0) + (4 if measured else 0) :]
    if unsynced:
        data = data.replace(b"\xff\x00", b"\xff")
    if packed and not encrypted:
        try:
            return zlib.decompressobj().decompress(data, MOST_UNPACKED)
        except zlib.error:
            return data
    return data


def _kept(name: str, data: bytes) -> Kept:
    # Pictures and objects: encoding, kind, NUL, then for an object its file name, NUL; description, NUL, the thing.
    wide = data[:1] in {b"\1", b"\2"}
    if name in _PICTURES:
        kind_and_sort = data[5:] if name == "PIC" else data[1:].partition(b"\0")[2][1:]
        # Where the label has no end, all of it is what somebody has to judge.
        return Kept(name, True, _after_text(kind_and_sort, wide=wide)[1] or data)
    if name in _OBJECTS and data:
        label, rest = _after_text(data[1:].partition(b"\0")[2], wide=wide)
        plain = label.decode("utf-16" if data[0] == 1 else "utf-16-be" if wide else "utf-8", "replace")
        return Kept(name, False, _after_text(rest, wide=wide)[1] or data, plain)
    if name == "PRIV":
        return Kept(name, False, data.partition(b"\0")[2])
    return Kept(name, False, data[1:] if name[:1] in {"T", "C", "U", "W"} else data)


def _after_text(data: bytes, *, wide: bool) -> tuple[bytes, bytes]:
    """A text that ends with a NUL, and what stands behind it."""
    if not wide:
        text, _, rest = data.partition(b"\0")
        return text, rest
    at = data.find(b"\0\0")
    while at % 2 and at >= 0:
        at = data.find(b"\0\0", at + 1)
    return (data[:at], data[at + 2 :]) if at >= 0 else (data, b"")


def _syncsafe(data: bytes) -> int:
    return sum((byte & 0x7F) << 7 * shift for shift, byte in enumerate(reversed(data[:4])))


def _id3_size(head: bytes) -> int:
    """Bytes of the tag that begins so; 0 where none does."""
    if head[:3] != b"ID3" or len(head) < 10 or head[3] not in {2, 3, 4} or max(head[6:10]) > 127:
        return 0
    return 10 + _syncsafe(head[6:10]) + (10 if head[3] == 4 and head[5] & 0x10 else 0)


def _tag_before(data: bytes | mmap, start: int, end: int) -> int:
    """Where the tag begins that ends at `end`; `end` itself where there is none."""
    length = 0
    if data[end - 128 : end - 125] == b"TAG":
        length = 128 + (227 if data[end - 355 : end - 351] == b"TAG+" else 0)
    elif data[end - 32 : end - 24] == _APE:
        headed = data[end - 9] & 0x80
        length = int.from_bytes(data[end - 20 : end - 16], "little") + (32 if headed else 0)
    elif data[end - 9 : end] == b"LYRICS200" and data[end - 15 : end - 9].isdigit():
        length = int(data[end - 15 : end - 9]) + 15
    elif data[end - 10 : end - 7] == b"3DI":
        length = 20 + _syncsafe(data[end - 4 : end])
    elif end > start and data[end - 1] == 0:
        # Fillers; but a frame may end with a few zeros of its own.
        zeros = 0
        while zeros < min(end - start, 1 << 20) and data[end - 1 - zeros] == 0:
            zeros += 1
        length = zeros if zeros > 4096 else 0
    return end - length if 0 < length <= end - start else end


def _ape(tag: bytes) -> Iterator[Kept]:
    """The items of an APEv2 tag with its header, its footer, or both."""
    at, end = (32 if tag[:8] == _APE else 0), len(tag) - (32 if tag[-32:-24] == _APE else 0)
    for _ in range(MOST_FRAMES):
        size, flags = (int.from_bytes(tag[start : start + 4], "little") for start in (at, at + 4))
        name, ended, _rest = tag[at + 8 : at + 8 + 256].partition(b"\0")
        first = at + 8 + len(name) + 1
        if not ended or first + size > end:
            return
        label, binary = name.decode("ascii", "replace"), flags >> 1 & 3 == 1
        picture = binary and label.lower().startswith("cover art")
        data = tag[first : first + size]
        if binary:
            # A file is kept behind its name.
            held, ended, _rest = data[:256].partition(b"\0")
            data = data[len(held) + 1 :] if picture else data
            yield Kept(f"APE {label}", picture, data, held.decode("utf-8", "replace") if ended else "")
        else:
            yield Kept(f"APE {label}", False, data)
        at = first + size
