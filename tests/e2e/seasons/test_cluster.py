"""Workers on machines of their own: they share pieces, lose each other, and lose their scheduler."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pipeline.specs import fonts_folder, specs_folder
from tests.e2e.seasons.cluster import Cluster, cluster
from tests.e2e.seasons.conftest import Undisturbed
from tests.e2e.seasons.drive import Stage, await_that
from tests.e2e.seasons.judge import assert_all_whole, left_over, published

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def on_cluster(make_stage: Callable[..., Stage]) -> Iterator[Callable[..., Cluster]]:
    """A stage with workers of its own."""
    with ExitStack() as clusters:

        def make(*names: str, workers: tuple[str, ...] = ("one", "two")) -> Cluster:
            # What dask's own commands log is the administrator's, and not on the terminal of who builds.
            return clusters.enter_context(cluster(make_stage(*names, quiet=False), *workers))

        yield make


def test_workers_fetch_pieces_from_each_other(on_cluster: Callable[..., Cluster], undisturbed: Undisturbed) -> None:
    there = on_cluster("a-clip", "b-clip", "d-slides")
    at = there.stage
    driver = at.start("--scheduler", there.address)
    assert driver.wait() == 0, driver.text()
    at.assert_quiet(driver)
    assert published(at.out) == undisturbed.of(*at.names)
    how = [each["how"] for each in at.events("segment", "sound")]
    assert "fetched" in how
    made = [each["key"] for each in at.events("segment", "sound") if each["how"] == "encoded"]
    assert len(made) == len(set(made))


def test_what_a_killed_worker_held_is_made_again(on_cluster: Callable[..., Cluster], undisturbed: Undisturbed) -> None:
    there = on_cluster("a-clip", "b-clip", "d-slides")
    at = there.stage
    driver = at.start("--scheduler", there.address)

    def holder() -> str | None:
        """A worker that has made pieces of a film that is not joined yet."""
        caches = [name for name in there.workers if any((there.cache(name) / "objects").glob("??/*.json"))]
        return caches[0] if len(at.events("segment")) >= 3 and not at.events("lesson-ended") and caches else None

    name = await_that(holder, "pieces in a worker's cache")
    there.workers[name].kill()
    shutil.rmtree(there.cache(name))  # its disk goes with it
    assert driver.wait() == 0, driver.text()
    at.assert_quiet(driver)
    assert published(at.out) == undisturbed.of(*at.names)
    assert at.events("worker-lost")


def test_a_restarted_scheduler_costs_nothing_that_was_finished(
    on_cluster: Callable[..., Cluster], undisturbed: Undisturbed
) -> None:
    there = on_cluster("a-clip", "b-clip", "d-slides", "e-slides")
    at = there.stage
    driver = at.start("--scheduler", there.address)
    await_that(lambda: len(at.events("segment")) >= 4 or driver.is_over, "some segments")
    there.scheduler.kill()
    assert_all_whole(at.out, undisturbed.files)
    await_that(lambda: at.events("scheduler-lost") or driver.is_over, "the loss to be noticed")
    there.start_scheduler()
    assert driver.wait() == 0, driver.text()
    at.assert_quiet(driver)
    assert published(at.out) == undisturbed.of(*at.names)
    assert not left_over(at.out)
    assert len(at.events("scheduler-back")) == 1
    encoded = [each["key"] for each in at.events("segment", "sound") if each["how"] == "encoded"]
    assert len(encoded) == len(set(encoded))


def test_a_worker_of_another_version_is_an_error_before_any_work(
    on_cluster: Callable[..., Cluster], tmp_path: Path
) -> None:
    there = on_cluster("d-slides", workers=("one",))
    at = there.stage
    there.start_worker("other", PYTHONPATH=str(_another_version(tmp_path)))
    _await_workers(there, 2)
    driver = at.build("--scheduler", there.address)
    assert driver.process.returncode == 2, driver.text()
    assert "specs" in driver.text() or "source" in driver.text()
    at.assert_quiet(driver)
    assert not at.events("lesson-planned", "segment")
    assert not published(at.out)


def test_a_worker_of_another_version_that_joins_later_gets_no_work(
    on_cluster: Callable[..., Cluster], undisturbed: Undisturbed, tmp_path: Path
) -> None:
    there = on_cluster(workers=("one",))
    at = there.stage
    driver = at.start("--scheduler", there.address)
    await_that(lambda: at.events("segment"), "work to have begun")
    other = there.start_worker("other", PYTHONPATH=str(_another_version(tmp_path)))
    await_that(lambda: other.is_over or driver.is_over, "it to be turned away")
    assert not driver.is_over, "the batch was too short to tell"
    assert driver.wait() == 0, driver.text()
    at.assert_quiet(driver)
    assert published(at.out) == undisturbed.of(*at.names)
    assert not (there.cache("other") / "objects").exists() or not any((there.cache("other") / "objects").iterdir())


def test_a_newer_version_is_not_turned_away_by_what_a_killed_driver_left(
    on_cluster: Callable[..., Cluster], undisturbed: Undisturbed, tmp_path: Path
) -> None:
    before = {"PYTHONPATH": str(_another_version(tmp_path))}
    there = on_cluster("d-slides", workers=())
    at = there.stage
    there.start_worker("one", **before)
    driver = at.start("--scheduler", there.address, **before)
    await_that(lambda: at.events("lesson-planned"), "the older version to be at work")
    driver.kill()
    there.exchange_worker("one")
    newer = at.build("--scheduler", there.address)
    assert newer.process.returncode == 0, newer.text()
    assert published(at.out) == undisturbed.of(*at.names)


def _await_workers(there: Cluster, count: int) -> None:
    from distributed import Client

    with Client(there.address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=120)


def _another_version(folder: Path) -> Path:
    """A copy of the product that differs in one line of one of its specs."""
    copy = folder / "another"
    shutil.copytree(PROJECT / "pipeline", copy / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(specs_folder(), copy / "specs")
    (copy / "assets").mkdir()
    (copy / "assets" / fonts_folder().name).symlink_to(fonts_folder())
    for each in (fonts_folder().parent).iterdir():
        if not (copy / "assets" / each.name).exists():
            (copy / "assets" / each.name).symlink_to(each)
    subjects = copy / "specs" / "subjects.yaml"
    subjects.write_text(subjects.read_text(encoding="utf-8") + "\n# another version\n", encoding="utf-8")
    return copy
