"""Where a command's result goes: to the terminal as it is, to a pipe plain, to a file whole or not at all."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from pipeline.reports.paper import WIDTH

if TYPE_CHECKING:
    from pipeline.reports.paper import Colours


def terminal() -> tuple[int, Colours | None]:
    """Columns and colours of standard output; fixed columns and no colours where it is no terminal."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        return WIDTH, None
    return console.width, cast("Colours | None", None if console.no_color else console.color_system)


def put(told: str, output: Path | None) -> None:
    """Print, or write the file. Raises UsageError when the disk says no."""
    if output is not None:
        _write(told, output)
        return
    # A name in a report must not end it on a terminal that has no letters for it.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    click.echo(told, nl=False, color=True)


def _write(told: str, output: Path) -> None:
    from pipeline.checks.private import private_folder
    from pipeline.render.publish import publish

    with private_folder("telesabaq-report-") as folder:
        made = folder / "report"
        made.write_text(told, encoding="utf-8")
        publish({output.name: made}, output.parent)
