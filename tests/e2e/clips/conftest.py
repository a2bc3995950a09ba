"""Fixtures of the footage tests."""

from __future__ import annotations

import pytest

from .conforming import Bench


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The product's conforming bench, with a folder for its films."""
    return Bench.in_folder(tmp_path_factory.mktemp("bench"))
