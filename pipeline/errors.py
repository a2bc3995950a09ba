"""The one tree of errors. Errors carry fields; sentences for people live in specs/messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A point in a file: line and column count from 1, 0 where the whole file is meant."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or worth knowing: a message code, where it is, and its measured fields."""

    code: str
    place: Place | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    severity: Severity = "error"


class TelesabaqError(Exception):
    """Base of everything the library raises on purpose; `problems` say what to tell a person."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(_plain(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Problem, ...]]]:
        # An error raised in a worker process reaches its caller with all it carries.
        return type(self), (self.problems,)

    @classmethod
    def of(cls, code: str, place: Place | None = None, /, **fields: object) -> Self:
        """An error with a single problem."""
        return cls([Problem(code, place, fields)])


class LessonError(TelesabaqError):
    """The script, or the media it names, cannot become a film. The author mends it (exit 1)."""


class MediaError(TelesabaqError):
    """A media file could not be read, or ffmpeg refused it (exit 1)."""


class UsageError(TelesabaqError):
    """The command was called in a way that cannot work (exit 2)."""


class SpecError(TelesabaqError):
    """A file under specs/ does not hold together (exit 3)."""


class InternalError(TelesabaqError):
    """Our own fault: a promise of the product was not kept (exit 3)."""


def _plain(problem: Problem) -> str:
    where = f"{problem.place}: " if problem.place else ""
    fields = ", ".join(f"{key}={value}" for key, value in problem.fields.items())
    return f"{where}{problem.code}({fields})"
