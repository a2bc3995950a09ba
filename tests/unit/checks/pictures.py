"""Pictures with a known truth, for cases that no repository should hold."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

SEGMENT = 65_533
"""Bytes that the largest JPEG segment carries."""


def sun(sort: str, width: int = 640, height: int = 360) -> bytes:
    """A yellow disc over a steppe, in 8 bits a channel."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (width, height), (120, 180, 230))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, height * 2 // 3, width, height), fill=(210, 180, 90))
    draw.ellipse((width // 3, height // 8, width // 2, height // 2), fill=(250, 220, 60))
    written = io.BytesIO()
    picture.save(written, sort)
    return written.getvalue()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of these chunks, with true checksums and an end."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, data) for name, data in (*chunks, (b"IEND", b"")))


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_segment(jpeg: bytes, marker: int, data: bytes) -> bytes:
    """A JPEG with one more segment behind its first two bytes."""
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data + jpeg[2:]


def large_jpeg(path: Path, size: int) -> Path:
    """A whole JPEG of exactly `size` bytes: segments of zeros stand before its picture."""
    picture = sun("JPEG")
    left = size - len(picture)
    with path.open("wb") as file:
        file.write(picture[:2])
        while left:
            # A segment has four bytes of its own: what is left over must not be less.
            take = min(left, SEGMENT + 4)
            take -= 8 if 0 < left - take < 4 else 0
            file.write(b"\xff\xef" + struct.pack(">H", take - 2) + bytes(take - 4))
            left -= take
        file.write(picture[2:])
    return path


def windows_program() -> bytes:
    """The headers of a Windows program, without any code."""
    return b"MZ".ljust(60, b"\0") + struct.pack("<I", 128) + bytes(64) + b"PE\0\0" + bytes(200)
