"""Captions: can be read as text, keep to the film's time, and leave time to be read (project policy)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from textwrap import wrap

from pipeline.checks.captions import Caption, CaptionsSubject
from pipeline.checks.registry import Limits, rule
from pipeline.checks.subject import NotApplicable
from pipeline.reports.model import Finding


@rule("CAP-001")
def can_be_read(captions: CaptionsSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: UTF-8 text of the form its name says, with captions in it."""
    fault = captions.fault
    if fault is not None:
        yield Finding(variant=fault.variant, place=captions.place(fault.line))


@rule("CAP-002")
def every_timing_makes_sense(captions: CaptionsSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: every caption has a beginning and a later end that players understand."""
    for fault in captions.bad_timings:
        yield Finding(variant="timing", place=captions.place(fault.line), measured=fault.found)
    for cue in captions.captions:
        if cue.end_ms <= cue.start_ms or cue.start_ms < 0:
            yield Finding(place=captions.place(cue.line), measured=cue.end_ms / 1000, expected=cue.start_ms / 1000)


@rule("CAP-003")
def leave_time_to_read(captions: CaptionsSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: at most 17 characters a second."""
    speeds = [(cue.characters / (cue.end_ms - cue.start_ms) * 1000, cue) for cue in captions.timed]
    fast = [(speed, cue) for speed, cue in speeds if speed > limits["characters_a_second"]]
    if fast:
        speed, worst = max(fast, key=lambda each: each[0])
        yield Finding(
            variant="several" if len(fast) > 1 else "",
            place=captions.place(worst.line),
            measured=round(speed, 1),
            expected=limits["characters_a_second"],
            fields={"count": len(fast), "text": _beginning(worst)},
        )


@rule("CAP-004")
def one_at_a_time(captions: CaptionsSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: no two captions at once."""
    tracks: dict[str, list[Caption]] = {}
    for cue in captions.timed:
        if cue.text:
            tracks.setdefault(cue.track, []).append(cue)
    found: list[tuple[int, Caption]] = []
    for cues in tracks.values():
        until = cues[0].end_ms
        for cue in cues[1:]:
            if until - cue.start_ms > limits["ms"]:
                found.append((min(until, cue.end_ms) - cue.start_ms, cue))
            until = max(until, cue.end_ms)
    if found:
        longest, worst = max(found, key=lambda each: each[0])
        yield Finding(
            variant="several" if len(found) > 1 else "",
            place=captions.place(worst.line),
            measured=round(longest / 1000, 2),
            fields={"count": len(found), "text": _beginning(worst)},
        )


@rule("CAP-005")
def inside_the_film(captions: CaptionsSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy, after order-121 §45 1), C3: no caption after the end of its film, nor after ten minutes."""
    cues = captions.timed
    if not cues:
        raise NotApplicable
    spoken = captions.spoken
    length = spoken[1] if spoken else limits["film_seconds"]
    last = max(cues, key=lambda cue: cue.end_ms)
    if last.end_ms > 1000 * (length + limits["slack_seconds"]):
        late = sum(cue.end_ms > 1000 * (length + limits["slack_seconds"]) for cue in cues)
        yield Finding(
            variant="" if spoken else "any-film",
            place=captions.place(last.line),
            measured=last.end_ms / 1000,
            expected=round(float(length), 3),
            fields={"file": spoken[0] if spoken else "", "count": late},
        )


@rule("CAP-006")
def in_the_order_of_time(captions: CaptionsSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: captions stand in the file in the order they are shown."""
    if captions.form == "ass":
        # Its lines are grouped by layer as often as by time, and every player sorts them.
        raise NotApplicable
    swapped = [cue for before, cue in pairwise(captions.captions) if cue.start_ms < before.start_ms]
    if swapped:
        yield Finding(place=captions.place(swapped[0].line), measured=len(swapped))


@rule("CAP-007")
def none_is_empty(captions: CaptionsSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: every caption says something."""
    empty = [cue for cue in captions.captions if not cue.text]
    if empty:
        yield Finding(place=captions.place(empty[0].line), measured=len(empty))


@rule("CAP-008")
def fit_two_lines(captions: CaptionsSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: a caption takes at most two lines of the screen."""
    wide = [cue for cue in captions.timed if _lines_of(cue, limits["line"]) > limits["lines"]]
    if wide:
        worst = max(wide, key=lambda cue: cue.characters)
        yield Finding(
            variant="several" if len(wide) > 1 else "",
            place=captions.place(worst.line),
            measured=worst.characters,
            expected=limits["line"] * limits["lines"],
            fields={"count": len(wide), "text": _beginning(worst)},
        )


def _lines_of(cue: Caption, width: int) -> int:
    """How many lines a player makes of a caption: its own, each broken where it is too wide."""
    if cue.characters <= width:
        return cue.text.count("\n") + 1
    return sum(len(wrap(line[:1000], width)) for line in cue.text.split("\n"))


def _beginning(cue: Caption) -> str:
    line = cue.text.replace("\n", " ")
    return line if len(line) <= 40 else f"{line[:39]}…"
