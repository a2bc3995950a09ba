"""The rules without the worker processes around them: quick, and a failure shows its own traceback."""

from __future__ import annotations

from pathlib import Path

from pipeline.checks.discover import discover
from pipeline.checks.judge import judge
from pipeline.checks.subject import Task
from pipeline.reports.model import Report
from pipeline.rulebook import load_check_profile


def judged(path: Path, scratch: Path, *rules: str, profile: str = "platform", accepted: bool = False) -> Report:
    """What the rules find under a path. Archives stay closed: see pipeline.checks.run for what opens them."""
    chosen = load_check_profile(profile, select=rules)
    reports = []
    for unit in discover([path]):
        reports += [judge(Task(file, scratch, accepted=accepted), chosen).report for file in unit.files]
        if unit.submission is not None:
            requires = chosen.requires if unit.whole else ()
            reports.append(judge(Task(unit.submission, scratch, files=unit.files, requires=requires), chosen).report)
    return Report(chosen, tuple(sorted(reports, key=lambda each: (each.path, each.kind))))
