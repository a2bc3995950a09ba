"""The driver is killed as the system kills when memory runs out, and the same command goes on where it was."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable

from tests.e2e.seasons.conftest import Undisturbed
from tests.e2e.seasons.drive import Stage, Started, await_that
from tests.e2e.seasons.judge import Checker, assert_all_whole, left_over, published

NAMES = ("a-clip", "b-clip", "d-slides")
KILLS = 20
WORK = {"segment", "sound", "stitched", "delivered", "lesson-ended"}


def test_a_driver_killed_twenty_times_resumes_to_the_same_bytes(
    make_stage: Callable[..., Stage], undisturbed: Undisturbed
) -> None:
    random_moment = random.Random(2042)  # noqa: S311
    at, checker, wanted = make_stage(*NAMES), Checker(), undisturbed.of(*NAMES)
    kills = rounds = 0
    while kills < KILLS or rounds == 0:
        done_before: set[str] = set()
        encoded: Counter[str] = Counter()
        while True:
            steps, delay = random_moment.randrange(-1, 6), random_moment.uniform(0, 0.8)
            number, driver = len(at.runs()), at.start()
            killed = kills < KILLS and _killed_after(at, driver, number, steps, delay)
            kills += killed
            if not killed:
                assert driver.wait() == 0, driver.text()
            at.assert_nobody_left()
            if len(at.runs()) > number:
                _judge_the_journal(at, done_before, encoded)
            done_before = assert_all_whole(at.out, wanted, checker)
            if driver.process.returncode == 0:
                break
        assert published(at.out) == wanted
        assert not left_over(at.out)
        assert [run.number for run in at.runs()] == list(range(1, len(at.runs()) + 1))
        rounds += 1
        if kills < KILLS:
            shutil.rmtree(at.out)
            shutil.rmtree(at.cache)
    assert kills == KILLS


def _killed_after(at: Stage, driver: Started, number: int, steps: int, delay: float) -> bool:
    """Kill the driver `delay` seconds after so many recorded steps; -1: after it was started. False: too late."""

    def there() -> bool:
        return driver.is_over or (len(at.runs()) > number and len(at.events(*WORK)) >= steps)

    if steps >= 0:
        await_that(there, f"step {steps} of the work")
    time.sleep(delay)
    if driver.is_over:
        assert driver.process.returncode == 0, driver.text()
        return False
    driver.kill()
    return True


def _judge_the_journal(at: Stage, done_before: set[str], encoded: Counter[str]) -> None:
    records = at.records()
    assert [each["n"] for each in records] == list(range(1, len(records) + 1))
    encoded.update(
        each["key"] for each in records if each["event"] in {"segment", "sound"} and each["how"] == "encoded"
    )
    again = [key for key, times in encoded.items() if times > 1]
    assert not again, "finished pieces were made again"
    delivered = {each["lesson"] for each in records if each["event"] == "delivered"}
    assert not delivered & done_before, "finished films were made again"
