"""A JPEG that carries bytes in segments of applications which nobody can name."""

from pathlib import Path

import numpy as np

from tests.unit.checks.pictures import sun, with_segment


def make(folder: Path) -> Path:
    picture, chance = sun("JPEG"), np.random.default_rng(1)
    for _ in range(2):
        picture = with_segment(picture, 0xEE, chance.bytes(50_000))
    path = folder / "steppe.jpg"
    path.write_bytes(picture)
    return path
