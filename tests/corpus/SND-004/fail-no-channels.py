"""A WAV whose header tells no channels."""

from __future__ import annotations

import struct
from pathlib import Path


def make(folder: Path) -> Path:
    sound = bytes(9600)
    form = b"fmt " + struct.pack("<LHHLLHH", 16, 1, 0, 48000, 96000, 2, 16)
    body = b"WAVE" + form + b"data" + struct.pack("<L", len(sound)) + sound
    path = folder / "speech.wav"
    path.write_bytes(b"RIFF" + struct.pack("<L", len(body)) + body)
    return path
