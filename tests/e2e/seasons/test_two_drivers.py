"""An output folder has one driver at a time."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.seasons.conftest import Undisturbed
from tests.e2e.seasons.drive import Stage, await_that
from tests.e2e.seasons.judge import published


def test_a_second_driver_is_refused_and_disturbs_nothing_until_the_first_is_gone(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed
) -> None:
    at = make_stage("a-clip", "d-slides")
    first = at.start()
    await_that(lambda: at.events("segment"), "the first to be at work")
    second = at.build()
    assert second.process.returncode == 2
    assert str(first.pid) in second.text()
    assert "Another telesabaq is at work" in second.text()
    assert not first.is_over, "the batch was too short to tell"
    assert len(at.runs()) == 1

    first.kill()
    third = at.start()
    await_that(lambda: len(at.runs()) == 2, "the third to take over", 60)
    assert third.wait() == 0, third.text()
    assert published(at.out) == undisturbed.of(*at.names)
