"""telesabaq doctor: what is installed, and what is missing for what."""

from __future__ import annotations

import sys

import click

from pipeline.cli.speak import Speaker


@click.command("doctor")
@click.pass_obj
def command(lang: str | None) -> None:
    """Tell what is installed and what is missing for what. Exit 1 when something needed is missing."""
    from rich.table import Table
    from rich.text import Text

    from pipeline.doctor import examine
    from pipeline.messages import say

    speaker = Speaker(lang, errors=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("doctor.part", "doctor.found", "doctor.for"):
        table.add_column(say(heading, speaker.language))
    findings = examine()
    for each in findings:
        mark = ("✓", "green") if each.found else ("✗", "red") if each.needed else ("–", "yellow")
        found = each.found or say("doctor.missing", speaker.language, how=each.how)
        table.add_row(Text.assemble(mark, f" {each.name}"), Text(found), say(each.purpose, speaker.language))
    speaker.console.print(table)
    sys.exit(any(each.needed and not each.found for each in findings))
