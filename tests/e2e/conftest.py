"""One film of the short lesson, built once, and independent tools to judge it by."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.render.build import Built, Options, build
from pipeline.render.cache import Cache
from pipeline.specs import load_structure
from tests.conftest import CAPTIONS, LESSON, SHORT

QUICK = "test_film.py"
"""The one file of this folder that `make test-fast` runs; all others build film after film."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.path.name != QUICK:
            item.add_marker(pytest.mark.slow)


@dataclass(frozen=True)
class Film:
    """A built lesson and where everything of it lies."""

    lesson: Path
    out: Path
    cache: Path
    built: Built

    def probe(self, *entries: str) -> dict[str, Any]:
        return ffprobe(self.built.film, *entries)


def ffprobe(path: Path, *entries: str) -> dict[str, Any]:
    """What the system's ffprobe says of a file."""
    command = ["ffprobe", "-v", "error", "-of", "json", *entries, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, timeout=120)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="session", autouse=True)
def _independent_tools() -> None:
    for tool in ("ffprobe", "ffmpeg"):
        if shutil.which(tool) is None:
            pytest.fail(f"{tool} of the system judges our films here: run tests/install_tools")


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Film:
    folder = tmp_path_factory.mktemp("film")
    lesson = folder / "sabaq"
    lesson.mkdir()
    (lesson / "lesson.yaml").write_text(LESSON, encoding="utf-8")
    (lesson / "clip.vtt").write_text(CAPTIONS, encoding="utf-8")
    shutil.copy(clip, lesson / "clip.mp4")
    options = Options(load_structure(str(SHORT)), workers=2)
    built = build(lesson, folder / "out", options, Cache(folder / "cache"))
    return Film(lesson, folder / "out", folder / "cache", built)
