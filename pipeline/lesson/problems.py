"""Collects what is wrong with one script, so that the author hears all of it at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from pipeline.errors import Place, Problem, Severity

MAX_PROBLEMS = 200
"""More than this help nobody; a hostile script could make millions."""


class Problems:
    """The problems of one script, in the order they were found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: list[Problem] = []
        self._left_out = False
        self.errors = 0

    def report(self, code: str, place: Place, /, **fields: object) -> None:
        """An error: the film cannot be made until it is mended."""
        self.add(Problem(code, place, fields))

    def warn(self, code: str, place: Place, /, severity: Severity = "warning", **fields: object) -> None:
        """Something worth a look that stops nothing."""
        self.add(Problem(code, place, fields, severity))

    def add(self, problem: Problem) -> None:
        self.errors += problem.severity == "error"
        if len(self._found) < MAX_PROBLEMS:
            self._found.append(problem)
        else:
            self._left_out = True

    @property
    def is_full(self) -> bool:
        """True when looking for more is no use."""
        return self._left_out

    def by_line(self, mended_lines: Iterable[int] = ()) -> list[Problem]:
        """All problems from the top of the script to its end.

        A line whose YAML had to be guessed at says only that: what else seems wrong on it may be the guess's fault.
        """
        mended = set(mended_lines)
        kept = [each for each in self._found if not (each.place and each.place.line in mended and not _of_yaml(each))]
        kept.sort(key=lambda each: (each.place or Place(self.file), each.code))
        if self._left_out:
            kept.append(Problem("script.more-problems", Place(self.file), {"limit": MAX_PROBLEMS}))
        return kept


def _of_yaml(problem: Problem) -> bool:
    return problem.code.startswith("script.")


def did_you_mean(written: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word spelt most like `written`, or None when none is as alike as `cutoff` (0 to 1)."""
    words = list(known)
    by_lower_case = {word.casefold(): word for word in words}
    close = difflib.get_close_matches(written.casefold()[:200], by_lower_case, n=1, cutoff=cutoff)
    return by_lower_case[close[0]] if close else None
