"""A drawing with a megabyte of CSS that has to be read token by token."""

from pathlib import Path


def make(folder: Path) -> Path:
    path = folder / "drawing.svg"
    rules = ".a{fill:\\72 ed}" * 70_000
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><style>{rules}</style></svg>')
    return path
