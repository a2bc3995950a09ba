"""Offsets in a text as lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_right

_BREAK = re.compile("\n")


class Places:
    """Lines and columns count from 1. `line` and `column` say where the text begins in its file."""

    def __init__(self, text: str, line: int = 1, column: int = 1) -> None:
        self._starts = [0, *(found.end() for found in _BREAK.finditer(text))]
        self._length = len(text)
        self._line, self._column = line, column

    def of(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        row = bisect_right(self._starts, offset) - 1
        shift = self._column - 1 if row == 0 else 0
        return self._line + row, offset - self._starts[row] + 1 + shift

    def start(self, line: int) -> int:
        """Offset of the first character of a line of the text itself (its first line is 1)."""
        return self._starts[min(max(line - 1, 0), len(self._starts) - 1)]

    def end(self, line: int) -> int:
        """Offset after the last character of a line of the text itself."""
        return self._starts[line] if line < len(self._starts) else self._length
