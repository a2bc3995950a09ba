"""telesabaq new: a script to start from."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.speak import Speaker


@click.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--language", type=click.Choice(["kk", "ru"]), default="kk", show_default=True, help="Language of teaching."
)
@click.pass_obj
def command(lang: str | None, folder: Path, language: str) -> None:
    """Start a lesson in FOLDER: a script with every part filled in as an example."""
    from pipeline.lesson.scaffold import new_lesson

    written = new_lesson(folder, language)
    Speaker(lang).say("new.done", script=written[0], folder=folder)
