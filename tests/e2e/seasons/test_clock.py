"""A clock that was put back: nothing of ours is ordered by it."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.seasons.conftest import Undisturbed
from tests.e2e.seasons.drive import Stage, await_that
from tests.e2e.seasons.judge import left_over, published


def test_a_killed_batch_goes_on_under_a_clock_put_back_two_days(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed
) -> None:
    at = make_stage("a-clip", "b-clip", "d-slides")
    driver = at.start()
    await_that(lambda: len(at.events("segment", "sound")) >= 4, "some work to be done")
    driver.kill()
    at.assert_nobody_left()
    done = {each["key"] for each in at.events("segment", "sound")}

    # What the first run left comes from the future now.
    at.put_clock_back(days=2)
    again = at.build()
    assert again.process.returncode == 0, again.text()
    first, second = at.runs()
    assert first.number < second.number
    assert at.records(second)[0]["at"] < at.records(first)[0]["at"], "the clock was not put back"
    assert all(0 <= each["t"] < 600 for each in at.records(second))
    assert published(at.out) == undisturbed.of(*at.names)
    assert not left_over(at.out)
    assert not done & {each["key"] for each in at.events("segment", "sound") if each["how"] == "encoded"}

    nothing = at.build()
    assert nothing.process.returncode == 0
    assert set(at.outcomes().values()) == {"unchanged"}
