"""telesabaq rules: the catalogue, or one rule with everything about it."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.options import check_profile_option, command_language_option
from pipeline.cli.output import put, terminal
from pipeline.reports.paper import WIDTH


@click.command("rules")
@click.argument("rule", required=False)
@command_language_option
@check_profile_option
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@click.pass_obj
def command(
    lang: str | None, rule: str | None, own_lang: str | None, profile: str, form: str, output: Path | None
) -> None:
    """List the rules that `check` judges by; or all about one RULE: clause, why, limits, remedy, examples."""
    from pipeline.messages import interface_language
    from pipeline.reports.catalogue import markdown
    from pipeline.reports.rule_text import rule_text, rules_text
    from pipeline.rulebook import load_check_profile

    language = interface_language(own_lang or lang)
    chosen = load_check_profile(profile, select=[rule] if rule else [])
    width, colours = (WIDTH, None) if output else terminal()
    if form == "markdown":
        told = markdown(chosen, language)
    elif len(chosen.rules) == 1:
        told = rule_text(next(iter(chosen.rules.values())), language, width=width, colours=colours)
    else:
        told = rules_text(chosen, language, width=width, colours=colours)
    put(told, output)
