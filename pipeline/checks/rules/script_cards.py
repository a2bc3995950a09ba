"""Lesson scripts: what has to be typeset, as it would stand on a screen 1080 lines high (order-121 §42, D)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from pipeline.checks.contrast import contrast, strongest_contrast_on
from pipeline.checks.registry import Limits, rule
from pipeline.checks.rules.script import told
from pipeline.checks.script import ScriptSubject
from pipeline.errors import LessonError, Severity
from pipeline.lesson.formula_plain import formula_plain
from pipeline.reports.model import Finding
from pipeline.timecode import decimal, to_seconds
from pipeline.timeline.content import family
from pipeline.timeline.model import Card, CardShot

_LARGE = {"question", "exercise"}
"""Cards that the concept wants in large letters (A4, A5)."""

_TEXT_ON = (("ink", "ground"), ("soft", "ground"), ("accent", "ground"), ("ink", "panel"), ("soft", "panel"))
"""Which colour of a palette is set on which."""


@rule("SCR-011")
def cards_stand_as_long_as_reading_takes(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy (A8): every card, the closing message too, stands at least as long as a child reads it."""
    timeline = script.timeline
    speed = limits["characters_a_second"]
    for shot in timeline.shots:
        if not isinstance(shot, CardShot):
            continue
        count = len(_to_read(shot.card))
        stands = to_seconds(shot.frames, timeline.structure.fps)
        if Fraction(count, speed) > stands:
            yield Finding(
                variant="closing" if shot.card.kind == "closing" else "",
                place=script.shown_place(shot.card.place),
                measured=float(decimal(stands, 1)),
                expected=float(decimal(Fraction(count, speed), 1)),
                fields={"characters": count},
            )


def _to_read(card: Card) -> str:
    """What a pupil has to read off a card. Of a title card the topic: the rest comes again on every card."""
    if card.kind == "title":
        return _said(card.data["topic"])
    if card.kind in {"resource", "link"}:
        texts = [text for item in card.data["items"] for text in (item["title"], item["note"])]
    else:
        texts = [card.data.get(key) for key in ("title", "text", "formula")]
    return " ".join(_said(text) for text in texts if text)


def _said(lines: list[list[dict[str, Any]]]) -> str:
    runs = (run for line in lines for run in line)
    return "".join(formula_plain(run["m"]).replace(" ", "") if "m" in run else run["t"] for run in runs)


@rule("SCR-012")
def letters_are_large_enough(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §42, D: letters of 22 pt or more, 44 px where the screen is 540 pt high; concept A4, A5: questions and
    tasks in large letters.
    """
    too_much = [each for each in script.card_problems if each.code in {"cards.text-too-long", "cards.word-too-wide"}]
    told_of = {each.place: each for each in reversed(too_much)}
    yield from told(reversed(told_of.values()))
    for card, fit in script.cards:
        large = card.kind in _LARGE
        least = limits["task_px"] if large else limits["px"]
        size, place = fit.size_px, script.shown_place(card.place)
        if size is not None and size < least and place not in told_of:
            yield Finding(variant="task" if large else "", place=place, measured=size, expected=least)


@rule("SCR-013")
def letters_stand_out_from_their_ground(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §42, D: letters clearly apart from their background; a see-through picture from the paper under it."""
    palette = script.typesetter.theme.palette(family(script.lesson))
    weakest = min(contrast(palette[ink], palette[ground]) for ink, ground in (*_TEXT_ON, ("dark", "paper")))
    if weakest < limits["good"]:
        severity: Severity | None = "warning" if weakest >= limits["least"] else None
        yield Finding(measured=round(weakest, 2), expected=limits["good"], severity=severity)
    for card, _ in script.cards:
        for file in card.pictures.values():
            strongest = _picture_contrast(script, card, palette["paper"])
            if strongest is not None and strongest < limits["picture"]:
                yield Finding(
                    variant="picture",
                    severity="warning",
                    place=script.shown_place(card.place),
                    measured=round(strongest, 1),
                    expected=limits["picture"],
                    fields={"file": file.name},
                )


def _picture_contrast(script: ScriptSubject, card: Card, paper: str) -> float | None:
    """How clearly the strongest strokes of a card's picture stand on its paper; None without paper around them."""
    alone = Card("picture", card.data | {"credit": None, "item": None}, card.pictures, card.place)
    try:
        return strongest_contrast_on(script.typesetter.png(alone, scale=0.5), paper)
    except LessonError:
        return None


@rule("SCR-014")
def every_letter_can_be_shown(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §42, D: signs are shown correctly; the fonts have every letter."""
    yield from told(each for each in script.card_problems if each.code == "cards.letter-missing")
