"""The forms a report is told in, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from pipeline.reports.digest import FailOn
from pipeline.reports.model import Report

FORMS: Mapping[str, str] = {
    "text": "pipeline.reports.text:text",
    "json": "pipeline.reports.json_report:json_report",
    "sarif": "pipeline.reports.sarif:sarif",
    "junit": "pipeline.reports.junit:junit",
    "html": "pipeline.reports.html:html",
    "github": "pipeline.reports.github:github",
}
"""Name -> where its function is: `(report, language, fail_on) -> text`."""


def rendered(report: Report, form: str, language: str, fail_on: FailOn = "error") -> str:
    """The report in one of FORMS: the same findings in each, in the same order."""
    module, _, name = FORMS[form].partition(":")
    function: Callable[[Report, str, FailOn], str] = getattr(import_module(module), name)
    return function(report, language, fail_on)
