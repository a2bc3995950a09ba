"""A WAV in order of one byte more than 100,000,000: a short sound, and a `JUNK` chunk of holes."""

from __future__ import annotations

import struct
from pathlib import Path

SOUND = Path(__file__).parents[1] / "SND-001" / "pass-wav.wav"
SIZE = 100_000_001


def make(folder: Path) -> Path:
    sound = SOUND.read_bytes()
    path = folder / "sound.wav"
    with path.open("wb") as file:
        file.write(sound + struct.pack("<4sI", b"JUNK", SIZE - len(sound) - 8))
        file.truncate(SIZE)
    return path
