"""Judges what authors submit: `check_paths` gives a typed Report."""

from pipeline.checks.run import CheckOptions, check_paths
from pipeline.checks.waivers import read_waivers
from pipeline.errors import UsageError
from pipeline.reports.forms import rendered
from pipeline.reports.model import Finding, Report, SubjectReport
from pipeline.rulebook import load_check_profile

__all__ = [
    "CheckOptions",
    "Finding",
    "Report",
    "SubjectReport",
    "UsageError",
    "check_paths",
    "load_check_profile",
    "read_waivers",
    "rendered",
]
