"""`make bench-check`: what judging costs, beside a bare decode of the same film by the same ffmpeg."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks import submissions
from benchmarks.measure import Cost, measure
from benchmarks.table import Row, at_least, at_most, keep, row, show
from pipeline.checks import CheckOptions, check_paths
from pipeline.media import ffmpeg

FOLDER = Path(__file__).parent / "work" / "check"
SECONDS_QUICK, SECONDS_PACKAGE = 1.0, 4.0
MEGABYTES = 500
DECODING, TWO_JOBS = 0.8, 1.7


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = [*_film(), *_package(), *_pictures()]
    show("telesabaq check, one run", rows)
    print(keep("bench-check", rows, {}))
    sys.exit(any(each["holds"] is False for each in rows))


def check(path: Path, *options: str) -> Cost:
    """A whole run of the command, start to end; its verdict has to be clean."""
    report = FOLDER / "report.json"
    cost = measure(
        [sys.executable, "-m", "pipeline.cli.main", "check", path, "--format", "json", "-o", report, *options]
    )
    summary = json.loads(report.read_text(encoding="utf-8"))["subjects"]
    assert all(each["outcome"] != "fail" for each in summary), "the material of the bench must be clean"
    return cost


def typical(path: Path, *options: str) -> Cost:
    """The middle one of three runs: a short command is at the mercy of whatever else the machine does."""
    return sorted((check(path, *options) for _ in range(3)), key=lambda each: each.seconds)[1]


def _film() -> list[Row]:
    film = submissions.film(FOLDER / "film.mp4")
    size = f"{film.stat().st_size / 1e6:.0f} MB"
    quick = typical(film, "--quick")
    bare = measure([ffmpeg.executable(), "-nostdin", "-loglevel", "error", "-i", film, "-f", "null", "-"])
    whole = check(film)
    return [
        at_most(f"film of {size}, container and tracks", quick.seconds, SECONDS_QUICK, "s"),
        row("bare ffmpeg decode of it", bare.seconds, "s"),
        row("film judged with full decoding", whole.seconds, "s"),
        at_least("speed of that / bare decode", bare.seconds / whole.seconds, DECODING),
        at_most("film, memory of all processes", whole.memory / 1e6, MEGABYTES, "MB"),
    ]


def _package() -> list[Row]:
    cost = typical(submissions.package(FOLDER / "package.zip"))
    return [
        at_most("package of 5,000 files", cost.seconds, SECONDS_PACKAGE, "s"),
        at_most("package, memory of all processes", cost.memory / 1e6, MEGABYTES, "MB"),
    ]


def _pictures() -> list[Row]:
    folder = submissions.pictures(FOLDER / "pictures")
    one, two = typical(folder, "--jobs", "1"), typical(folder, "--jobs", "2")
    alone, together = _judging(folder, 1), _judging(folder, 2)
    return [
        row("1,000 pictures, the whole command", one.seconds / two.seconds, "×", note=_both(one.seconds, two.seconds)),
        at_least("the same, judging alone: two workers / one", alone / together, TWO_JOBS, note=_both(alone, together)),
    ]


def _both(one: float, two: float) -> str:
    return f"{one:.2f} s, {two:.2f} s"


def _judging(folder: Path, jobs: int) -> float:
    """Seconds of a check whose fork server is there already, the middle of three."""
    from time import perf_counter

    taken = []
    check_paths(FOLDER / "film.mp4", CheckOptions(quick=True))
    for _ in range(3):
        started = perf_counter()
        check_paths(folder, CheckOptions(jobs=jobs))
        taken.append(perf_counter() - started)
    return sorted(taken)[1]


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}\n{error.output.decode(errors='replace')[-2000:]}")
