"""Options that several commands share."""

from __future__ import annotations

import click

profile_option = click.option(
    "--profile",
    default="platform",
    show_default=True,
    help="The deliverable: a name of specs/profiles, or a YAML file.",
)
structure_option = click.option(
    "--structure",
    default="tv-lesson",
    show_default=True,
    help="The lesson structure: a name of specs/structures, or a YAML file.",
)
check_profile_option = click.option(
    "--profile",
    default="platform",
    show_default=True,
    help="Which rules, with which severities and limits: a name of specs/check_profiles.",
)
command_language_option = click.option(
    "--lang", "own_lang", type=click.Choice(["kk", "ru", "en"]), help="Language of the report (default: of messages)."
)
