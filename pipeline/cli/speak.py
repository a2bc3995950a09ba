"""How the commands talk: problems with their place and remedy, lines of progress, in one of three languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import Place, Problem
from pipeline.messages import catalogue, interface_language, remedy, say, what

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_STYLES = {"error": "bold red", "warning": "yellow", "note": "cyan"}


class Speaker:
    """Prints to one console. `language` as asked, or the system's."""

    def __init__(self, language: str | None = None, *, errors: bool = True) -> None:
        from rich.console import Console

        self.language = interface_language(language)
        self.console: Console = Console(stderr=errors, highlight=False, soft_wrap=True)

    def say(self, code: str, **fields: object) -> None:
        self.console.print(say(code, self.language, **fields), markup=False)

    def name(self, kind: str) -> str:
        """A card's kind in words; anything else as it is."""
        return say(f"kind.{kind}", self.language) if f"kind.{kind}" in catalogue() else kind

    def problems(self, problems: Sequence[Problem]) -> None:
        for problem in problems:
            self.console.print(self._line(problem))
            advice = remedy(problem, self.language)
            if advice:
                self.console.print(f"    {advice}", markup=False, style="dim")

    def _line(self, problem: Problem) -> Text:
        from rich.text import Text

        place = f"{_short(problem.place)}: " if problem.place else ""
        severity = say(f"cli.{problem.severity}", self.language)
        return Text.assemble(
            (place, "bold"), (f"{severity}: ", _STYLES[problem.severity]), what(problem, self.language)
        )


def _short(place: Place) -> str:
    """The place with its file as seen from here, so that terminals can open it."""
    path = Path(place.file)
    try:
        shown = path.resolve().relative_to(Path.cwd()).as_posix() if path.is_absolute() else place.file
    except ValueError:
        shown = place.file
    return str(Place(shown, place.line, place.column))
