"""The chunks of a WAV file (RIFF, RF64; EBU Tech 3306), each size compared with the bytes that are there."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

MOST_CHUNKS = 10_000
UNKNOWN_SIZE = 0xFFFFFFFF
"""What a program writes that does not know yet how long the sound will be."""

FORMATS = {1: "PCM", 3: "float", 6: "A-law", 7: "µ-law", 2: "ADPCM", 0x11: "IMA ADPCM", 0x31: "GSM", 0x50: "MP2",
           0x55: "MP3", 0xFF: "AAC", 0x161: "WMA"}  # fmt: skip
_EXTENSIBLE = 0xFFFE


@dataclass(frozen=True, slots=True)
class Chunk:
    """Four letters, the position of the content, and its size as declared."""

    type: bytes
    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.size


@dataclass(frozen=True, slots=True)
class Wave:
    """What the chunks say. `foreign` is where bytes begin that are no chunk (None: there are none)."""

    chunks: tuple[Chunk, ...]
    size: int
    format: int
    channels: int
    rate: int
    bytes_per_second: int
    block: int
    """Bytes of one sample of all channels."""
    data: Chunk | None
    foreign: int | None

    @property
    def format_name(self) -> str:
        return FORMATS.get(self.format, f"0x{self.format:04X}")

    @property
    def odd_width(self) -> int:
        """Bits of a plain sample where they are a number that decoders do not know; 0 otherwise."""
        bits = self.block * 8 // self.channels if self.channels else 0
        known = {1: {8, 16, 24, 32}, 3: {32, 64}}.get(self.format)
        return bits if known is not None and bits not in known else 0

    @property
    def lies(self) -> bool:
        """The header of plain samples names a speed that they cannot have: players stretch the sound, or its clock."""
        plain = self.format in {1, 3, 6, 7} and self.rate and self.block and not self.odd_width
        return bool(plain) and self.bytes_per_second != self.rate * self.block

    @property
    def unfinished(self) -> bool:
        """The recorder never wrote how long the sound is, though there is some."""
        return self.data is not None and self.data.size in {0, UNKNOWN_SIZE} and self.data.start < self.size

    @property
    def held(self) -> int:
        """Bytes of sound that are really there."""
        if self.data is None:
            return 0
        if self.unfinished:
            return self.size - self.data.start if self.data.size or self.foreign is not None else 0
        return max(0, min(self.data.end, self.size) - self.data.start)


def read_wave(path: Path) -> Wave:
    """The chunks of a WAV file. Raises OSError."""
    size = path.stat().st_size
    chunks: list[Chunk] = []
    foreign = None
    long_data = 0
    form = b""
    with path.open("rb") as file:
        at = 12
        while at < size and len(chunks) < MOST_CHUNKS:
            file.seek(at)
            head = file.read(8)
            if len(head) < 8 or not all(0x20 <= byte < 0x7F for byte in head[:4]):
                foreign = at
                break
            length = int.from_bytes(head[4:], "little")
            if head[:4] == b"ds64":
                long_data = int.from_bytes(file.read(16)[8:16], "little")
            elif head[:4] == b"fmt " and not form:
                form = file.read(min(length, 40))
            elif head[:4] == b"data" and length == UNKNOWN_SIZE and long_data:
                length = long_data
            chunks.append(Chunk(head[:4], at + 8, length))
            # Chunks begin at even positions; some writers forget the byte that fills up, `data` comes last there.
            at = at + 8 + length + length % 2
    return _wave(chunks, size, form, foreign)


def _wave(chunks: list[Chunk], size: int, form: bytes, foreign: int | None) -> Wave:
    format_, channels, rate, bytes_per_second, block = struct.unpack("<HHIIH", form[:14].ljust(14, b"\0"))
    if format_ == _EXTENSIBLE and len(form) >= 26:
        format_ = int.from_bytes(form[24:26], "little")
    data = next((each for each in chunks if each.type == b"data"), None)
    return Wave(tuple(chunks), size, format_, channels, rate, bytes_per_second, block, data, foreign)
