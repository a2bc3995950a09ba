"""Judges what authors submit: `check_paths` gives a typed Report."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.checks.run import CheckOptions, check_paths
    from pipeline.checks.waivers import read_waivers
    from pipeline.errors import UsageError
    from pipeline.reports.forms import rendered
    from pipeline.reports.model import Finding, Report, SubjectReport
    from pipeline.rulebook import load_check_profile

_WHERE = {
    "CheckOptions": "pipeline.checks.run",
    "Finding": "pipeline.reports.model",
    "Report": "pipeline.reports.model",
    "SubjectReport": "pipeline.reports.model",
    "UsageError": "pipeline.errors",
    "check_paths": "pipeline.checks.run",
    "load_check_profile": "pipeline.rulebook",
    "read_waivers": "pipeline.checks.waivers",
    "rendered": "pipeline.reports.forms",
}

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


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the fork server has to be under way before our own modules are read.
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
