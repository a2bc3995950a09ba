"""Timeline -> the segments it is stitched from, and the names of everything that shapes the film."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from pipeline.cards.typeset import CaptionPicture
from pipeline.lesson.model import Asset
from pipeline.render.cache import Cache
from pipeline.render.clips import Overlay, clip_segments
from pipeline.render.house import clip_rate
from pipeline.render.prepare import Prepared, media_facts, teacher_post
from pipeline.render.segments import Segment
from pipeline.render.stills import still_segment
from pipeline.specs import HouseFormat, Profile
from pipeline.timeline.content import family, spoken
from pipeline.timeline.model import CardShot, ClipShot

SLIDE_PIXELS = 48
"""How far the name caption rises while it slides in, and sinks while it slides out; the theme leaves room for it
above the lower edge of the safe area."""


def plan_segments(prepared: Prepared, house: HouseFormat, profile: Profile, cache: Cache) -> list[Segment]:
    """The film's segments in order. Their shown frames add up to the timeline's."""
    structure = prepared.timeline.structure
    rate = clip_rate(house, profile.max_bytes, structure)
    segments: list[Segment] = []
    for shot in prepared.timeline.shots:
        if isinstance(shot, CardShot):
            budget = rate if shot.part == "explanation" and shot.card.kind != "title" else house.still_budget_bits
            segments += _card_segments(shot, prepared, house, budget)
        else:
            segments += _clip(shot, prepared, house, rate, cache)
    return segments


def _card_segments(shot: CardShot, prepared: Prepared, house: HouseFormat, budget: int) -> list[Segment]:
    typesetter, fps = prepared.typesetter, prepared.timeline.structure.fps
    segments, at = [], shot.start
    for frames, step, steps in shot.bar or ((shot.frames, 0, 0),):
        segment = still_segment(
            label=shot.card.kind,
            start=at,
            frames=frames,
            picture_key=typesetter.key(shot.card, step, steps),
            picture=partial(typesetter.png, shot.card, step, steps),
            house=house,
            fps=fps,
            budget=budget,
        )
        segments.append(replace(segment, about={"text": spoken(shot.card)}))
        at += frames
    return segments


def _clip(shot: ClipShot, prepared: Prepared, house: HouseFormat, rate: int, cache: Cache) -> list[Segment]:
    facts = media_facts(Asset(shot.file, shot.name, shot.place), cache)
    caption = _caption_overlay(prepared, cache) if shot.captions else None
    credit = _credit_overlay(shot.credit, prepared, cache) if shot.credit else None
    fps = prepared.timeline.structure.fps
    return clip_segments(shot, facts, cache.digest(shot.file), house, fps, rate, caption, credit)


def _caption_overlay(prepared: Prepared, cache: Cache) -> Overlay:
    """The teacher's name (A3), sliding in and out."""
    lesson, typesetter = prepared.lesson, prepared.typesetter
    name, post, grade, kin = lesson.teacher.name, teacher_post(lesson), lesson.grade, family(lesson)
    return _overlay(
        typesetter.caption_key(name, post, grade=grade, family=kin),
        partial(typesetter.caption, name, post, grade=grade, family=kin),
        cache,
        slide_frames=prepared.timeline.structure.name_caption.slide_frames,
        slide_pixels=SLIDE_PIXELS,
    )


def _credit_overlay(credit: str, prepared: Prepared, cache: Cache) -> Overlay:
    """Where borrowed footage comes from (C4), as long as it is on screen."""
    typesetter, grade, kin = prepared.typesetter, prepared.lesson.grade, family(prepared.lesson)
    key = typesetter.credit_key(credit, grade=grade, family=kin)
    return _overlay(key, partial(typesetter.credit, credit, grade=grade, family=kin), cache)


def _overlay(
    key: str, make: Callable[[], CaptionPicture], cache: Cache, slide_frames: int = 0, slide_pixels: int = 0
) -> Overlay:
    """A plate by its key; it is set only when its place is not known yet, or a segment needs it."""
    place = cache.recall(f"plate:{key}")
    if place is None:
        picture = make()
        place = [picture.x, picture.y]
        cache.remember(f"plate:{key}", place)
    return Overlay(key, lambda: make().png, place[0], place[1], slide_frames, slide_pixels)
