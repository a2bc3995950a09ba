"""Lines of text for a terminal or a file: paragraphs with a hanging indent, tables."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

Colours = Literal["standard", "256", "truecolor", "windows"]

WIDTH = 100
"""Columns of a text that goes to no terminal."""
_LEAST_ROOM = 20


class Paper:
    """Takes paragraphs and tables, gives them back as text of at most `width` columns; colours only if asked for."""

    def __init__(self, width: int = WIDTH, colours: Colours | None = None) -> None:
        from rich.console import Console

        self._into = io.StringIO()
        self._console = Console(
            file=self._into,
            width=width,
            force_terminal=colours is not None,
            color_system=colours,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            _environ={},  # COLUMNS and the like are for terminals, not for files
        )

    def paragraph(self, *parts: tuple[str, str], left: int = 0, hanging: int = 0) -> None:
        """Parts, each with its style, `left` columns in, the second and later lines `hanging` columns more."""
        from rich.text import Text

        room = max(self._console.width - left - hanging, _LEAST_ROOM)
        for number, line in enumerate(Text.assemble(*parts).wrap(self._console, room, overflow="fold")):
            self._console.print(Text(" " * (left + (hanging if number else 0))) + line, soft_wrap=True)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table without lines; its first column is never broken."""
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False)
        for number, head in enumerate(heads):
            table.add_column(head, no_wrap=number == 0)
        for row in rows:
            table.add_row(*map(Text, row))
        self._console.print(table)

    def text(self) -> str:
        """Everything so far, without blanks at the ends of lines."""
        return "".join(f"{line.rstrip()}\n" for line in self._into.getvalue().splitlines())
