"""The rule on what the build writes for itself."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.checks.names import printable
from pipeline.checks.records import record_fault
from pipeline.checks.registry import Limits, rule
from pipeline.checks.subject import Subject
from pipeline.reports.model import Finding


@rule("SUB-011")
def is_what_a_build_writes(file: Subject, limits: Limits) -> Iterator[Finding]:
    """Project policy: what claims to be a record of ours is of its form, and harms no program that opens it."""
    fault = record_fault(file.path, file.name)
    if fault is not None:
        yield Finding(
            variant=fault[0], measured=printable(fault[1]), fields={"file": printable(file.name.rpartition("/")[2])}
        )
