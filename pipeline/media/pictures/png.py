"""Walks a PNG from chunk to chunk (W3C PNG, third edition), and unpacks its rows without drawing them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from pipeline.media.pictures.layout import Flaw, Layout, Raw

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_UNPACKED = 16_000_000
"""Bytes of packed texts and profiles that are looked at; honest ones have kilobytes."""

_HEAD = Struct(">I4s")
_HEAD_OF_ANIMATION = Struct(">II")
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
_MODES = {0: "grey", 2: "RGB", 3: "palette", 4: "grey with transparency", 6: "RGB with transparency"}
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column and row, and steps, of each pass."""
_STEP = 1 << 20
_MOST_EXCESS = 1 << 16
"""Bytes that packed rows may hold beyond the last row, and that may stand behind what is packed: careless writers add a
few, a bomb or a hiding place many.
"""
_MOST_FRAMES, _MOST_CHUNKS = 100_000, 500_000
_RAW_PROFILE = "Raw profile type "
_COLOURS = {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"bKGD", b"tIME", b"sBIT", b"hIST", b"sPLT"}
_KNOWN = _COLOURS | {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"cICP", b"mDCV", b"cLLI", b"caBX", b"mkBF", b"mkTS",
                     b"mkBS", b"mkBT", b"skMf", b"skRf", b"iDOT", b"prVW", b"cmOD", b"cpIp", b"cmPP"}  # fmt: skip
"""Chunks that the standard or well-known programs write, some of them large."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the header says about rows."""

    depth: int
    channels: int
    interlaced: bool

    def rows(self, width: int, height: int) -> Iterator[tuple[int, int]]:
        """(bytes of one row with its filter byte, how many such rows), pass by pass."""
        passes = _ADAM7 if self.interlaced else ((0, 0, 1, 1),)
        for left, top, across, down in passes:
            wide, high = -(-(width - left) // across), -(-(height - top) // down)
            if wide > 0 and high > 0:
                yield 1 + (wide * self.channels * self.depth + 7) // 8, high


class PngWalk:
    """A PNG followed to its end, every chunk's checksum compared. Never raises for what the bytes are."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.layout = Layout()
        self._shape: _Shape | None = None
        self._palette = False
        self._promised = 1
        """Frames that an animation says it has."""
        self._pictures: list[tuple[int, int, list[tuple[int, int]]]] = []
        """Width, height and (start, length) of the packed data: the picture, then each further frame."""
        self._run()

    def unpack(self) -> Flaw | None:
        """The first flaw, the packed rows of all frames followed to the last; None when all is whole.

        Memory stays at a megabyte, however large the picture is.
        """
        flaw = self.layout.flaw
        if self._shape is None or (flaw is not None and flaw.sort != "no-end"):
            return flaw
        if not self._palette:
            return Flaw("damaged", "PLTE")
        for width, height, parts in self._pictures:
            flaw = _unpack(self.raw, parts, list(self._shape.rows(width, height)))
            if flaw is not None:
                return flaw
        return self.layout.flaw

    def _run(self) -> None:
        layout, raw = self.layout, self.raw
        if raw[:8] != SIGNATURE:
            layout.flaw = Flaw("damaged", "signature")
            return
        at, count = 8, 0
        with memoryview(raw) as view:
            while layout.flaw is None and not layout.end:
                if at + 12 > len(raw):
                    whole = self._shape is not None and layout.frames >= self._promised
                    layout.flaw = Flaw("no-end" if whole else "cut-off", "IEND")
                    return
                length, name = _HEAD.unpack_from(raw, at)
                behind = at + 12 + length
                if behind > len(raw):
                    layout.flaw = Flaw("cut-off", _plain(name))
                elif zlib.crc32(view[at + 4 : behind - 4]) != int.from_bytes(view[behind - 4 : behind], "big"):
                    layout.flaw = Flaw("checksum", _plain(name))
                else:
                    self._chunk(name, at + 8, length)
                    at, count = behind, count + 1
                if count > _MOST_CHUNKS and layout.flaw is None:
                    layout.flaw = Flaw("damaged", f"> {_MOST_CHUNKS} chunks")
                if name == b"IEND" and layout.flaw is None:
                    layout.end = behind

    def _chunk(self, name: bytes, at: int, length: int) -> None:
        layout = self.layout
        if self._shape is None and name != b"IHDR":
            layout.exotic = "CgBI" if name == b"CgBI" else layout.exotic
            layout.flaw = None if name == b"CgBI" else Flaw("damaged", "IHDR")
        elif name == b"IHDR":
            self._header(self.raw[at : at + length])
        elif name == b"PLTE":
            self._palette = True
        elif name == b"IDAT":
            self._pictures[0][2].append((at, length))
        elif name in {b"acTL", b"fcTL", b"fdAT"}:
            self._animation(name, at, length)
        elif name != b"IEND":
            if name not in _KNOWN:
                layout.unexplained(self.raw, _plain(name), at, length)
            _remark(layout, name, self.raw[at : at + min(length, MOST_UNPACKED)])

    def _header(self, body: bytes) -> None:
        layout = self.layout
        if len(body) != 13 or self._shape is not None:
            layout.flaw = Flaw("damaged", "IHDR")
            return
        width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
        depth, colour, packing, filters, interlace = body[8:]
        fits = depth in _DEPTHS.get(colour, ()) and not packing and not filters and interlace < 2
        if not (fits and 0 < width < 1 << 31 and 0 < height < 1 << 31):
            layout.flaw = Flaw("damaged", "IHDR")
            return
        layout.width, layout.height, layout.bits, layout.mode = width, height, depth, _MODES[colour]
        layout.frame_pixels = width * height
        self._shape = _Shape(depth, _CHANNELS[colour], bool(interlace))
        self._pictures.append((width, height, []))
        self._palette = colour != 3

    def _animation(self, name: bytes, at: int, length: int) -> None:
        layout, raw = self.layout, self.raw
        if name == b"acTL" and length == 8:
            self._promised, layout.plays = _HEAD_OF_ANIMATION.unpack(raw[at : at + 8])
            layout.durations = []
        elif name == b"fcTL" and length == 26 and layout.durations is not None:
            width, height = int.from_bytes(raw[at + 4 : at + 8], "big"), int.from_bytes(raw[at + 8 : at + 12], "big")
            left, top = int.from_bytes(raw[at + 12 : at + 16], "big"), int.from_bytes(raw[at + 16 : at + 20], "big")
            if left + width > layout.width or top + height > layout.height:
                layout.flaw = Flaw("damaged", "fcTL")
            if len(layout.durations) < _MOST_FRAMES:
                layout.durations.append(_milliseconds(raw[at + 20 : at + 24]))
            layout.frames = max(1, len(layout.durations))
            if self._pictures[0][2]:
                self._pictures.append((width, height, []))
                layout.frame_pixels += layout.width * layout.height
        elif name == b"fdAT" and length >= 4 and len(self._pictures) > 1:
            self._pictures[-1][2].append((at + 4, length - 4))


def walk_png(raw: Raw) -> Layout:
    """The layout of a PNG. Never raises for what the bytes are."""
    return PngWalk(raw).layout


def _unpack(raw: Raw, parts: list[tuple[int, int]], rows: list[tuple[int, int]]) -> Flaw | None:
    """Inflate the bytes that the rows need and at most _MOST_EXCESS more, and look at each row's filter byte."""
    needed, held = sum(size * count for size, count in rows), 0
    left = sum(length for _, length in parts)
    filters = _Filters(rows)
    unpacker = zlib.decompressobj()
    packed = b""
    try:
        for piece in _pieces(raw, parts):
            left -= len(piece)
            packed = piece
            while packed and not unpacker.eof:
                grown = unpacker.decompress(packed, min(_STEP, needed - held) if held < needed else _STEP)
                if held < needed and not filters.take(grown):
                    return Flaw("damaged", "filter")
                held += len(grown)
                if held > needed + _MOST_EXCESS:
                    return Flaw("excess", "IDAT")
                packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            if unpacker.eof:
                break
    except zlib.error:
        # Behind the last row nothing is drawn any more, and viewers do not look.
        if held < needed:
            return Flaw("damaged", "IDAT")
    if held < needed:
        return Flaw("cut-off", "IDAT")
    return Flaw("excess", "IDAT") if left + len(packed) > _MOST_EXCESS else None


def _pieces(raw: Raw, parts: list[tuple[int, int]]) -> Iterator[bytes]:
    for start, length in parts:
        for at in range(start, start + length, _STEP):
            yield raw[at : min(at + _STEP, start + length)]


class _Filters:
    """Follows the unpacked bytes and finds the filter byte that begins each row."""

    def __init__(self, rows: list[tuple[int, int]]) -> None:
        self._rows = rows
        self._part = 0
        self._left = rows[0][1] if rows else 0
        self._next = 0

    def take(self, grown: bytes) -> bool:
        """Whether all filter bytes among these are known ones (0-4)."""
        while self._next < len(grown) and self._part < len(self._rows):
            size = self._rows[self._part][0]
            count = min(self._left, -(-(len(grown) - self._next) // size))
            if max(grown[self._next : self._next + (count - 1) * size + 1 : size]) > 4:
                return False
            self._next += count * size
            self._left -= count
            if not self._left:
                self._part += 1
                self._left = self._rows[self._part][1] if self._part < len(self._rows) else 0
        self._next -= len(grown)
        return True


def _remark(layout: Layout, name: bytes, body: bytes) -> None:
    if name == b"eXIf":
        layout.note("exif", "eXIf", body)
    elif name == b"tEXt":
        key, _, text = body.partition(b"\x00")
        _text(layout, key, text)
    elif name == b"zTXt":
        key, _, packed = body.partition(b"\x00")
        _text(layout, key, _inflated(layout, packed[1:]))
    elif name == b"iTXt":
        _international(layout, body)
    elif name == b"iCCP":
        _inflated(layout, body.partition(b"\x00")[2][1:])
    elif name not in _COLOURS:
        layout.note("segment", _plain(name), body)


def _international(layout: Layout, body: bytes) -> None:
    key, _, rest = body.partition(b"\x00")
    packed, tail = rest[:1] == b"\x01", rest[2:]
    text = tail.partition(b"\x00")[2].partition(b"\x00")[2]
    _text(layout, key, _inflated(layout, text) if packed else text)


def _text(layout: Layout, key: bytes, text: bytes) -> None:
    name = key.decode("latin-1")[:79]
    if name == "XML:com.adobe.xmp":
        layout.note("xmp", name, text)
    elif name.startswith(_RAW_PROFILE):
        _raw_profile(layout, name.removeprefix(_RAW_PROFILE).strip(), text)
    else:
        layout.note("text", name, text)


def _raw_profile(layout: Layout, sort: str, text: bytes) -> None:
    """A profile as ImageMagick writes it into a text chunk: a name, a length, hexadecimal digits."""
    lines = text.strip().split(b"\n", 2)
    try:
        data = bytes.fromhex(lines[2].decode("ascii")) if len(lines) == 3 else b""
    except ValueError:
        layout.note("text", _RAW_PROFILE + sort, text)
        return
    if sort in {"exif", "APP1"}:
        layout.note("xmp" if b"xpacket" in data[:200] or b"<x:xmpmeta" in data[:200] else "exif", sort, _bare(data))
    elif sort in {"iptc", "8bim"}:
        layout.note("iptc", sort, data)
    elif sort == "xmp":
        layout.note("xmp", sort, data)


def _bare(data: bytes) -> bytes:
    return data[6:] if data.startswith(b"Exif\x00") else data


def _inflated(layout: Layout, packed: bytes) -> bytes:
    """A packed text or profile; all of a file together may grow no further than MOST_UNPACKED."""
    room = MOST_UNPACKED - layout.unpacked
    if room <= 0:
        return b""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, room)
    except zlib.error:
        return b""
    layout.unpacked += len(text)
    if unpacker.unconsumed_tail and not unpacker.eof:
        layout.unpacked, layout.inflates = MOST_UNPACKED, MOST_UNPACKED
    return text


def _milliseconds(fraction: bytes) -> int:
    over, under = int.from_bytes(fraction[:2], "big"), int.from_bytes(fraction[2:], "big") or 100
    shown = 1000 * over // under
    # Browsers show frames that ask for hardly any time for a tenth of a second.
    return shown if shown > 10 else 100


def _plain(name: bytes) -> str:
    return "".join(chr(each) if 32 < each < 127 else "?" for each in name)
