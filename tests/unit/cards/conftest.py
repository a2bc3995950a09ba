"""One typesetter for all tests of the cards, and pictures made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cards.typeset import Typesetter


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--refresh-goldens", action="store_true", help="write the cards' golden pictures anew")


@pytest.fixture(scope="session")
def typesetter(tmp_path_factory: pytest.TempPathFactory) -> Typesetter:
    return Typesetter(None, tmp_path_factory.mktemp("typst"))


@pytest.fixture
def make_picture(tmp_path: Path) -> Callable[..., Path]:
    """A flat PNG (or by suffix another format) of a size and mode."""
    from PIL import Image

    def make(name: str = "picture.png", size: tuple[int, int] = (1200, 800), mode: str = "RGB", **save: object) -> Path:
        colour = {"RGB": (200, 60, 40), "RGBA": (20, 40, 200, 120), "L": 90, "CMYK": (0, 200, 200, 20)}[mode]
        file = tmp_path / name
        Image.new(mode, size, colour).save(file, **save)
        return file

    return make
