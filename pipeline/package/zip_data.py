"""The bytes of one entry of a ZIP, unpacked piece by piece and never further than its directory allows."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.package.zip_records import Entry

STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
COMMON = {STORED, DEFLATED}
"""What every platform opens."""
READABLE = COMMON | {BZIP2, LZMA}

_PIECE = 262_144
_LZMA_HEAD = 9
_MOST_DICTIONARY = 67_108_864
"""Bytes of memory an LZMA entry may ask for."""


class Damaged(Exception):  # noqa: N818  # a verdict on the entry, told as a finding
    """The packed bytes of an entry are not what its method makes."""


class Understated(Exception):  # noqa: N818
    """An entry unpacks to more bytes than the directory says: the mark of a bomb."""


class Slack(Exception):  # noqa: N818
    """There are packed bytes behind the end of an entry's data."""


def unpacked(file: BinaryIO, entry: Entry, start: int) -> Iterator[bytes]:
    """The unpacked bytes in pieces. `start` is where the packed ones begin.

    Raises Understated as soon as there is one byte more than the directory says, Damaged for bytes that do not unpack
    or are too few, Slack after the last piece.
    """
    file.seek(start)
    pieces = _stored(file, entry) if entry.method == STORED else _decoded(file, entry)
    count = 0
    for piece in pieces:
        count += len(piece)
        if count > entry.size:
            raise Understated
        yield piece
    if count < entry.size:
        raise Damaged


def _stored(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    if entry.packed != entry.size:
        raise Understated if entry.packed > entry.size else Damaged
    left = entry.packed
    while left > 0:
        piece = file.read(min(left, _PIECE))
        if not piece:
            raise Damaged
        left -= len(piece)
        yield piece


def _decoded(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    left = entry.packed
    decoder: _Deflate | _Stream
    if entry.method == LZMA:
        decoder = _lzma(file)
        left -= _LZMA_HEAD
    else:
        decoder = _Deflate() if entry.method == DEFLATED else _Stream(bz2.BZ2Decompressor())
    while not decoder.eof:
        if decoder.hungry:
            packed = file.read(min(max(left, 0), _PIECE))
            left -= len(packed)
            if not packed:
                break
        else:
            packed = b""
        # One byte more than announced is asked for, so that a lie shows before it fills the memory.
        piece = decoder.feed(packed, min(_PIECE, entry.size + 1))
        if piece:
            yield piece
    if not decoder.eof and entry.method != LZMA:
        raise Damaged
    if left > 0 or decoder.unused:
        raise Slack


class _Deflate:
    """Raw deflate in bounded steps."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(-15)
        self.hungry = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused(self) -> bool:
        return bool(self._inner.unused_data)

    def feed(self, packed: bytes, most: int) -> bytes:
        try:
            piece = self._inner.decompress(self._inner.unconsumed_tail + packed, most)
        except zlib.error as error:
            raise Damaged from error
        # A full piece may leave output behind even when all the input is taken.
        self.hungry = not self._inner.unconsumed_tail and len(piece) < most
        return piece


class _Stream:
    """bzip2 or LZMA in bounded steps."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def hungry(self) -> bool:
        return self._inner.needs_input

    @property
    def unused(self) -> bool:
        return bool(self._inner.unused_data)

    def feed(self, packed: bytes, most: int) -> bytes:
        try:
            return self._inner.decompress(packed, most)
        except (OSError, lzma.LZMAError, EOFError) as error:
            raise Damaged from error


def _lzma(file: BinaryIO) -> _Stream:
    """The decoder of method 14, whose properties stand before the data."""
    head = file.read(_LZMA_HEAD)
    if len(head) < _LZMA_HEAD or int.from_bytes(head[2:4], "little") != 5:
        raise Damaged
    level, dictionary = head[4], int.from_bytes(head[5:9], "little")
    if level >= 225 or dictionary > _MOST_DICTIONARY:
        raise Damaged
    properties = {"lc": level % 9, "lp": level // 9 % 5, "pb": level // 45, "dict_size": max(dictionary, 4096)}
    if properties["lc"] + properties["lp"] > 4:
        raise Damaged
    inner = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, **properties}])
    return _Stream(inner)
