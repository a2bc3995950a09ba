"""telesabaq build: films of any number of lessons; one that fails does not stop the others."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import profile_option, structure_option
from pipeline.cli.speak import Speaker

if TYPE_CHECKING:
    from pipeline.render.build import Built


@click.command("build")
@click.argument("lessons", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("out"), show_default=True)
@profile_option
@structure_option
@click.option("--jobs", type=click.IntRange(1, 256), help="Encoders side by side (default: one a core).")
@click.option("--explain", is_flag=True, help="List what was made again, and why.")
@click.option("--allow-code", is_flag=True, help="Run the Python files of animation: items. Only for your own lessons.")
@click.pass_obj
def command(
    lang: str | None,
    lessons: tuple[Path, ...],
    out: Path,
    profile: str,
    structure: str,
    jobs: int | None,
    explain: bool,
    allow_code: bool,
) -> None:
    """Make the films of LESSONS: lesson folders, scripts, or folders full of lessons."""
    from pipeline.cli.show import Live, Plain
    from pipeline.errors import InternalError, TelesabaqError
    from pipeline.lesson.find import find_lessons
    from pipeline.render.build import Options, build
    from pipeline.render.cache import Cache
    from pipeline.render.engine import cores
    from pipeline.specs import load_profile, load_structure

    speaker = Speaker(lang)
    options = Options(load_structure(structure), load_profile(profile), jobs or cores(), allow_code)
    found = find_lessons(lessons)
    cache = Cache()
    console = speaker.console
    failed, worst = 0, 0
    made: set[str] = set()
    show = Live(console, speaker.language, float(options.structure.fps)) if console.is_terminal else None
    with show or Plain(console, speaker.language) as progress:
        for path in found:
            started = time.monotonic()
            try:
                built = build(path, out, options, cache, progress, made)
            except TelesabaqError as error:
                failed += 1
                worst = max(worst, 3 if isinstance(error, InternalError) else 1)
                speaker.problems(error.problems)
                speaker.say("build.failed", lesson=path)
                continue
            made.add(built.lesson_id)
            _report(speaker, built, time.monotonic() - started, explain=explain)
    if len(found) > 1:
        speaker.say("build.summary", done=len(found) - failed, all=len(found), failed=failed)
    sys.exit(worst)


def _report(speaker: Speaker, built: Built, seconds: float, *, explain: bool) -> None:
    from pipeline.timecode import clock, exact

    fps = exact(built.manifest["film"]["fps"])
    speaker.problems(built.problems)
    if explain:
        if not built.remade:
            speaker.say("explain.nothing")
        for each in built.remade:
            at = clock(each.segment.start / fps)
            why = {"before": each.before, "after": each.after}
            label = speaker.name(each.segment.label)
            speaker.say("explain.line", at=at, label=label, frames=each.segment.frames)
            speaker.say(each.reason, **why)
    code = "build.up-to-date" if built.up_to_date else "build.done"
    film = built.manifest["film"]
    loudness = built.manifest["sound"]["loudness"]
    speaker.say(
        code,
        lesson=built.lesson_id,
        film=built.film,
        storyboard=built.folder / "storyboard.jpg",
        manifest=built.folder / "manifest.json",
        megabytes=f"{film['bytes'] / 1e6:.1f}",
        loudness="—" if loudness is None else f"{loudness:.1f}",
        seconds=f"{seconds:.1f}",
    )
