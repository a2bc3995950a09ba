"""`make bench`: a table of ratios, and the same as JSON in benchmarks/results/."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from benchmarks import peers, quality
from benchmarks.material import Material, prepare
from benchmarks.measure import Cost, measure
from benchmarks.table import at_most, keep, row, show
from pipeline.render.cache import Cache
from pipeline.render.engine import cores
from pipeline.render.prepare import prepare as prepare_lesson
from pipeline.specs import load_structure
from pipeline.timeline.model import CardShot

FOLDER = Path(__file__).parent / "work"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--scale", type=int, default=1, help="1 is the real ten minutes, 10 a tenth of it")
    parser.add_argument("--clip", type=Path, help="footage of your own, looped, instead of the synthetic clip")
    parser.add_argument("--skip", nargs="*", default=[], choices=["graph", "moviepy", "quality"])
    asked = parser.parse_args()
    material = prepare(FOLDER, asked.scale, asked.clip)
    rows = _speed(material, asked.skip)
    if "moviepy" not in asked.skip:
        rows += _moviepy(prepare(FOLDER, 10, asked.clip))
    if "quality" not in asked.skip:
        rows += _quality()
    show(f"telesabaq build, scale 1/{asked.scale}, {cores()} cores, one run", rows)
    print(keep(f"bench-scale-{asked.scale}", rows, {"scale": asked.scale, "cores": cores()}))
    sys.exit(any(row["holds"] is False for row in rows))


def _build(material: Material, *options: str) -> Cost:
    command = [sys.executable, "-m", "pipeline.cli.main", "build", material.lesson, "-o", FOLDER / "out"]
    cache = {"TELESABAQ_CACHE": str(FOLDER / "cache")}
    return measure([*command, "--structure", material.structure, *options], cache)


def _speed(material: Material, skip: list[str]) -> list[Any]:
    for stale in ("cache", "out"):
        shutil.rmtree(FOLDER / stale, ignore_errors=True)
    material.script()
    alone = peers.clip_alone(material, FOLDER / "alone.mp4")
    cold = _build(material)
    rows = [
        row("clip transcoded alone, same settings", alone.seconds, "s"),
        row("cold build of the lesson", cold.seconds, "s"),
        at_most("cold build / clip alone", cold.seconds / alone.seconds, 1.15),
    ]
    if "graph" not in skip:
        graph = peers.filter_graph(material, *_cards(material), FOLDER / "graph.mp4")
        rows += [
            row("one ffmpeg graph, x264 veryfast", graph.seconds, "s"),
            at_most("cold build / one graph", cold.seconds / graph.seconds, 0.55),
        ]
    nothing = _build(material)
    material.script(question="Нені және қалай өлшедік?")
    question = _build(material)
    material.script(question="Нені және қалай өлшедік?", teacher="Сәуле Асқарқызы Ермекова")
    name = _build(material)
    memory = max(cold.memory, question.memory, name.memory) / 1e6
    return [
        *rows,
        row("nothing changed", nothing.seconds, "s", "under 1", holds=nothing.seconds < 1),
        row("one question changed", question.seconds, "s", "under 3", holds=question.seconds < 3),
        row("teacher's name changed", name.seconds, "s"),
        row("peak memory, all processes", memory, "MB", "under 700", holds=memory < 700),
    ]


def _moviepy(material: Material) -> list[Any]:
    """At a tenth of the length: the full lesson would take MoviePy most of half an hour."""
    made = peers.moviepy_composite(material, *_cards(material), FOLDER / "moviepy.mp4")
    if made is None:
        return [row("MoviePy composite", 0, "", note="not run: MoviePy is not there (make bench)")]
    shutil.rmtree(FOLDER / "cache", ignore_errors=True)
    shutil.rmtree(FOLDER / "out", ignore_errors=True)
    ours = _build(material)
    ratio = ours.seconds / made.seconds
    return [
        row("cold build / MoviePy, both at a tenth", ratio, "×", note=f"{ours.seconds:.1f} s, {made.seconds:.1f} s")
    ]


def _quality() -> list[Any]:
    found = quality.compare(FOLDER)
    rows = []
    # On the easy clip VMAF is at its ceiling, where even CRF 12 is within this of a flat encode.
    for name, least in (("hard", 5.0), ("easy", -0.3)):
        each = found[name]
        gain = each["ours"] - each["flat"]
        note = f"{each['ours']:.1f} at {each['ours_bits'] / 1e6:.2f} Mbit/s, {each['flat']:.1f} flat"
        limit = f"at least {least:g}"
        rows.append(
            row(f"VMAF over flat 2.2 Mbit/s, {name} clip", gain, "points", limit, holds=gain >= least, note=note)
        )
    return rows


def _cards(material: Material) -> tuple[list[tuple[Path, float]], Path]:
    """The lesson's own cards and name caption as pictures, for the peers to use."""
    structure = load_structure(str(material.structure))
    cache = Cache(FOLDER / "cache-cards")
    cards = []
    with cache.work_folder() as work:
        prepared = prepare_lesson(material.lesson, structure, cache, work)
        for number, shot in enumerate(prepared.timeline.shots):
            if isinstance(shot, CardShot):
                path = FOLDER / f"card-{number}.png"
                path.write_bytes(prepared.typesetter.png(shot.card))
                cards.append((path, float(shot.frames / structure.fps)))
        caption = FOLDER / "caption.png"
        plate = prepared.typesetter.caption("Айгүл Серікқызы Нұрланова", None, grade=8, family="mathematics")
        caption.write_bytes(plate.png)
    return cards, caption


if __name__ == "__main__":
    main()
