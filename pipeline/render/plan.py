"""Timeline -> the segments it is stitched from, and the names of everything that shapes the film."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from pipeline.cards.typeset import Typesetter
from pipeline.lesson.model import Asset, Lesson
from pipeline.render.cache import Cache
from pipeline.render.clips import Overlay, clip_segments
from pipeline.render.house import clip_rate
from pipeline.render.prepare import Prepared, media_facts, teacher_post
from pipeline.render.segments import Segment
from pipeline.render.stills import still_segment
from pipeline.specs import HouseFormat, Profile
from pipeline.timeline.content import family, spoken
from pipeline.timeline.model import CardShot, ClipShot

Made = TypeVar("Made")

SLIDE_PIXELS = 48
"""How far the name caption travels while it slides in and out; it never leaves the safe area."""


def plan_segments(prepared: Prepared, house: HouseFormat, profile: Profile, cache: Cache) -> list[Segment]:
    """The film's segments in order. Their shown frames add up to the timeline's."""
    structure = prepared.timeline.structure
    rate = clip_rate(house, profile.max_bytes, structure)
    # The typesetter is one compiler, and cards are set by several workers.
    lock = threading.Lock()
    segments: list[Segment] = []
    for shot in prepared.timeline.shots:
        if isinstance(shot, CardShot):
            budget = rate if shot.part == "explanation" and shot.card.kind != "title" else house.still_budget_bits
            segments += _card_segments(shot, prepared, house, budget, lock)
        else:
            segments += _clip(shot, prepared, house, rate, cache, lock)
    return segments


def _card_segments(
    shot: CardShot, prepared: Prepared, house: HouseFormat, budget: int, lock: threading.Lock
) -> list[Segment]:
    typesetter, fps = prepared.typesetter, prepared.timeline.structure.fps
    segments, at = [], shot.start
    for frames, step, steps in shot.bar or ((shot.frames, 0, 0),):
        segment = still_segment(
            label=shot.card.kind,
            start=at,
            frames=frames,
            picture_key=typesetter.key(shot.card, step, steps),
            picture=partial(_locked, lock, partial(typesetter.png, shot.card, step, steps)),
            house=house,
            fps=fps,
            budget=budget,
        )
        segments.append(replace(segment, about={"text": spoken(shot.card)}))
        at += frames
    return segments


def _clip(
    shot: ClipShot, prepared: Prepared, house: HouseFormat, rate: int, cache: Cache, lock: threading.Lock
) -> list[Segment]:
    lesson, typesetter = prepared.lesson, prepared.typesetter
    facts = media_facts(Asset(shot.file, shot.name, shot.place), cache)
    caption = _caption_overlay(lesson, typesetter, prepared, lock) if shot.captions else None
    credit = _credit_overlay(shot.credit, lesson, typesetter, lock) if shot.credit else None
    return clip_segments(
        shot, facts, cache.digest(shot.file), house, prepared.timeline.structure.fps, rate, caption, credit
    )


def _caption_overlay(lesson: Lesson, typesetter: Typesetter, prepared: Prepared, lock: threading.Lock) -> Overlay:
    name, post = lesson.teacher.name, teacher_post(lesson)
    grade, kin = lesson.grade, family(lesson)
    picture = _locked(lock, partial(typesetter.caption, name, post, grade=grade, family=kin))
    return Overlay(
        key=typesetter.caption_key(name, post, grade=grade, family=kin),
        png=lambda: picture.png,
        x=picture.x,
        y=picture.y,
        slide_frames=prepared.timeline.structure.name_caption.slide_frames,
        slide_pixels=SLIDE_PIXELS,
    )


def _credit_overlay(credit: str, lesson: Lesson, typesetter: Typesetter, lock: threading.Lock) -> Overlay:
    grade, kin = lesson.grade, family(lesson)
    picture = _locked(lock, partial(typesetter.credit, credit, grade=grade, family=kin))
    key = typesetter.credit_key(credit, grade=grade, family=kin)
    return Overlay(key, lambda: picture.png, picture.x, picture.y)


def _locked(lock: threading.Lock, make: Callable[[], Made]) -> Made:
    with lock:
        return make()
