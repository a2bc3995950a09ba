"""Processes that add objects are killed without warning; what they leave behind is never taken for whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.render import repair
from pipeline.render.cache import Cache
from pipeline.render.repair import inspect

ROOT = Path(__file__).parents[3]
KILLS = 20
OBJECTS = 40

ADDS = """
import random, sys
from pathlib import Path
from pipeline.render.cache import Cache
cache = Cache(Path(sys.argv[1]), limit_bytes=400_000)
chance = random.Random(int(sys.argv[2]))
print("ready", flush=True)
while True:
    with cache.work_folder() as work:
        for _ in range(10):
            # The same names again and again, with other bytes and sizes: the hardest case there is.
            made = work / "made"
            made.write_bytes(chance.randbytes(chance.choice([0, 1, 10_000, 20_000])))
            key = f"{chance.randrange(int(sys.argv[3])):064x}"
            cache.add(key, made, {"log": "x" * chance.randrange(5000)}, seconds=1.0)
            cache.wanted([key])
            cache.remember(key, chance.random())
        cache.trim(at_once=chance.random() < 0.2)
"""


@pytest.mark.slow
def test_a_process_killed_at_any_moment_leaves_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "SETTLE_SECONDS", 0.0)
    chance = random.Random(20)  # noqa: S311  # a test that can be repeated
    command = [sys.executable, "-c", ADDS, str(tmp_path)]
    found = 0
    for kill in range(KILLS):
        adding = [
            subprocess.Popen([*command, str(kill * 2 + one), str(OBJECTS)], cwd=ROOT, stdout=subprocess.PIPE)
            for one in range(2)
        ]
        for each in adding:
            assert each.stdout is not None
            assert each.stdout.readline() == b"ready\n"
        for each in adding:
            # The moment itself is what is tried.
            threading.Event().wait(chance.uniform(0.0, 0.12))
            each.send_signal(signal.SIGKILL)
        for each in adding:
            with each:
                assert each.wait(timeout=30) == -signal.SIGKILL
        cache = Cache(tmp_path)
        for number in range(OBJECTS):
            path = cache.find(f"{number:064x}")
            if path is not None:
                found += 1
                assert sha256(path.read_bytes()).hexdigest() == cache.record(path.name).sha256
        seen = inspect(cache)
        assert (seen.damaged, seen.foreign) == ((), ())
    assert found > KILLS
    with cache.work_folder() as mine:
        assert [path.name for path in cache.work.iterdir()] == [mine.name]
    total, _ = cache.uses()
    assert total.made >= 0
    cache.remember("still", "works")
    assert cache.recall("still") == "works"
