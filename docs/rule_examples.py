"""Tries the rules on their corpus and keeps what they said: `make docs` runs `python -m docs.rule_examples`.

The examples that `telesabaq rules RULE` and docs/rules.md show are these: real files, real findings.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import chdir
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from pipeline.checks.run import CheckOptions, check_paths
from pipeline.reports.examples import FILE, Example, record
from pipeline.specs import specs_folder
from tests.unit.checks.corpus import Case, cases

MOST_FAILING, MOST_PASSING = 2, 1


def chosen() -> list[Case]:
    """The first cases of each rule, those with a fault before those without."""
    kept: list[Case] = []
    for _, of_rule in groupby(cases(), key=lambda case: case.rule):
        listed = list(of_rule)
        kept += islice((case for case in listed if case.fails), MOST_FAILING)
        kept += islice((case for case in listed if not case.fails), MOST_PASSING)
    return kept


def name_of(case: Case) -> str:
    """What an example is called: the file's name, without the ending of a maker."""
    return case.path.name.removesuffix(".py")


def examples(of: Sequence[Case]) -> dict[str, list[dict[str, Any]]]:
    """Rule -> its examples, from one check of all cases."""
    found: dict[tuple[str, str], Example] = {}
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        laid = []
        for number, case in enumerate(of):
            place = Path(folder) / str(number)
            place.mkdir()
            laid.append(case.lay(place))
        report = check_paths(laid, CheckOptions(jobs=len(os.sched_getaffinity(0))))
        for subject, finding in report.findings():
            case = of[int(subject.path.partition("/")[0])]
            if finding.rule == case.rule:
                found.setdefault((case.rule, name_of(case)), Example(name_of(case), finding))
    told: dict[str, list[dict[str, Any]]] = {}
    for case in of:
        name = name_of(case)
        example = found.get((case.rule, name)) if case.fails else Example(name, None)
        if example is not None:
            told.setdefault(case.rule, []).append(record(example))
    return told


def written(told: dict[str, list[dict[str, Any]]]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    (specs_folder() / "rules" / FILE).write_text(written(examples(chosen())), encoding="utf-8")
