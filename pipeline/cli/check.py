"""telesabaq check: judges what authors hand in, and tells what it found in the form asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from pipeline.cli.options import check_profile_option, command_language_option
from pipeline.cli.output import put, terminal
from pipeline.reports.forms import FORMS, rendered
from pipeline.reports.text import text

if TYPE_CHECKING:
    from pipeline.checks.run import Progress


@click.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option(
    "--format", "form", type=click.Choice(list(FORMS)), default="text", show_default=True, help="Of the report."
)
@click.option(
    "--also",
    multiple=True,
    metavar="FORM=FILE",
    callback=lambda _context, _option, values: [_also(each) for each in values],
    help="The same findings in another form, in a file. Repeatable.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file.")
@command_language_option
@check_profile_option
@click.option("--select", multiple=True, metavar="RULE", help="Judge by these rules only: ids, or PIC-*. Repeatable.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Leave these rules out. Repeatable.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="The least serious finding that makes the exit code 1.",
)
@click.option("--jobs", type=click.IntRange(1, 256), help="Files judged side by side (default: one a core).")
@click.option("--quick", is_flag=True, help="Leave out what needs a file decoded to its end.")
@click.option("--waivers", type=click.Path(path_type=Path), help="A telesabaq-waivers.yaml of the checking side.")
@click.option("--accept-waivers", is_flag=True, help="Accept the waivers that a submission brings along.")
@click.pass_obj
def command(
    lang: str | None,
    paths: tuple[str, ...],
    form: str,
    also: list[tuple[str, Path]],
    output: Path | None,
    own_lang: str | None,
    profile: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: Literal["error", "warning"],
    jobs: int | None,
    quick: bool,
    waivers: Path | None,
    accept_waivers: bool,
) -> None:
    """Judge PATHS: pictures, sounds, videos, scripts, HTML5 packages, whole submissions (folders or ZIPs).

    Exit codes: 0 clean, 1 findings, 2 wrong use, 3 our own failure, 4 something that had to be judged was not.
    """
    _keep_apart([each for each in (output, *(file for _, file in also)) if each is not None], paths)
    from pipeline.checks.server import start_server

    start_server()
    from pipeline.checks.run import CheckOptions, check_paths
    from pipeline.checks.waivers import read_waivers
    from pipeline.messages import interface_language
    from pipeline.render.engine import cores
    from pipeline.rulebook import load_check_profile

    language = interface_language(own_lang or lang)
    options = CheckOptions(
        profile=load_check_profile(profile, select=select, ignore=ignore),
        jobs=jobs or cores(),
        quick=quick,
        thumbnails="html" in {form, *(each for each, _ in also)},
        waivers=read_waivers(waivers) if waivers else (),
        accept_waivers=accept_waivers,
    )
    with _progress() as progress:
        report = check_paths(paths, options, progress=progress)
    if form == "text" and output is None:
        width, colours = terminal()
        told = text(report, language, fail_on, width=width, colours=colours)
    else:
        told = rendered(report, form, language, fail_on)
    put(told, output)
    for other, file in also:
        put(rendered(report, other, language, fail_on), file)
    sys.exit(report.exit_code(fail_on))


def _also(asked: str) -> tuple[str, Path]:
    form, _, name = asked.partition("=")
    if form not in FORMS or not name:
        raise click.BadParameter(f"{asked!r} is not FORM=FILE, where FORM is one of {', '.join(FORMS)}")
    return form, Path(name)


def _keep_apart(reports: Sequence[Path], judged: Sequence[str]) -> None:
    """No report takes the place of another, or of what it is about."""
    taken = {Path(each).resolve() for each in judged}
    for each in reports:
        if each.resolve() in taken:
            raise click.UsageError(f"{str(each)!r} is named twice; a report needs a file of its own")
        taken.add(each.resolve())


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on standard error while files are judged; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _known: None
        return
    with Progress(BarColumn(bar_width=30), MofNCompleteColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, known: bar.update(task, completed=done, total=known)
