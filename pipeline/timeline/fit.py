"""Fits the explanation's items into its part: to the frame, within the tolerance, or with a clear error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from pipeline.errors import Place, Problem
from pipeline.lesson.model import ExplanationItem
from pipeline.timecode import clock, decimal, to_seconds


@dataclass(frozen=True, slots=True)
class Planned:
    """An item and how many frames it gets; the last `held` of them repeat a clip's last picture."""

    item: ExplanationItem
    frames: int
    fit: Literal["trim", "hold"] | None
    held: int = 0


def fit_to(
    items: Sequence[Planned], room: int, tolerance: int, fps: Fraction, place: Place | None
) -> tuple[list[Planned], list[Problem]]:
    """Make the items' frames add up to `room`.

    The item marked `fit: hold` or `fit: trim` takes up any difference; without one a difference
    within the tolerance falls to the last item and is reported, a larger one is an error that
    states the measured sum, the difference and the ways out.
    """
    difference = room - sum(each.frames for each in items)
    if difference == 0:
        return list(items), []
    wanted: Literal["hold", "trim"] = "hold" if difference > 0 else "trim"
    marked = [index for index, each in enumerate(items) if each.fit == wanted]
    fields = {
        "sum": clock(to_seconds(sum(each.frames for each in items), fps)),
        "room": clock(to_seconds(room, fps)),
        "difference": decimal(to_seconds(abs(difference), fps), 2),
    }
    if not marked and abs(difference) > tolerance:
        return list(items), [Problem(f"timeline.explanation-too-{_size(difference)}", place, fields)]
    index = marked[-1] if marked else len(items) - 1
    changed = _stretch(items[index], difference)
    if changed.frames < fps:
        fields["line"] = str(items[index].item.place.line)
        return list(items), [Problem("timeline.nothing-left-to-trim", items[index].item.place, fields)]
    code = "timeline.held" if difference > 0 else "timeline.trimmed"
    note = Problem(code, items[index].item.place, fields, "note" if marked else "warning")
    return [*items[:index], changed, *items[index + 1 :]], [note]


def _size(difference: int) -> str:
    return "short" if difference > 0 else "long"


def _stretch(planned: Planned, difference: int) -> Planned:
    return replace(planned, frames=planned.frames + difference, held=max(0, difference))
