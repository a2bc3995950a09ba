"""A PNG whose packed rows hold code for a web server, stored as they are."""

import struct
import zlib
from pathlib import Path

from tests.unit.checks.pictures import png


def make(folder: Path) -> Path:
    code = b"<?" + b"php echo 1; ?>"
    rows = b"".join(b"\0" + code.ljust(640, b"a") for _ in range(360))
    stored = zlib.compress(rows, 0)
    path = folder / "pixels.png"
    path.write_bytes(png((b"IHDR", struct.pack(">IIBBBBB", 640, 360, 8, 0, 0, 0, 0)), (b"IDAT", stored)))
    return path
