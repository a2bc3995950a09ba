"""Workers die in the middle of their work: only what they were doing is done again, and elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from tests.e2e.seasons.conftest import Undisturbed
from tests.e2e.seasons.drive import Stage, await_that
from tests.e2e.seasons.judge import assert_all_whole, published
from tests.e2e.seasons.season import copies


def test_a_worker_killed_while_it_encodes_costs_only_what_it_was_doing(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed
) -> None:
    at = make_stage("a-clip", "b-clip", "d-slides")
    driver = at.start()
    await_that(lambda: at.events("segment"), "a first segment")
    await_that(at.busy_workers, "a worker that encodes")[0].kill()
    assert driver.wait() == 0, driver.text()

    assert published(at.out) == undisturbed.of(*at.names)
    assert len(at.events("worker-lost")) == 1
    assert [each["problem"]["code"] for each in at.events("retry")] == ["batch.worker-lost"]
    encoded = Counter(each["key"] for each in at.events("segment", "sound") if each["how"] == "encoded")
    assert set(encoded.values()) == {1}


def test_a_piece_that_kills_every_worker_fails_only_its_lesson(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed
) -> None:
    at = make_stage("c-clip", "d-slides", "e-slides", own=True)
    at.let_workers_die("subprocess.Popen", "'-progress' in details[1] and 'c-clip/clip.mp4' in str(details[1])")
    driver = at.build()
    assert driver.process.returncode == 1, driver.text()
    assert at.outcomes() == {"c-clip": "failed", "d-slides": "made", "e-slides": "made"}
    assert [each["code"] for each in at.errors("c-clip")] == ["batch.killed-workers"]
    assert assert_all_whole(at.out, undisturbed.of("d-slides", "e-slides")) == {"d-slides", "e-slides"}


def test_a_script_that_kills_every_worker_fails_only_itself(make_stage: Callable[..., Stage]) -> None:
    at = make_stage("d-slides", own=True)
    # So many lessons that the one worker is handed two of them at once.
    at.names = copies(at.lessons, "d-slides", 8)
    at.let_workers_die("open", "str(details[0]).endswith('d-slides-3/lesson.yaml')")
    planned = at.build("--dry-run", "--jobs", "1")
    assert planned.process.returncode == 1, planned.text()
    assert planned.text().count("✗") == 1, planned.text()
    assert all(name in planned.text() for name in at.names)
