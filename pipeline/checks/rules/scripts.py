"""Scripts of a package: that they are JavaScript, and that all of them could be read (E4)."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.checks.package import PackageSubject
from pipeline.checks.registry import Limits, rule
from pipeline.reports.model import Finding


@rule("JSX-001")
def scripts_are_javascript(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E4: a script with a syntax error does not run at all; one that no page asks for harms less."""
    for file, facts, _ in package.scripts:
        for fault in facts.faults:
            yield Finding(
                measured=fault.found,
                # Of a regular expression that is none the place is not known, and the reason is an engine's English.
                variant="unclosed" if not fault.found else "" if fault.line else "pattern",
                severity=None if file in package.useful else "warning",
                place=package.place(file, fault.line, fault.column),
                fields={"file": file, "line": fault.line},
            )


@rule("JSX-002")
def scripts_are_read_whole(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: what was not read was not judged."""
    for file, facts, _ in package.scripts:
        if facts.truncated and not facts.faults:
            yield Finding(place=package.place(file), fields={"file": file})
