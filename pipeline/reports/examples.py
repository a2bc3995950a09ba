"""What rules found in the corpus: real files with real findings, to show what a rule is about.

specs/rules/examples.json is written by docs/rule_examples.py from tests/corpus, which no wheel carries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pipeline.errors import Problem
from pipeline.reports.model import Finding
from pipeline.reports.wording import plain
from pipeline.specs import specs_folder

FILE = "examples.json"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Example:
    """A case of the corpus, called by its fault; `finding` is None where the rule is content with it."""

    case: str
    finding: Finding | None


def examples_of(rule: str) -> tuple[Example, ...]:
    """Cases a rule finds fault with, then cases it does not; none for a rule that was never shown any."""
    return tuple(_example(rule, each) for each in _recorded().get(rule, ()))


def record(example: Example) -> dict[str, Any]:
    """An example as the file has it."""
    finding = example.finding
    if finding is None:
        return {"case": example.case}
    told: dict[str, Any] = {
        "case": example.case,
        "variant": finding.variant,
        "measured": plain(finding.measured),
        "expected": plain(finding.expected),
        "fields": plain(finding.fields),
    }
    if finding.problem is not None:
        told["problem"] = {"code": finding.problem.code, "fields": plain(finding.problem.fields)}
    return told


@cache
def _recorded() -> Mapping[str, list[dict[str, Any]]]:
    recorded: dict[str, list[dict[str, Any]]] = json.loads((specs_folder() / "rules" / FILE).read_text("utf-8"))
    return recorded


def _value(told: Any) -> Any:
    """A value as the rule gave it: JSON has no days."""
    return date.fromisoformat(told) if isinstance(told, str) and _DAY.fullmatch(told) else told


def _example(rule: str, told: Mapping[str, Any]) -> Example:
    if "fields" not in told:
        return Example(told["case"], None)
    problem = told.get("problem")
    finding = Finding(
        rule=rule,
        variant=told["variant"],
        measured=_value(told["measured"]),
        expected=_value(told["expected"]),
        fields=told["fields"],
        problem=Problem(problem["code"], None, problem["fields"]) if problem else None,
    )
    return Example(told["case"], finding)
