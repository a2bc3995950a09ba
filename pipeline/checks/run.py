"""The whole check: find what there is, judge it in workers, open what was inside, gather the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count
from os import PathLike
from pathlib import Path

from pipeline.checks.confine import Bounds
from pipeline.checks.discover import Unit, discover, units_of_folder, waivers_beside
from pipeline.checks.judge import Judged
from pipeline.checks.malware import with_own_list
from pipeline.checks.pool import Workers, workers
from pipeline.checks.private import private_folder
from pipeline.checks.subject import Kind, Submitted, Task
from pipeline.checks.waivers import apply_waivers, waivers_in, with_folder_sums
from pipeline.errors import UsageError
from pipeline.reports.model import Report, SubjectReport, Waiver
from pipeline.rulebook import CheckProfile, load_check_profile


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How to check: profile, worker processes, what may be left out, and which findings somebody answers for.

    `accept_waivers`: those that a submission brings for itself hold too. `today`: None for the day of the check.
    """

    profile: CheckProfile = field(default_factory=load_check_profile)
    jobs: int = 1
    quick: bool = False
    thumbnails: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    waivers: tuple[Waiver, ...] = ()
    accept_waivers: bool = False
    today: date | None = None


Named = str | PathLike[str]

Progress = Callable[[int, int], None]
"""Called with the number of subjects judged and of those known so far: what is inside archives is known later."""


def check_paths(
    paths: Named | Iterable[Named],
    options: CheckOptions | None = None,
    *,
    progress: Progress = lambda _done, _known: None,
) -> Report:
    """Judge files, folders and ZIPs: one, or several together.

    Raises UsageError where no path is given or one is not there; never for what a file holds.
    """
    options = options or CheckOptions()
    profile = with_own_list(options.profile)
    named = _named(paths)
    beside = waivers_beside(named)
    units = [unit for unit in discover(named) if not _is_among(unit, beside)] + [Unit((each,), None) for each in beside]
    with (
        private_folder("telesabaq-check-") as private,
        workers(_jobs(options, units), profile, options.bounds, _roots(units), private) as pool,
    ):
        check = _Check(options, private, pool, progress, frozenset(each.path for each in beside))
        check.units(units)
    reports = sorted(check.reports, key=lambda each: (each.path, each.kind))
    report = with_folder_sums(Report(options.profile, tuple(reports), check.broken))
    today = options.today or datetime.now().astimezone().date()
    return apply_waivers(report, [*options.waivers, *check.waivers], today)


def _named(paths: Named | Iterable[Named]) -> list[Path]:
    each_path = [paths] if isinstance(paths, str | PathLike) else list(paths)
    if not each_path:
        # A search that found nothing must not look like a clean submission.
        raise UsageError.of("check.no-paths")
    if "" in each_path:
        # As a Path it would be the folder we are in.
        raise UsageError.of("check.no-such-path", name="")
    return [Path(each) for each in each_path]


def _jobs(options: CheckOptions, units: Sequence[Unit]) -> int:
    """Workers to start: no more than there is to do, as far as is known before archives are opened."""
    files = [file for unit in units for file in unit.files]
    return options.jobs if any(file.kind is Kind.ARCHIVE for file in files) else min(options.jobs, len(files) or 1)


def _is_among(unit: Unit, files: Sequence[Submitted]) -> bool:
    return unit.submission is None and {each.path for each in unit.files} <= {each.path for each in files}


_IN_FOLDERS = {Kind.SCRIPT, Kind.SCENARIO}
"""Kinds that name files beside them: such a file's folder is what was handed in, also where only the file is named."""


def _roots(units: Sequence[Unit]) -> list[Path]:
    """What workers have to read: whole folders, and files that were named one by one."""
    folders = {unit.submission.path for unit in units if unit.submission is not None}
    named = [file for unit in units if unit.submission is None for file in unit.files]
    return [*folders, *(file.path.parent if file.kind in _IN_FOLDERS else file.path for file in named)]


class _Check:
    def __init__(
        self, options: CheckOptions, private: Path, pool: Workers, progress: Progress, trusted: frozenset[Path]
    ) -> None:
        self._options, self._private, self._pool, self._progress = options, private, pool, progress
        self._trusted = trusted
        self._known = 0
        self._numbers = count()
        self.reports: list[SubjectReport] = []
        self.waivers: list[Waiver] = []
        self.broken = False

    def units(self, units: Sequence[Unit]) -> None:
        """Judge all files of all units side by side, then what was inside them, then the submissions."""
        while units:
            tasks = [task for unit in units for task in self._tasks(unit)]
            # Where there are fewer files than workers, a large package may use the idle ones' cores.
            cores = max(1, self._options.jobs // len(tasks)) if tasks else 1
            tasks = [replace(task, cores=cores) for task in tasks]
            self._known += len(tasks)
            found: list[Unit] = []
            for task, judged in self._pool.judged(tasks):
                self._take(task, judged)
                self._progress(len(self.reports), self._known)
                found += self._inside(task, judged)
            units = found

    def _tasks(self, unit: Unit) -> Iterator[Task]:
        requires = self._options.profile.requires if unit.whole else ()
        there = {file.kind for file in unit.files}
        for file in unit.files:
            missing = tuple(each for each in requires if Kind(each) not in there)
            yield replace(self._task(file), requires=missing, together=unit.submission is not None)
        if unit.submission is not None:
            yield replace(self._task(unit.submission), files=unit.files, requires=requires)

    def _task(self, file: Submitted) -> Task:
        scratch = self._private / str(next(self._numbers))
        accepted = self._options.accept_waivers or file.path in self._trusted
        return Task(file, scratch, quick=self._options.quick, thumbnails=self._options.thumbnails, accepted=accepted)

    def _take(self, task: Task, judged: Judged) -> None:
        self.reports.append(judged.report)
        self.broken |= judged.broken
        if task.file.kind is Kind.WAIVERS and task.accepted:
            # Read while it is still there: what came out of an archive is gone when the check is over.
            self.waivers += waivers_in(task.file.path, task.file.shown)[0]

    def _inside(self, task: Task, judged: Judged) -> list[Unit]:
        """What a worker took out of an archive: a submission handed in as a ZIP, or files to judge by themselves."""
        folders = [each for each in judged.produced if each.kind is Kind.SUBMISSION]
        files = tuple(each for each in judged.produced if each.kind is not Kind.SUBMISSION)
        units = [
            # What the archive lies beside may hold already what the profile asks for.
            replace(unit, whole=unit.whole and bool(task.requires))
            for folder in folders
            for unit in units_of_folder(folder.path, task.file.shown, depth=task.file.depth + 1, joint="!")
            # An archive whose own faults kept its files from being unpacked is not told to be empty as well.
            if unit.files or not any(each.outcome == "fail" for each in judged.report.findings)
        ]
        return [*units, Unit(files, None)] if files else units
