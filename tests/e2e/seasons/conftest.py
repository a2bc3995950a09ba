"""One undisturbed batch to compare with, and a stage for each batch that is disturbed."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.seasons.drive import Stage, stage
from tests.e2e.seasons.judge import published
from tests.e2e.seasons.season import ALL, make_season


@dataclass(frozen=True)
class Undisturbed:
    """A season that nothing happened to. `files`: what it published, name -> SHA-256."""

    lessons: Path
    objects: Path
    files: dict[str, str]

    def of(self, *names: str) -> dict[str, str]:
        """What is published of these lessons."""
        return {file: digest for file, digest in self.files.items() if file.partition("/")[0] in names}


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Undisturbed:
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # one for all workers of this run
    folder = root / "undisturbed"
    with (root / "undisturbed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            lessons = make_season(folder / "lessons", clip)
            with stage(folder / "batch", lessons, ALL) as quiet:
                built = quiet.build()
                assert built.process.returncode == 0, built.text()
            (folder / "done").touch()
    return Undisturbed(folder / "lessons", folder / "batch/cache/objects", published(folder / "batch/out"))


@pytest.fixture
def make_stage(tmp_path: Path, undisturbed: Undisturbed) -> Iterator[Callable[..., Stage]]:
    """A stage for these lessons of the season. `own`: with a copy of them, to be changed. `warm`: with every piece of
    the undisturbed season in its cache, so that nothing is to be encoded."""
    with ExitStack() as stages:

        def make(*names: str, own: bool = False, warm: bool = False, quiet: bool = True) -> Stage:
            lessons = undisturbed.lessons
            if own:
                lessons = tmp_path / "lessons"
                for each in names or ALL:
                    shutil.copytree(undisturbed.lessons / each, lessons / each)
            made = stages.enter_context(stage(tmp_path / "stage", lessons, names or ALL, quiet=quiet))
            if warm:
                shutil.copytree(undisturbed.objects, made.cache / "objects", copy_function=os.link)
            return made

        yield make
