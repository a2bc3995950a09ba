"""Sound inside the product: raw little-endian 32-bit float, 48 kHz, stereo, in a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    """Shape (samples, 2), 1.0 is full scale."""

CHANNELS = 2
BYTES_PER_SAMPLE = 4 * CHANNELS
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class PcmFile:
    """Decoded sound on disk, `samples` long; read piece by piece, never as a whole."""

    path: Path
    samples: int

    @classmethod
    def at(cls, path: Path) -> PcmFile:
        return cls(path, path.stat().st_size // BYTES_PER_SAMPLE if path.is_file() else 0)

    def read(self, start: int, stop: int) -> Samples:
        """Samples `start` to `stop`, both within the file."""
        import numpy as np

        count = (stop - start) * CHANNELS
        return np.fromfile(self.path, "<f4", count, offset=start * BYTES_PER_SAMPLE).reshape(-1, CHANNELS)

    def blocks(self) -> Iterator[bytes]:
        """The whole file, piece by piece."""
        with self.path.open("rb") as file:
            left = self.samples * BYTES_PER_SAMPLE
            while left > 0 and (piece := file.read(min(left, _PIECE))):
                left -= len(piece)
                yield piece


def to_gain(decibels: float) -> float:
    """The factor of a level change in dB."""
    return float(10.0 ** (decibels / 20.0))
