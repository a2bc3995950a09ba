"""A second name in UTF-8 only in front of the file: unzip writes what no other program lists."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    name = b"\1" + struct.pack("<L", zlib.crc32(b"a.txt")) + b"evil.exe"
    field = struct.pack("<HH", 0x7075, len(name)) + name
    return write(folder, zip_bytes([index(), Item("a.txt", b"a", local={"extra": field})]))
