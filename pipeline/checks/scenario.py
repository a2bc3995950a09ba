"""A lesson scenario (D) as a subject: its stages, what they hold, its letters and colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from pipeline.checks.authored import Authored, read_authored
from pipeline.checks.contrast import contrast
from pipeline.checks.subject import Blocked, Subject
from pipeline.errors import Place, Problem
from pipeline.lesson.files import LessonFolder
from pipeline.lesson.problems import Problems
from pipeline.timecode import exact

SCHEMA = "scenario.schema.json"
FORM = "SCN-001"
"""The rule that tells what is wrong with the form; nothing else can be judged then."""

MEDIA = ("video", "audio", "picture")
FILES = (*MEDIA, "file")
"""Keys of an item whose values are names of files."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a stage: what kinds it is, the files it names, whether a task goes with it."""

    kinds: frozenset[str]
    files: tuple[tuple[str, Place], ...]
    has_task: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage. `number` counts from 1; `minutes` is None where none are given, as `name` is empty."""

    number: int
    name: str
    minutes: Fraction | None
    activity: str
    items: tuple[Item, ...]
    has_self_check: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Pair:
    """Letters on a ground: two colours as #RRGGBB."""

    text: str
    background: str
    place: Place

    @property
    def ratio(self) -> float:
        return contrast(self.text, self.background)


class ScenarioSubject(Subject):
    """A scenario.yaml. Files it names are looked up in its own folder and nowhere else."""

    @cached_property
    def form(self) -> Authored:
        """What was written, and what is wrong with its form."""
        return read_authored(self.path, self.task.file.shown, SCHEMA)

    @cached_property
    def _data(self) -> Any:
        """The form without problems. Raises Blocked."""
        if self.form.problems:
            raise Blocked(FORM)
        return self.form.data

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        return tuple(self._stage(number, each) for number, each in enumerate(self._data["stages"]))

    def _stage(self, index: int, written: dict[str, Any]) -> Stage:
        items = (self._item(index, number, each) for number, each in enumerate(written.get("items", ())))
        minutes, check = written.get("minutes"), written.get("self_check", False)
        return Stage(
            number=index + 1,
            name=" ".join(written.get("name", "").split()),
            minutes=None if minutes is None else exact(minutes),
            activity=" ".join(written["activity"].split()),
            items=tuple(items),
            has_self_check=check.strip() != "" if isinstance(check, str) else check,
            place=self.form.place("stages", index),
        )

    def _item(self, stage: int, index: int, written: dict[str, Any]) -> Item:
        steps = ("stages", stage, "items", index)
        files = tuple((written[key], self.form.place(*steps, key)) for key in FILES if key in written)
        return Item(frozenset(written), files, "task" in written, self.form.place(*steps))

    @property
    def items(self) -> Iterator[Item]:
        """Everything in all stages."""
        return (item for stage in self.stages for item in stage.items)

    @cached_property
    def letters(self) -> tuple[tuple[str, Fraction, Place], ...]:
        """Kind of text, its size in points, where that is written."""
        sizes = self._data["letters"].items()
        return tuple((name, exact(size), self.form.place("letters", name)) for name, size in sizes)

    @cached_property
    def colours(self) -> tuple[Pair, ...]:
        pairs = enumerate(self._data["colours"])
        return tuple(
            Pair(each["text"], each["background"], self.form.place("colours", index, "text")) for index, each in pairs
        )

    def file_problems(self) -> Iterator[Problem]:
        """What is wrong with the files the scenario names: missing, outside its folder, an address."""
        problems = Problems(self.task.file.shown)
        folder = LessonFolder(self.path.parent, problems)
        for item in self.items:
            for name, place in item.files:
                folder.asset(name, place)
        for each in problems.by_line():
            # Where a link leads to is a path of this machine.
            fields = {key: value for key, value in each.fields.items() if key != "leads"}
            leads = {"leads": str(each.fields["leads"]).rpartition("/")[2]} if "leads" in each.fields else {}
            yield Problem(each.code, each.place, {**fields, **leads}, each.severity)
