"""The whole check: find what there is, judge it in workers, open what was inside, gather the report."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from pipeline.checks.confine import Bounds
from pipeline.checks.discover import Unit, discover, units_of_folder
from pipeline.checks.judge import Judged
from pipeline.checks.pool import Workers, workers
from pipeline.checks.subject import Kind, Submitted, Task
from pipeline.reports.model import Report, SubjectReport
from pipeline.rulebook import CheckProfile, load_check_profile


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How to check: profile, worker processes, and what may be left out."""

    profile: CheckProfile = field(default_factory=load_check_profile)
    jobs: int = 1
    quick: bool = False
    thumbnails: bool = False
    bounds: Bounds = field(default_factory=Bounds)


def check_paths(paths: Sequence[Path], options: CheckOptions | None = None) -> Report:
    """Judge files, folders and ZIPs. Raises UsageError for a path that is not there; never for what one holds."""
    options = options or CheckOptions()
    units = discover(paths)
    with (
        tempfile.TemporaryDirectory(prefix="telesabaq-check-") as private,
        workers(options.jobs, options.profile, options.bounds, _roots(units), Path(private)) as pool,
    ):
        check = _Check(options, Path(private), pool)
        check.units(units)
    reports = sorted(check.reports, key=lambda each: (each.path, each.kind))
    return Report(options.profile, tuple(reports), check.broken)


def _roots(units: Sequence[Unit]) -> list[Path]:
    """What workers have to read: whole folders, and files that were named one by one."""
    folders = {unit.submission.path for unit in units if unit.submission is not None}
    return [*folders, *(file.path for unit in units if unit.submission is None for file in unit.files)]


class _Check:
    def __init__(self, options: CheckOptions, private: Path, pool: Workers) -> None:
        self._options, self._private, self._pool = options, private, pool
        self._numbers = count()
        self.reports: list[SubjectReport] = []
        self.broken = False

    def units(self, units: Sequence[Unit]) -> None:
        """Judge all files of all units side by side, then what was inside them, then the submissions."""
        while units:
            tasks = [task for unit in units for task in self._tasks(unit)]
            found: list[Unit] = []
            for task, judged in self._pool.judged(tasks):
                self._take(judged)
                found += self._inside(task, judged)
            units = found

    def _tasks(self, unit: Unit) -> Iterator[Task]:
        for file in unit.files:
            yield self._task(file)
        if unit.submission is not None:
            yield replace(self._task(unit.submission), files=unit.files, requires=self._options.profile.requires)

    def _task(self, file: Submitted) -> Task:
        scratch = self._private / str(next(self._numbers))
        scratch.mkdir()
        return Task(file, scratch, quick=self._options.quick, thumbnails=self._options.thumbnails)

    def _take(self, judged: Judged) -> None:
        self.reports.append(judged.report)
        self.broken |= judged.broken

    def _inside(self, task: Task, judged: Judged) -> list[Unit]:
        """What a worker took out of an archive: a submission handed in as a ZIP, or files to judge by themselves."""
        folders = [each for each in judged.produced if each.kind is Kind.SUBMISSION]
        files = tuple(each for each in judged.produced if each.kind is not Kind.SUBMISSION)
        units = [
            unit
            for folder in folders
            for unit in units_of_folder(folder.path, task.file.shown, depth=task.file.depth + 1, joint="!")
        ]
        return [*units, Unit(files, None)] if files else units
