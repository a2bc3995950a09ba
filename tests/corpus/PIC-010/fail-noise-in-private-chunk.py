"""A PNG that carries bytes in a chunk of its own which nobody can name."""

from pathlib import Path

import numpy as np

from tests.unit.checks.pictures import chunk, sun

HEADER_ENDS = 33


def make(folder: Path) -> Path:
    picture, noise = sun("PNG"), np.random.default_rng(1).bytes(70_000)
    path = folder / "steppe.png"
    path.write_bytes(picture[:HEADER_ENDS] + chunk(b"evIl", noise) + picture[HEADER_ENDS:])
    return path
