"""The name again in UTF-8, in both places, as Info-ZIP writes it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    raw = "сан.txt".encode("cp866")
    name = b"\1" + struct.pack("<L", zlib.crc32(raw)) + "сан.txt".encode()
    extra = {"extra": struct.pack("<HH", 0x7075, len(name)) + name}
    return write(folder, zip_bytes([index(), Item(raw, b"a", local=extra, central=extra)]))
