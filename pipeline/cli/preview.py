"""telesabaq preview: the lesson as a web page, in seconds, encoding nothing."""

from __future__ import annotations

import time
from pathlib import Path

import click

from pipeline.cli.options import structure_option
from pipeline.cli.speak import Speaker


@click.command("preview")
@click.argument("lesson", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The page to write [default: <id>.preview.html]",
)
@structure_option
@click.option("--allow-code", is_flag=True, help="Run the Python files of animation: items. Only for your own lessons.")
@click.pass_obj
def command(lang: str | None, lesson: Path, out: Path | None, structure: str, allow_code: bool) -> None:
    """Show every card, caption and cut of LESSON with its time."""
    from pipeline.lesson.find import find_lessons
    from pipeline.render.cache import Cache
    from pipeline.render.prepare import prepare
    from pipeline.render.preview import preview_page
    from pipeline.render.publish import publish
    from pipeline.specs import load_structure

    started = time.monotonic()
    speaker = Speaker(lang)
    cache = Cache()
    with cache.work_folder() as work:
        script = find_lessons([lesson])[0]
        prepared = prepare(script, load_structure(structure), cache, work, allow_code=allow_code)
        page = out or Path(f"{prepared.lesson.id}.preview.html")
        made = work / "preview.html"
        made.write_text(preview_page(prepared, prepared.problems, speaker.language), encoding="utf-8")
        publish({page.name: made}, page.parent)
    speaker.problems(prepared.problems)
    speaker.say("preview.done", page=page, seconds=f"{time.monotonic() - started:.1f}")
