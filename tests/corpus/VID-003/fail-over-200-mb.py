"""A film in order, with one byte more than 200,000,000 in all: the rest is a `free` box of holes."""

from __future__ import annotations

import struct
from pathlib import Path

FILM = Path(__file__).parents[1] / "VID-001" / "pass-mp4.mp4"
SIZE = 200_000_001


def make(folder: Path) -> Path:
    film = FILM.read_bytes()
    path = folder / "film.mp4"
    with path.open("wb") as file:
        file.write(film + struct.pack(">I4s", SIZE - len(film), b"free"))
        file.truncate(SIZE)
    return path
