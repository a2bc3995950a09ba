"""Rules of waivers: that they can be read, that they hold, and that they are the checking side's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pipeline.checks.registry import Limits, rule
from pipeline.checks.waivers import WaiversSubject, WaiverUse, WaiverUses
from pipeline.reports.model import Finding

Judged = WaiversSubject | WaiverUses


@rule("WVR-001")
def waivers_follow_their_form(waivers: WaiversSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: rule, path, sha256, reason, author and expiry date of each waiver, and nothing else."""
    for problem in waivers.form[1]:
        yield Finding(problem=problem, place=problem.place)


@rule("WVR-002")
def waivers_are_the_checking_sides(waivers: WaiversSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: a submission cannot waive rules for itself."""
    if not waivers.task.accepted:
        yield Finding()


@rule("WVR-003")
def waiver_has_not_expired(waivers: Judged, limits: Limits) -> Iterator[Finding]:
    """Project policy: a waiver ends; then somebody looks again."""
    for use in waivers.uses:
        if use.expired and not use.forbidden:
            yield _told(use, expected=use.waiver.expires)


@rule("WVR-004")
def waiver_is_used(waivers: Judged, limits: Limits) -> Iterator[Finding]:
    """Project policy: a waiver of a finding that is gone is taken out, before it hides another."""
    for use in waivers.uses:
        if use.used or use.forbidden or use.expired or not use.rule_judged:
            continue
        if use.found and use.same_content:
            yield _told(use)
        elif not use.found:
            # Another part of what these waivers are about may be checked in another run.
            yield _told(use, variant="not-checked", milder=True)


@rule("WVR-005")
def waived_file_is_unchanged(waivers: Judged, limits: Limits) -> Iterator[Finding]:
    """Project policy: what was waived is a file as somebody saw it; other bytes are looked at anew."""
    for use in waivers.uses:
        if use.found and not use.same_content and not use.expired and not use.forbidden:
            yield _told(use, measured=use.sha256, expected=use.waiver.sha256)


@rule("WVR-006")
def rule_may_be_waived(waivers: Judged, limits: Limits) -> Iterator[Finding]:
    """Project policy: nobody can answer for a program or malware in children's hands, nor for what was not judged."""
    for use in waivers.uses:
        if use.forbidden:
            yield _told(use)


def _told(
    use: WaiverUse, *, variant: str = "", milder: bool = False, measured: str = "", expected: str | date = ""
) -> Finding:
    waiver = use.waiver
    return Finding(
        measured=measured or None,
        expected=expected or None,
        variant=variant,
        severity="note" if milder else None,
        place=waiver.place,
        fields={"waived": waiver.rule, "file": waiver.path},
    )
