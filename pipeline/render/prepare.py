"""Everything that can be known of a lesson before a frame is encoded: script, media facts, timeline, cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.cards.typeset import Typesetter
from pipeline.errors import LessonError, Problem
from pipeline.lesson.load import load_lesson
from pipeline.lesson.model import Asset, Clip, Lesson, Run
from pipeline.media.probe import MediaFacts, Picture, SoundTrack, probe
from pipeline.render.animation import render_animations
from pipeline.render.cache import Cache, key_of
from pipeline.specs import Structure
from pipeline.timeline.conform import conform
from pipeline.timeline.content import all_cards, credit, family
from pipeline.timeline.model import Timeline

ABOUT_THE_SUM = {
    "timeline.explanation-too-short",
    "timeline.explanation-too-long",
    "timeline.nothing-left-to-trim",
    "timeline.held",
    "timeline.trimmed",
}
"""What only holds when every item of the explanation is sound."""

PROBE_VERSION = 3
"""Raise when pipeline.media.probe would measure other facts from the same file."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A lesson that can become a film, and what its author should know (warnings and notes)."""

    lesson: Lesson
    timeline: Timeline
    typesetter: Typesetter
    problems: tuple[Problem, ...]


def prepare(path: Path, structure: Structure, cache: Cache, work: Path, *, allow_code: bool = False) -> Prepared:
    """Read, measure and lay out the lesson at `path` (its folder or its script).

    Raises LessonError with every error of the script at once; nothing is written outside `work`.
    """
    lesson, problems = load_lesson(path, structure, allow_code=allow_code)
    if lesson is None:
        raise LessonError(problems)
    if allow_code and not _errors(problems):
        lesson = render_animations(lesson, structure, cache, work)
    timeline, found = conform(lesson, structure, lambda asset: media_facts(asset, cache))
    if _explanation_is_partial(lesson, problems):
        # Items with errors of their own are missing from the sum; it would only mislead.
        found = [problem for problem in found if problem.code not in ABOUT_THE_SUM]
    problems += found
    typesetter = Typesetter(lesson.theme, work)
    if _errors(problems):
        lesson = _presentable(lesson)
    problems += _card_problems(typesetter, lesson, structure, cache)
    if _errors(problems) or timeline is None:
        raise LessonError(_in_order(problems))
    return Prepared(lesson, timeline, typesetter, tuple(_in_order(problems)))


def _errors(problems: Sequence[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity == "error"]


def _explanation_is_partial(lesson: Lesson, problems: Sequence[Problem]) -> bool:
    start = lesson.places.get("explanation")
    if start is None:
        return True
    end = min((place.line for place in lesson.places.values() if place.line > start.line), default=1 << 30)
    lines = [problem.place.line for problem in _errors(problems) if problem.place is not None]
    return any(start.line <= line < end for line in lines)


def _presentable(lesson: Lesson) -> Lesson:
    """A lesson with errors, with words where it has none, so that its sound cards can still be checked."""
    run = Run("…")
    topic = lesson.topic if lesson.topic.plain.strip() else replace(lesson.topic, lines=((run,),), plain=run.text)
    teacher = lesson.teacher if lesson.teacher.name else replace(lesson.teacher, name=run.text)
    subject = lesson.subject or run.text
    return replace(lesson, topic=topic, teacher=teacher, subject=subject, grade=lesson.grade or 1)


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """By place, without repeats: one broken file may be met twice."""
    unique = {(problem.code, str(problem.place), repr(sorted(problem.fields.items()))): problem for problem in problems}
    return sorted(unique.values(), key=lambda problem: (problem.place is None, problem.place or 0))


def media_facts(asset: Asset, cache: Cache) -> MediaFacts:
    """The measured facts of an asset; measured again only when its bytes changed."""
    shape = [each.name for kind in (MediaFacts, Picture, SoundTrack) for each in fields(kind)]
    key = key_of({"facts": PROBE_VERSION, "shape": shape, "file": cache.digest(asset.path)})
    stored = cache.recall(key)
    if stored is not None:
        return _facts_from(stored)
    facts = probe(asset.path, name=asset.name, place=asset.place)
    cache.remember(key, _facts_to(facts))
    return facts


def _facts_to(facts: MediaFacts) -> dict[str, object]:
    data = asdict(facts) | {"duration": str(facts.duration)}
    if facts.picture is not None:
        rate = facts.picture.rate
        data["picture"] = asdict(facts.picture) | {"rate": str(rate) if rate is not None else None}
    return data


def _facts_from(data: dict[str, object]) -> MediaFacts:
    picture, sound = data["picture"], data["sound"]
    if isinstance(picture, dict):
        rate = picture["rate"]
        picture = Picture(**picture | {"rate": Fraction(rate) if rate is not None else None})
    if isinstance(sound, dict):
        sound = SoundTrack(**sound)
    typed: dict[str, object] = {"duration": Fraction(str(data["duration"])), "picture": picture, "sound": sound}
    return MediaFacts(**data | typed)  # type: ignore[arg-type]  # the stored shape is _facts_to's


def _card_problems(typesetter: Typesetter, lesson: Lesson, structure: Structure, cache: Cache) -> list[Problem]:
    """Letters that the fonts lack, text that does not fit: of every card, and of the name caption."""
    checks: list[tuple[str, Callable[[], list[Problem]]]] = [
        (typesetter.key(card), partial(typesetter.problems, card)) for card in all_cards(lesson, structure)
    ]
    look: dict[str, Any] = {"grade": lesson.grade, "family": family(lesson)}
    clips = [item for item in lesson.explanation if isinstance(item, Clip)]
    if any(clip.name_caption for clip in clips):
        words = (lesson.teacher.name, teacher_post(lesson))
        named = partial(typesetter.caption_problems, *words, **look, place=lesson.teacher.place)
        checks.append((typesetter.caption_key(*words, **look), named))
    for clip in clips:
        source = credit(clip.source, lesson.language)
        if source is not None:
            credited = partial(typesetter.credit_problems, source, **look, place=clip.place)
            checks.append((typesetter.credit_key(source, **look), credited))
    problems: list[Problem] = []
    for key, check in checks:
        if cache.recall(f"fits:{key}") is None:
            found = check()
            problems += found
            if not found:
                cache.remember(f"fits:{key}", value=True)
    return problems


def teacher_post(lesson: Lesson) -> str | None:
    """The second line of the name caption."""
    return ", ".join(part for part in (lesson.teacher.post, lesson.teacher.school) if part) or None
