"""`make bench-check`: what judging costs, beside a bare decode of the same film by the same ffmpeg."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks import submissions
from benchmarks.measure import Cost, measure
from benchmarks.table import Row, at_least, at_most, keep, row, show
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


def _film() -> list[Row]:
    film = submissions.film(FOLDER / "film.mp4")
    size = f"{film.stat().st_size / 1e6:.0f} MB"
    quick = check(film, "--quick")
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
    cost = check(submissions.package(FOLDER / "package.zip"))
    return [
        at_most("package of 5,000 files", cost.seconds, SECONDS_PACKAGE, "s"),
        at_most("package, memory of all processes", cost.memory / 1e6, MEGABYTES, "MB"),
    ]


def _pictures() -> list[Row]:
    folder = submissions.pictures(FOLDER / "pictures")
    one, two = check(folder, "--jobs", "1"), check(folder, "--jobs", "2")
    note = f"{one.seconds:.1f} s, {two.seconds:.1f} s"
    return [at_least("1,000 pictures, two workers / one", one.seconds / two.seconds, TWO_JOBS, note=note)]


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}\n{error.output.decode(errors='replace')[-2000:]}")
