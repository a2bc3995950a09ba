"""A photograph that ends in segments of zeros, with exactly the bytes that are allowed."""

from pathlib import Path

from tests.unit.checks.pictures import large_jpeg


def make(folder: Path) -> Path:
    return large_jpeg(folder / "photo.jpg", 100_000_000)
