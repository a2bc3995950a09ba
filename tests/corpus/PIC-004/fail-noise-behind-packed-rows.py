"""A PNG whose rows end long before the data they are packed in."""

import struct
import zlib
from pathlib import Path

import numpy as np

from tests.unit.checks.pictures import png


def make(folder: Path) -> Path:
    packed = zlib.compress((b"\0" + bytes(640)) * 360) + np.random.default_rng(1).bytes(70_000)
    path = folder / "dark.png"
    path.write_bytes(png((b"IHDR", struct.pack(">IIBBBBB", 640, 360, 8, 0, 0, 0, 0)), (b"IDAT", packed)))
    return path
