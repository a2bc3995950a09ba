"""Takes measured figures over into docs/scale.md: `python -m benchmarks.scale`, after `make bench-batch`.

What was measured is kept in docs/scale.json, so that anybody can see from which figures the document was reckoned, and
a test sees whether the document is what they come to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.keeping import kept
from benchmarks.material import CLIP_SECONDS
from benchmarks.season import SHORT
from benchmarks.table import RESULTS
from pipeline.batch.telling import EVERY_SECONDS
from pipeline.render.cache import IN_USE_SECONDS
from pipeline.specs import load_house_format, load_profile

DOCUMENT = Path(__file__).parents[1] / "docs" / "scale.md"
FIGURES = DOCUMENT.with_suffix(".json")

LESSONS = 2042
"""Of one term (docs/sources.md, A10)."""

CLIP_BITS = 12_000_000
"""A second of a phone's clip, as benchmarks/material.py makes it."""

WANTED = frozenset(
    [f"{side}-{SHORT.name}-{workers}" for side in ("plain", "batch") for workers in (1, 2)]
    + ["shares", "overhead-media", "overhead-lessons", "unchanged", "rates"]
)


def main() -> None:
    FIGURES.write_text(json.dumps(_gathered(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8"), figures()), encoding="utf-8")


def _gathered() -> dict[str, Any]:
    """The figures of the last runs of `make bench` and `make bench-batch`; what one lacks stays as it was."""
    before = figures() if FIGURES.is_file() else {}
    return before | {name: each for name, each in kept().items() if name in WANTED} | _lesson()


def _lesson() -> dict[str, Any]:
    """What `make bench` found of a whole lesson, if it was run here."""
    result = RESULTS / "bench-scale-1.json"
    if not result.is_file():
        return {}
    found = json.loads(result.read_text(encoding="utf-8"))
    values = {each["what"]: each["value"] for each in found["rows"]}
    return {"lesson": {"cores": found["cores"], "seconds": values["cold build of the lesson"]}}


def figures() -> dict[str, Any]:
    """What the document is reckoned from."""
    found: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8"))
    return found


def filled(document: str, known: Mapping[str, Any]) -> str:
    """The document with its tables as these figures give them."""
    for name, rows in (("measured", _measured), ("shares", _shares), ("term", _term), ("limits", _limits)):
        table = "\n".join(rows(known))
        mark = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
        document, found = mark.subn(lambda match, table=table: f"{match[1]}\n{table}\n\n{match[2]}", document)
        if not found:
            raise SystemExit(f"{DOCUMENT.name} has no place for {name}")
    return document


# What was measured -------------------------------------------------------------------------------


def _measured(known: Mapping[str, Any]) -> Iterator[str]:
    yield from _heading("what", "measured", "aim")
    for workers in (1, 2):
        plain, batch = known[f"plain-{SHORT.name}-{workers}"], known[f"batch-{SHORT.name}-{workers}"]
        what = f"{batch['lessons']} lessons, {_workers(workers)}: their ffmpeg commands alone / the batch"
        ratio = f"{plain['seconds'] / batch['seconds']:.2f} × ({plain['seconds']:.0f} s / {batch['seconds']:.0f} s)"
        yield _row(what, ratio, "at least 0.85")
    for how, told in (("lessons", "the batch alone, a lesson"), ("media", "the same with scripts read and laid out")):
        each = known[f"overhead-{how}"]
        milliseconds = f"{each['seconds'] / each['lessons'] * 1e3:.0f} ms"
        yield _row(f"{told} (encoding **stubbed**, see below)", milliseconds, "under 30 ms")
    each = known["overhead-media"]
    yield _row(f"memory of the driver, {each['lessons']:,} lessons", _mb(each["memory"]["driver"]), "under 400 MB")
    each = known["unchanged"]
    yield _row(f"{each['lessons']:,} lessons with nothing changed", f"{each['seconds']:.1f} s", "under 20 s")
    memory = known[f"batch-{SHORT.name}-2"]["memory"]
    yield _row("memory of a worker, and of its ffmpeg, 1080p", f"{_mb(memory['worker'])}, {_mb(memory['encoder'])}", "")
    yield _row("SHA-256 of inputs on one core", f"{known['rates']['digesting'] / 1e6:.0f} MB/s", "")
    yield _row("a phone's clip measured, 1080p", f"{known['rates']['measuring'] * 1e3:.0f} ms of a core", "")
    yield _row("a progress message, in scheduler and driver", f"{known['rates']['hearing'] * 1e3:.2f} ms", "")
    lesson = known["lesson"]
    yield _row(f"a real ten-minute lesson, built alone on {lesson['cores']} cores", f"{lesson['seconds']:.0f} s", "")


def shares(of: Mapping[str, float], batch: Mapping[str, Any]) -> dict[str, float]:
    """Where the seconds of a batch on one worker go, a lesson: ffmpeg itself, and everything around it."""
    work, phases = batch["work"], batch["phases"]
    found = {
        "ffmpeg: clips": of["clip"],
        "ffmpeg: cards": of["card"],
        "ffmpeg: sound": of["sound"] + of.get("captions", 0.0),
        "cards set and drawn": work["card"] - of["card"],
        "clips: entry points, name captions drawn, segments checked": work["clip"] - of["clip"],
        "sound mixed": work["sound"] - of["sound"],
        "stitching, storyboard, poster, manifest": work["stitched"],
        "check": work["checked"],
        "publishing": work["delivered"],
        "start of workers, reading and laying out": phases["planning"],
        "tasks, waiting": phases["making"] - sum(work.values()),
        "summary, gallery, start and end of the command": phases["summary"] + phases["command"],
    }
    return {name: seconds / batch["lessons"] for name, seconds in found.items()}


def _shares(known: Mapping[str, Any]) -> Iterator[str]:
    found = shares(known["shares"]["plain"], known["shares"]["batch"])
    yield from _heading("seconds a lesson of fifteen seconds, one worker", "")
    for name, seconds in found.items():
        yield _row(name, f"{seconds:.2f}")
    yield _row("**together**", f"**{sum(found.values()):.2f}**")


# What the term costs -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Term:
    """The term on so many cores. Everything here is reckoned, from figures of one machine of two cores."""

    known: Mapping[str, Any]
    machines: int
    cores: int

    @property
    def workers(self) -> int:
        return self.machines * self.cores

    @property
    def hours_planning(self) -> float:
        media = self.known["overhead-media"]
        laying_out = 2 * media["phases"]["planning"] / media["lessons"]
        rates = self.known["rates"]
        each = clip_bytes() / rates["digesting"] + rates["measuring"] + laying_out
        return LESSONS * each / self.workers / 3600

    @property
    def hours_making(self) -> float:
        return LESSONS * core_seconds(self.known) / self.workers / 3600

    @property
    def memory(self) -> float:
        """Bytes on a machine with the driver."""
        peak = self.known[f"batch-{SHORT.name}-2"]["memory"]
        driver: int = self.known["overhead-media"]["memory"]["driver"]
        return self.cores * (peak["worker"] + peak["encoder"]) + driver

    @property
    def in_use(self) -> float:
        """Bytes of a machine's cache that are too young to be dropped."""
        return self.cores * IN_USE_SECONDS / core_seconds(self.known) * film_bytes()

    @property
    def traffic(self) -> float:
        """Bytes a second that inputs and films come to on one machine."""
        return self.cores * _bytes_a_lesson() / core_seconds(self.known)


def core_seconds(known: Mapping[str, Any]) -> float:
    """Of one core, for a real lesson: it is built on all cores, and then checked."""
    batch = known["shares"]["batch"]
    return known["lesson"]["seconds"] * known["lesson"]["cores"] + batch["work"]["checked"] / batch["lessons"]


def clip_bytes() -> float:
    return CLIP_SECONDS * CLIP_BITS / 8


def film_bytes() -> int:
    """The most that a film may have (C3)."""
    most: int = load_profile().max_bytes
    return most


def _bytes_a_lesson() -> float:
    return clip_bytes() + film_bytes()


def _term(known: Mapping[str, Any]) -> Iterator[str]:
    plans = [Term(known, 1, 2), Term(known, 1, 16), Term(known, 10, 16)]
    yield from _heading(f"{LESSONS:,} lessons", "one machine, 2 cores", "one machine, 16 cores", "ten of 16 cores")
    yield _row("making", *(_hours(each.hours_making) for each in plans))
    yield _row("planning before it", *(_hours(each.hours_planning) for each in plans))
    yield _row("week of 171 lessons", *(_hours(each.hours_making * 171 / LESSONS) for each in plans))
    yield _row("memory, a machine", *(f"{each.memory / 1e9:.1f} GB" for each in plans))
    yield _row("cache that cannot be dropped yet, a machine", *(_gb(min(each.in_use, _season())) for each in plans))
    yield _row("network, a machine", *(f"{each.traffic * 8 / 1e6:.0f} Mbit/s" for each in plans))
    yield _row("network, where inputs and films lie", *(_bits(each.traffic * each.machines) for each in plans))
    yield _row("inputs (1080p clips at 12 Mbit/s)", *[_gb(LESSONS * clip_bytes())] * 3)
    yield _row("films, at most", *[_gb(_season())] * 3)
    yield _row("cache that holds the whole term, all machines", *[_gb(_season())] * 3)


def _limits(known: Mapping[str, Any]) -> Iterator[str]:
    """Where each thing that is shared is used up, in workers (cores) of ten-minute lessons."""
    each = core_seconds(known)
    alone = known["overhead-lessons"]
    driver = alone["driver_seconds"] / alone["lessons"]
    steps = _steps() / 2
    yield from _heading("what is shared", "what it bears", "used up by")
    for gigabits in (1, 10):
        bears = gigabits * 1e9 / 8 / (_bytes_a_lesson() / each)
        yield _row("storage of inputs and films", f"a line of {gigabits} Gbit/s", _about(bears))
    bears = EVERY_SECONDS / known["rates"]["hearing"]
    yield _row("scheduler and driver: progress", f"a message each {EVERY_SECONDS} s from every worker", _about(bears))
    bears = each / (driver * steps)
    yield _row("driver: tasks and journal", f"{driver * steps * 1e3:.0f} ms of processor a lesson", _about(bears))


def _steps() -> float:
    """Tasks of a real lesson, where one of the stubbed has two: its clip in pieces, its cards, its sound, its end."""
    return CLIP_SECONDS * 25 / load_house_format().segment_frames + 5


def _season() -> int:
    return LESSONS * film_bytes()


# Words -------------------------------------------------------------------------------------------


def _heading(*cells: str) -> Iterator[str]:
    yield _row(*cells)
    yield _row(*["---"] * len(cells))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers"


def _hours(hours: float) -> str:
    return f"{hours:.0f} h" if hours >= 10 else f"{hours:.1f} h" if hours >= 1 else f"{max(1, round(hours * 60))} min"


def _mb(size: float) -> str:
    return f"{size / 1e6:.0f} MB"


def _gb(size: float) -> str:
    return f"{size / 1e9:.0f} GB"


def _bits(rate: float) -> str:
    return f"{rate * 8 / 1e9:.1f} Gbit/s" if rate * 8 >= 1e9 else f"{rate * 8 / 1e6:.0f} Mbit/s"


def _about(workers: float) -> str:
    """Two digits: more would be more than we know."""
    size: Sequence[int] = (10 ** (len(str(int(workers))) - 2), 1)
    return f"{round(workers / max(size)) * max(size):,.0f} workers"


if __name__ == "__main__":
    main()
