"""Asked to stop, a batch ends in order, tells what it did not do, and goes on with the same command."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.e2e.seasons.conftest import Undisturbed
from tests.e2e.seasons.drive import Stage, Started, await_that
from tests.e2e.seasons.judge import assert_all_whole, left_over, published

IN_ORDER_SECONDS = 20.0
"""A few seconds on an idle machine; tests run on busy ones."""


def _ctrl_c(driver: Started) -> None:
    driver.interrupt()


def _service_manager(driver: Started) -> None:
    """As systemd does: every process of the service, workers too."""
    os.killpg(driver.pid, signal.SIGTERM)


def _kill_command(driver: Started) -> None:
    os.kill(driver.pid, signal.SIGTERM)


@pytest.mark.parametrize("ask", [_ctrl_c, _service_manager, _kill_command])
def test_a_batch_asked_to_stop_ends_in_order_and_goes_on_later(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed, ask: Callable[[Started], None]
) -> None:
    at = make_stage("a-clip", "b-clip", "d-slides")
    driver = at.start()
    await_that(lambda: len(at.events("segment")) >= 2, "work to be under way")
    asked = time.monotonic()
    ask(driver)
    assert driver.wait(IN_ORDER_SECONDS * 3) == 130, driver.text()
    took = time.monotonic() - asked
    at.assert_nobody_left()
    assert took < IN_ORDER_SECONDS
    assert [each["outcome"] for each in at.events("run-ended")] == ["interrupted"]
    outcomes = at.outcomes()
    assert set(outcomes) == set(at.names)
    assert "not-run" in outcomes.values()
    assert set(outcomes.values()) <= {"not-run", "made"}
    assert (at.out / "index.html").exists()
    assert_all_whole(at.out, undisturbed.files)
    done = {each["key"] for each in at.events("segment", "sound")}

    again = at.build()
    assert again.process.returncode == 0, again.text()
    assert published(at.out) == undisturbed.of(*at.names)
    assert not left_over(at.out)
    assert not done & {each["key"] for each in at.events("segment", "sound") if each["how"] == "encoded"}


@pytest.mark.parametrize("event", [None, "run-started"])
def test_a_batch_can_be_stopped_before_it_works(make_stage: Callable[..., Stage], event: str | None) -> None:
    at = make_stage("d-slides", "e-slides")
    loading = at.note_import("pipeline.batch.run")
    driver = at.start()
    await_that(loading.exists if event is None else lambda: at.events(event), event or "the driver to load")
    driver.interrupt()
    assert driver.wait(60) == 130, driver.text()
    assert not published(at.out)
