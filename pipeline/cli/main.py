"""The `telesabaq` command. Each subcommand is a module of its own, imported when it is called."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from types import FrameType

import click

from pipeline import __version__
from pipeline.errors import TelesabaqError

COMMANDS = {
    "build": "Make films of lessons.",
    "status": "Tell how a batch stands, also while it runs.",
    "preview": "Show every card, caption and cut as a web page, without encoding.",
    "new": "Start a lesson.",
    "check": "Judge what authors hand in, by the rules of the documents and our own.",
    "rules": "List those rules, or tell all about one.",
    "cache": "Tell what is kept between builds; verify, repair and trim it.",
    "doctor": "Tell what is installed, and what is missing for what.",
}
"""name -> help line; the module of the same name holds the click command `command`."""


class _Lazy(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"pipeline.cli.{cmd_name}").command
        return found

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="telesabaq")
@click.option("--lang", type=click.Choice(["kk", "ru", "en"]), help="Language of messages (default: as the system).")
@click.pass_context
def telesabaq(context: click.Context, lang: str | None) -> None:
    """TV lessons: a YAML script in, a ten-minute film out."""
    context.obj = lang


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 a lesson failed, 2 wrong use, 3 our own failure, 130 interrupted."""
    # A polite kill must clean up as Ctrl-C does.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        telesabaq.main(standalone_mode=False)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        # An impatient second Ctrl-C ends us at once, without a word of Python's about it.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        # Where the interrupt fell into an exec() of a library's (a dataclass being made), Python would still end itself
        # by the signal instead of our exit code. Every exec() begins by forgetting that.
        exec("")  # noqa: S102
        click.echo("", err=True)
        sys.exit(130)
    except TelesabaqError as error:
        from pipeline.cli.speak import Speaker
        from pipeline.errors import InternalError, SpecError, UsageError

        Speaker(_asked_language()).problems(error.problems)
        sys.exit(2 if isinstance(error, UsageError) else 3 if isinstance(error, InternalError | SpecError) else 1)
    except Exception:
        # Nothing of ours is hidden: the trace is what a bug report needs.
        import traceback

        traceback.print_exc()
        sys.exit(3)


def _asked_language() -> str | None:
    for before, after in zip(sys.argv, sys.argv[1:], strict=False):
        if before == "--lang":
            return after
    return next((word.removeprefix("--lang=") for word in sys.argv if word.startswith("--lang=")), None)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
