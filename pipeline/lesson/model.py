"""What a lesson script says, after reading: typed, with the place of every line that can be wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import Place

MathNode = dict[str, Any]
"""A formula as nested plain data, see pipeline.lesson.formula for its node kinds."""

OWN = "own"
"""`source: own`: made by the lesson's own team, nobody to name (C4)."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a line: words (perhaps strong), or one formula."""

    text: str = ""
    strong: bool = False
    formula: MathNode | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Text of a card: lines of runs. `plain` is what a person would read aloud."""

    lines: tuple[tuple[Run, ...], ...]
    plain: str
    place: Place

    def data(self) -> list[list[dict[str, Any]]]:
        """The shape that card templates read: [[{"t": words, "s": strong} | {"m": formula}]]."""
        return [
            [{"m": run.formula} if run.formula is not None else {"t": run.text, "s": run.strong} for run in line]
            for line in self.lines
        ]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the lesson: checked to exist inside the lesson's folder, links resolved."""

    path: Path
    name: str
    """As written in the script, with forward slashes."""
    place: Place


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of footage. Times in exact seconds of the source file."""

    file: Asset
    start: Fraction
    end: Fraction | None
    source: str
    fit: Literal["trim", "hold"] | None
    name_caption: bool
    captions: Asset | None
    place: Place


@dataclass(frozen=True, slots=True)
class Slide:
    """A typeset card or a whole-screen picture inside the explanation."""

    title: Text | None
    text: Text | None
    formula: Text | None
    picture: Asset | None
    source: str | None
    narration: Asset | None
    captions: Asset | None
    seconds: Fraction | None
    fit: Literal["trim", "hold"] | None
    full_screen: bool
    """True for a `picture:` item, False for a `slide:`."""
    place: Place


@dataclass(frozen=True, slots=True)
class Animation:
    """An author's own Python file that draws frames (moviepy). Runs only when the caller allows code."""

    file: Asset
    seconds: Fraction
    source: str
    place: Place


ExplanationItem = Clip | Slide | Animation


@dataclass(frozen=True, slots=True)
class Task:
    """A question or an exercise."""

    text: Text
    narration: Asset | None
    place: Place


@dataclass(frozen=True, slots=True)
class Reference:
    """A digital resource or a link."""

    title: Text
    url: str
    note: Text | None
    narration: Asset | None
    place: Place


@dataclass(frozen=True, slots=True)
class Music:
    """The bed under the whole film."""

    file: Asset
    source: str


@dataclass(frozen=True, slots=True)
class Teacher:
    name: str
    post: str | None
    school: str | None
    place: Place
    places: dict[str, Place] = field(default_factory=dict)
    """Where each of its keys stands in the script."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson script. `explanation` and the other parts hold only items without errors of their own."""

    id: str
    folder: Path
    script: Path
    language: Literal["kk", "ru"]
    grade: int
    subject_id: str
    subject: str
    """The subject's name in the lesson's language, as specs/subjects.yaml spells it."""
    topic: Text
    teacher: Teacher
    description: str
    keywords: tuple[str, ...]
    textbook_pages: str | None
    explanation: tuple[ExplanationItem, ...]
    questions: tuple[Task, ...]
    exercises: tuple[Task, ...]
    resources: tuple[Reference, ...]
    links: tuple[Reference, ...]
    narration: dict[str, Asset] = field(default_factory=dict)
    """Part id, "title" or "closing" -> a file that is read over that part or card."""
    music: Music | None = None
    theme: str | None = None
    draft_voice: bool = False
    places: dict[str, Place] = field(default_factory=dict)
    """Where each part's key stands in the script."""
