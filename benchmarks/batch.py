"""`make bench-batch`: what a batch costs beside the same work as plain ffmpeg commands, and what it costs by itself.

Parts can be run apart, and each keeps what it found: `python -m benchmarks.batch efficiency --workers 2`.
`python -m benchmarks.scale` then takes the figures over into docs/scale.md.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from benchmarks import rates, stubs
from benchmarks.keeping import kept, remember
from benchmarks.recording import recorded, replay, start_replay, wrapper
from benchmarks.season import FOLDER, HALF_MINUTE, KINDS, SHORT, Kind, Season, season
from benchmarks.table import Row, at_least, at_most, keep, row, show
from benchmarks.turns import stop, take_turns
from benchmarks.watched import Running, Watched, journal
from pipeline.render.engine import cores

OF_IDEAL = 0.85
MILLISECONDS = 30
MEGABYTES = 400
SECONDS = 20
PARTS = ("efficiency", "shares", "overhead", "unchanged", "rates")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[], help="default: all")
    parser.add_argument("--kind", nargs="*", choices=list(KINDS), default=[SHORT.name], help="shapes for efficiency")
    parser.add_argument("--workers", nargs="*", type=int, default=[2, 1], help="how many, for efficiency")
    parser.add_argument("--lessons", type=int, help="of efficiency; default: as the kind says")
    parser.add_argument("--many", type=int, default=2000, help="lessons of overhead and unchanged")
    asked = parser.parse_args()
    parts = asked.parts or PARTS
    if "efficiency" in parts:
        for kind in asked.kind:
            for workers in asked.workers:
                _efficiency(season(KINDS[kind], asked.lessons or KINDS[kind].lessons), workers)
    if "shares" in parts:
        _shares(season(SHORT, asked.lessons or SHORT.lessons))
    if "overhead" in parts:
        _overhead(season(SHORT, asked.many))
    if "unchanged" in parts:
        _unchanged(season(SHORT, asked.many))
    if "rates" in parts:
        clips = sorted(season(HALF_MINUTE, HALF_MINUTE.lessons).folder.glob("*/clip.mp4"))[:20]
        measured = {"digesting": rates.digesting(clips), "measuring": rates.measuring(clips)}
        remember("rates", {**measured, "hearing": rates.hearing()})
    rows = list(_rows())
    show(f"telesabaq build of a season, {cores()} cores", rows)
    print(keep("bench-batch", rows, {"cores": cores(), "figures": kept()}))
    sys.exit(any(each["holds"] is False for each in rows))


# Efficiency --------------------------------------------------------------------------------------


def _efficiency(lessons: Season, workers: int) -> None:
    """A batch and its own ffmpeg commands, both from nothing, both with so many side by side; they take turns."""
    place = _fresh(FOLDER / "efficiency")
    commands = _recorded(lessons)
    about = f"{lessons.kind.name}-{workers}"
    plain = start_replay(commands, workers, place / "scratch")
    batch = _running(lessons, place, workers)
    stop(batch.process)
    seconds = take_turns({"plain": plain, "batch": batch.process})
    if plain.returncode:
        sys.exit("the commands did not come to a good end")
    both = {"lessons": lessons.lessons, "workers": workers}
    remember(f"plain-{about}", both | {"commands": len(recorded(commands)), "seconds": seconds["plain"]})
    done = batch.ended(seconds["batch"])
    remember(f"batch-{about}", both | {"seconds": done.seconds, "memory": _memory(done)})
    shutil.rmtree(place)


def _shares(lessons: Season) -> None:
    """Where the seconds of a batch on one worker go: it and its commands, one after the other."""
    place = _fresh(FOLDER / "shares")
    plain = replay(recorded(_recorded(lessons)), 1, place / "scratch")
    done = _built(lessons, place, 1)
    figures = _figures(done, place / "out", lessons.lessons)
    remember("shares", {"plain": plain, "batch": figures})
    shutil.rmtree(place)


def _recorded(lessons: Season) -> Path:
    """Where all ffmpeg commands of this season are, recorded in a run of its own; anew when the product has changed."""
    from pipeline.batch.fleet import source_digest

    of_season = FOLDER / "recordings" / lessons.folder.name
    folder = of_season / source_digest()
    if not folder.is_dir():
        shutil.rmtree(of_season, ignore_errors=True)
        place = _fresh(FOLDER / "recording")
        program = wrapper(place / "commands", place / "cache")
        _built(lessons, place, cores(), TELESABAQ_FFMPEG=str(program))
        of_season.mkdir(parents=True)
        (place / "commands").rename(folder)
        shutil.rmtree(place)
    return folder


def _running(lessons: Season, place: Path, workers: int, **env: str) -> Running:
    return Running(
        lessons.folder, place / "out", lessons.kind.structure, place / "cache", "--jobs", str(workers), env=env
    )


def _built(lessons: Season, place: Path, workers: int, **env: str) -> Watched:
    started = time.perf_counter()
    running = _running(lessons, place, workers, **env)
    running.process.wait()
    return running.ended(time.perf_counter() - started)


def _memory(done: Watched) -> dict[str, int]:
    return {name: getattr(done, name) for name in ("driver", "worker", "encoder", "together")}


def _figures(done: Watched, out: Path, lessons: int) -> dict[str, Any]:
    """What a run and its journal tell: seconds of wall time by phase, seconds of work by step, memory in bytes."""
    work: defaultdict[str, float] = defaultdict(float)
    planned = ended = over = 0.0
    pieces = 0
    for record in journal(out):
        match record["event"]:
            case "segment":
                pieces += 1
                work["clip" if record["label"].startswith("clip.mp4") else "card"] += record["seconds"]
            case "sound" | "stitched" | "checked" | "delivered" as step:
                work[step] += record["seconds"]
            case "plan":
                planned = record["t"]
            case "lesson-ended":
                ended = record["t"]
            case "run-ended":
                over = record["t"]
                counts = record["counts"]
    phases = {"planning": planned, "making": ended - planned, "summary": over - ended, "command": done.seconds - over}
    return {
        "lessons": lessons,
        "counts": counts,
        "seconds": done.seconds,
        "phases": phases,
        "work": dict(work),
        "pieces": pieces,
        "driver_seconds": done.driver_seconds,
        "worker_seconds": done.worker_seconds,
        "memory": _memory(done),
        "published": sum(each.stat().st_size for each in out.rglob("*") if each.is_file()),
    }


# Overhead and nothing changed --------------------------------------------------------------------


def _overhead(lessons: Season) -> None:
    for how in ("media", "lessons"):
        place = _fresh(FOLDER / f"overhead-{how}")
        done = _stubbed(lessons, place, how)
        remember(f"overhead-{how}", _figures(done, place / "out", lessons.lessons))
        _expect(place / "out", made=lessons.lessons)
        if how == "lessons":
            shutil.rmtree(place)


def _unchanged(lessons: Season) -> None:
    """The season that `overhead` left, built once more: by the whole command, and with nothing stubbed."""
    place = FOLDER / "overhead-media"
    place.mkdir(parents=True, exist_ok=True)
    _stubbed(lessons, place, "media")
    done = _built(lessons, place, 2)
    remember("unchanged", _figures(done, place / "out", lessons.lessons))
    _expect(place / "out", unchanged=lessons.lessons)


def _stubbed(lessons: Season, place: Path, how: str) -> Watched:
    return _built(lessons, place, 2, **stubs.settings(how, _poster()))


def _expect(out: Path, **counts: int) -> None:
    found = next(record["counts"] for record in journal(out) if record["event"] == "run-ended")
    if found != {name.replace("_", "-"): count for name, count in counts.items()}:
        sys.exit(f"the bench did not measure what it says: {found}")


def _poster() -> Path:
    """A poster as films have it: its thumbnails are made for the gallery."""
    from PIL import Image

    from pipeline.render.cache import Cache
    from pipeline.render.prepare import prepare
    from pipeline.specs import load_structure
    from pipeline.timeline.model import CardShot

    path = FOLDER / "poster.jpg"
    if not path.is_file():
        lessons, cache = season(SHORT, 1), Cache(FOLDER / "cache-poster")
        with cache.work_folder() as work:
            structure = load_structure(str(SHORT.structure))
            prepared = prepare(lessons.folder / "lesson-0000", structure, cache, work)
            first = prepared.timeline.shots[0]
            assert isinstance(first, CardShot)
            Image.open(BytesIO(prepared.typesetter.png(first.card))).convert("RGB").save(path, "JPEG", quality=88)
    return path


# Rows --------------------------------------------------------------------------------------------


def _rows() -> Iterator[Row]:
    """All that is known, from this run and from earlier ones of other parts."""
    known = kept()
    for kind in KINDS.values():
        yield from _efficiency_rows(kind, known)
    for how, told in (
        ("media", "overhead, encoders, decoders, sound, joining, check and cards STUBBED"),
        ("lessons", "overhead, reading and laying out of scripts STUBBED too"),
    ):
        if f"overhead-{how}" in known:
            yield from _overhead_rows(known[f"overhead-{how}"], told)
    if "unchanged" in known:
        each = known["unchanged"]
        yield at_most(f"{each['lessons']} lessons, nothing changed, whole command", each["seconds"], SECONDS, "s")
        yield at_most("driver's memory meanwhile", each["memory"]["driver"] / 1e6, MEGABYTES, "MB")
    if "rates" in known:
        yield row("SHA-256 of inputs, one core", known["rates"]["digesting"] / 1e6, "MB/s")
        yield row("measuring a phone's clip", known["rates"]["measuring"] * 1e3, "ms of processor")
        yield row("a progress message, scheduler and driver", known["rates"]["hearing"] * 1e3, "ms of processor")


def _efficiency_rows(kind: Kind, known: dict[str, Any]) -> Iterator[Row]:
    for workers in (1, 2):
        plain, batch = (known.get(f"{side}-{kind.name}-{workers}") for side in ("plain", "batch"))
        if plain is None or batch is None:
            continue
        what = f"{batch['lessons']} lessons {kind.name}, {workers} {'worker' if workers == 1 else 'workers'}"
        note = f"{plain['seconds']:.1f} s, {batch['seconds']:.1f} s"
        ratio = plain["seconds"] / batch["seconds"]
        yield at_least(f"{what}: plain ffmpeg / batch", ratio, OF_IDEAL, note=note)


def _overhead_rows(each: dict[str, Any], told: str) -> Iterator[Row]:
    lessons = each["lessons"]
    note = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in each["phases"].items())
    yield at_most(f"{told}: a lesson", each["seconds"] / lessons * 1000, MILLISECONDS, "ms", note)
    busy = ", ".join(f"{who} {each[f'{who}_seconds'] / lessons * 1000:.1f} ms" for who in ("driver", "worker"))
    yield row(
        "  processor time a lesson", (each["driver_seconds"] + each["worker_seconds"]) / lessons * 1000, "ms", note=busy
    )
    memory = each["memory"]
    note = f"largest worker {memory['worker'] / 1e6:.0f} MB"
    yield at_most(f"  driver's memory, {lessons} lessons", memory["driver"] / 1e6, MEGABYTES, "MB", note)


def _fresh(place: Path) -> Path:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


if __name__ == "__main__":
    main()
