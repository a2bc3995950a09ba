"""Judging in this process, without the worker pool around it: for files of our own making, never for strangers'."""

from __future__ import annotations

from pathlib import Path

from pipeline.checks.discover import discover
from pipeline.checks.judge import judge
from pipeline.checks.private import private_folder
from pipeline.checks.subject import Submitted, Task
from pipeline.reports.model import Report
from pipeline.rulebook import CheckProfile


def judge_own(folder: Path, profile: CheckProfile, *, quick: bool = True, scratch: Path | None = None) -> Report:
    """Every rule that fits the files of a folder that we wrote ourselves; archives stay closed.

    `quick` leaves out what needs a file decoded whole. The pool's walls (limits, no network) are not there.
    `scratch`: where a folder of our own is made for a while; by default where the system has such things.
    """
    reports = []
    with private_folder("telesabaq-check-", scratch) as private:
        for unit in discover([folder]):
            subjects: list[tuple[Submitted, tuple[Submitted, ...]]] = [(file, ()) for file in unit.files]
            if unit.submission is not None:
                subjects.append((unit.submission, unit.files))
            reports += [
                judge(Task(file, private, files=files, quick=quick), profile).report for file, files in subjects
            ]
    return Report(profile, tuple(sorted(reports, key=lambda each: (each.path, each.kind))))
