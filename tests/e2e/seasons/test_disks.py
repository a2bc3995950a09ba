"""Disks that are full or say no: a message that names the folder, and everybody else goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.seasons.conftest import Undisturbed
from tests.e2e.seasons.drive import Stage
from tests.e2e.seasons.judge import assert_all_whole, left_over, published


class Mounts:
    """Small disks and read-only ones, taken away afterwards."""

    def __init__(self) -> None:
        self._made: list[Path] = []

    def small(self, folder: Path, size: str) -> None:
        self._mount(folder, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))

    def grow(self, folder: Path, size: str) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True, capture_output=True)

    def read_only(self, folder: Path) -> None:
        self._mount(folder, "--bind", str(folder), str(folder))
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True, capture_output=True)

    def _mount(self, folder: Path, *arguments: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", *arguments], check=False, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"this machine does not let us mount: {done.stderr.strip()}")
        self._made.append(folder)

    def free(self, folder: Path) -> None:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)
        self._made.remove(folder)

    def end(self) -> None:
        for folder in list(self._made):
            self.free(folder)


@pytest.fixture
def mounts() -> Iterator[Mounts]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    made = Mounts()
    try:
        yield made
    finally:
        made.end()


def test_a_full_output_disk_takes_what_fits_and_the_rest_after_making_room(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed, mounts: Mounts
) -> None:
    at = make_stage("a-clip", "b-clip", "d-slides", "e-slides", warm=True)
    # Room for both small films, and not for a large one beside them.
    mounts.small(at.out, "1900k")
    driver = at.build()
    assert driver.process.returncode == 1, driver.text()
    assert "No space left on device" in driver.text()
    assert str(at.out) in driver.text()
    whole = assert_all_whole(at.out, undisturbed.files)
    assert whole
    assert len(whole) < 4
    assert not left_over(at.out)
    records = at.records()
    assert [each["n"] for each in records] == sorted(each["n"] for each in records)
    assert {name for name, outcome in at.outcomes().items() if outcome == "failed"} == set(at.names) - whole

    mounts.grow(at.out, "30m")
    again = at.build()
    assert again.process.returncode == 0, again.text()
    assert published(at.out) == undisturbed.of(*at.names)


def test_a_full_cache_disk_is_told_and_after_making_room_the_same_command_completes(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed, mounts: Mounts
) -> None:
    at = make_stage("a-clip", "d-slides")
    mounts.small(at.cache, "1500k")
    driver = at.build()
    assert driver.process.returncode == 1, driver.text()
    assert str(at.cache) in driver.text()
    assert {each["code"] for each in at.errors("a-clip")} == {"cache.full"}
    assert_all_whole(at.out, undisturbed.files)

    mounts.grow(at.cache, "60m")
    again = at.build()
    assert again.process.returncode == 0, again.text()
    assert published(at.out) == undisturbed.of(*at.names)


def test_a_read_only_output_folder_is_told_before_any_work(make_stage: Callable[..., Stage], mounts: Mounts) -> None:
    at = make_stage("d-slides", "e-slides")
    mounts.read_only(at.out)
    driver = at.build()
    assert driver.process.returncode == 2, driver.text()
    assert f"{at.out.name}: Read-only file system" in driver.text()
    assert not any((at.cache / "objects").glob("??/*"))


def test_a_file_in_the_place_of_the_output_folder_is_told(make_stage: Callable[..., Stage]) -> None:
    at = make_stage("d-slides", "e-slides")
    at.out.write_text("a file where the folder should be")
    driver = at.build()
    assert driver.process.returncode == 2, driver.text()
    assert f"{at.out.name}: Not a directory" in driver.text()


def test_a_file_in_the_place_of_one_lessons_folder_fails_only_that_lesson(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed
) -> None:
    at = make_stage("d-slides", "e-slides", warm=True)
    at.out.mkdir()
    (at.out / "d-slides").write_text("a file where the folder should be")
    driver = at.build()
    assert driver.process.returncode == 1, driver.text()
    assert at.outcomes() == {"d-slides": "failed", "e-slides": "made"}
    assert str(at.out / "d-slides") in at.errors("d-slides")[0]["message"]["en"]
    assert assert_all_whole(at.out, undisturbed.files | published(at.out)) == {"e-slides"}
