"""A PNG with the first bytes of a Windows program behind its end."""

from pathlib import Path

from tests.unit.checks.pictures import sun, windows_program


def make(folder: Path) -> Path:
    path = folder / "sun.png"
    path.write_bytes(sun("PNG") + windows_program())
    return path
