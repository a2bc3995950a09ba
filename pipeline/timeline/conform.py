"""Lesson + structure + measured media -> Timeline. Every frame of every part is accounted for here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from pipeline.errors import LessonError, Place, Problem, TelesabaqError
from pipeline.lesson.model import Animation, Asset, Clip, ExplanationItem, Lesson, Slide
from pipeline.media.probe import MediaFacts
from pipeline.specs import PartSpec, Structure
from pipeline.timecode import clock, to_frames, to_seconds
from pipeline.timeline import content
from pipeline.timeline.captions import place_cues, read_cues
from pipeline.timeline.fit import Planned, fit_to
from pipeline.timeline.model import CardShot, Chapter, ClipShot, Cue, NameCaption, Shot, Sound, Timeline

Facts = Callable[[Asset], MediaFacts]
"""Measures an asset; raises MediaError at the asset's place."""

TAIL = Fraction(3, 5)
"""Seconds a card stays after its narration ends."""

LEAD = Fraction(2, 5)
"""Seconds between a card and the first word of its narration."""


def conform(lesson: Lesson, structure: Structure, facts: Facts) -> tuple[Timeline | None, list[Problem]]:
    """Lay a lesson out in whole frames.

    Returns the timeline (None when the parts cannot be filled as planned) and everything
    worth telling: errors with the three ways out (A1, A3), and what was held or trimmed.
    """
    work = _Conform(lesson, structure, facts)
    for spec in structure.parts:
        work.part(spec)
    if any(problem.severity == "error" for problem in work.problems):
        return None, work.problems
    timeline = Timeline(
        structure=structure,
        language=lesson.language,
        shots=tuple(work.shots),
        sounds=tuple(work.sounds),
        bed=lesson.music.file.path if lesson.music else None,
        cues=tuple(sorted(work.cues, key=lambda cue: (cue.start_ms, cue.end_ms))),
        chapters=tuple(
            Chapter(structure.start_of(spec.id), spec.frames, spec.name[lesson.language]) for spec in structure.parts
        ),
    )
    return timeline, work.problems


class _Conform:
    def __init__(self, lesson: Lesson, structure: Structure, facts: Facts) -> None:
        self.lesson, self.structure, self._facts = lesson, structure, facts
        self.fps = structure.fps
        self.problems: list[Problem] = []
        self.shots: list[Shot] = []
        self.sounds: list[Sound] = []
        self.cues: list[Cue] = []
        if lesson.music is not None:
            self.facts(lesson.music.file)

    def facts(self, asset: Asset) -> MediaFacts | None:
        """The facts of an asset, or None after noting why there are none."""
        try:
            return self._facts(asset)
        except TelesabaqError as error:
            self.problems += [replace(problem, place=asset.place) for problem in error.problems]
            return None

    def seconds(self, frames: int) -> Fraction:
        return to_seconds(frames, self.fps)

    def part(self, spec: PartSpec) -> None:
        start = self.structure.start_of(spec.id)
        end = start + spec.frames
        if spec.opens_with is not None:
            self.fixed(spec.opens_with.card, spec, start, spec.opens_with.frames)
            start += spec.opens_with.frames
        if spec.ends_with is not None:
            end -= spec.ends_with.frames
        if spec.id == "explanation":
            self.explanation(spec, start, end - start)
        else:
            self.cards(spec, start, end - start)
        whole = self.lesson.narration.get(spec.id)
        if whole is not None:
            self.voice(whole, "", start, end - start, whole.place)
        if spec.ends_with is not None:
            self.fixed(spec.ends_with.card, spec, end, spec.ends_with.frames)

    # Cards -------------------------------------------------------------------------------------

    def fixed(self, kind: str, spec: PartSpec, start: int, frames: int) -> None:
        """The title card (A2) or the closing message (A8)."""
        card = content.fixed_card(kind, self.lesson, self.structure, spec)
        self.shots.append(CardShot(start, frames, spec.id, card))
        self.voice(self.lesson.narration.get(kind), content.spoken(card), start, frames, card.place)

    def cards(self, spec: PartSpec, start: int, frames: int) -> None:
        """Question, task, resource and link cards (A4-A7): equal shares, but each at least its narration."""
        cards = content.part_cards(self.lesson, self.structure, spec)
        if not cards:
            return
        needs = [self.narrated(asset) for _, asset in cards]
        shares = _shares(frames, needs)
        if shares is None:
            needed = self.seconds(sum(needs))
            fields = {"part": spec.name[self.lesson.language], "needed": clock(needed)}
            place = self.lesson.places.get(spec.id)
            self.problems.append(
                Problem("timeline.narration-too-long", place, fields | {"room": clock(self.seconds(frames))})
            )
            return
        at = start
        for (card, asset), share in zip(cards, shares, strict=True):
            bar = _bar(spec, at - self.structure.start_of(spec.id), share)
            self.shots.append(CardShot(at, share, spec.id, card, bar))
            spoken = "" if spec.id in self.lesson.narration else content.spoken(card)
            self.voice(asset, spoken, at, share, card.place)
            at += share

    def narrated(self, asset: Asset | None) -> int:
        """Frames a card needs so that its narration is heard out; 0 without one."""
        if asset is None:
            return 0
        facts = self.facts(asset)
        if facts is None:
            return 0
        if facts.sound is None:
            self.problems.append(Problem("timeline.narration-without-sound", asset.place, {"name": asset.name}))
        return to_frames(LEAD + facts.duration + TAIL, self.fps)

    def voice(self, asset: Asset | None, spoken: str, start: int, frames: int, place: Place) -> None:
        if asset is not None:
            self.sounds.append(Sound(start, frames, "narration", asset.path, Fraction(0), "", asset.place))
        elif self.lesson.draft_voice and spoken:
            self.sounds.append(Sound(start, frames, "draft", None, Fraction(0), spoken, place))

    # Explanation -------------------------------------------------------------------------------

    def explanation(self, spec: PartSpec, start: int, room: int) -> None:
        """Clips, slides and pictures that fill the part to the frame (A3)."""
        before = len(self.problems)
        planned = [self.plan(item) for item in self.lesson.explanation]
        known = [each for each in planned if each is not None]
        if len(known) < len(planned) or not known or _has_error(self.problems[before:]):
            return
        place = self.lesson.places.get(spec.id)
        fitted, problems = fit_to(known, room, self.structure.tolerance, self.fps, place)
        self.problems += problems
        at = start
        for each in fitted:
            if isinstance(each.item, Clip):
                self.clip(each, each.item, spec, at)
            elif isinstance(each.item, Slide):
                self.slide(each, each.item, spec, at)
            at += each.frames

    def plan(self, item: ExplanationItem) -> Planned | None:
        """How long an item asks to be, or None when its media could not be measured."""
        if isinstance(item, Animation):
            # Rendered into a clip before this, or refused: code runs only when the caller allows it.
            self.problems.append(Problem("timeline.animation-not-rendered", item.place, {"name": item.file.name}))
            return None
        if isinstance(item, Slide):
            if item.seconds is not None:
                needed = self.narrated(item.narration)
                frames = to_frames(item.seconds, self.fps)
                if needed - to_frames(LEAD + TAIL, self.fps) > frames:
                    fields = {"seconds": clock(item.seconds), "narration": clock(self.seconds(needed) - LEAD - TAIL)}
                    self.problems.append(Problem("timeline.slide-shorter-than-narration", item.place, fields))
                return Planned(item, frames, item.fit)
            frames = self.narrated(item.narration)
            return Planned(item, frames, item.fit) if frames else None
        return self.plan_clip(item)

    def plan_clip(self, clip: Clip) -> Planned | None:
        facts = self.facts(clip.file)
        if facts is None:
            return None
        name, length = clip.file.name, facts.duration
        if facts.picture is None:
            self.problems.append(Problem("timeline.clip-without-picture", clip.place, {"name": name}))
            return None
        if facts.cut_off:
            fields = {"name": name, "length": clock(length)}
            self.problems.append(Problem("timeline.clip-cut-off", clip.place, fields, "warning"))
        end = length if clip.end is None else clip.end
        # A frame's worth of slack: players round the length that a teacher reads off them.
        if clip.start >= length or end > length + Fraction(1, 10):
            fields = {"name": name, "length": clock(length), "start": clock(clip.start), "end": clock(end)}
            self.problems.append(Problem("timeline.clip-too-short", clip.place, fields))
            return None
        if facts.sound is None:
            self.problems.append(Problem("timeline.clip-without-sound", clip.place, {"name": name}, "warning"))
        return Planned(clip, max(1, to_frames(min(end, length) - clip.start, self.fps)), clip.fit)

    def clip(self, planned: Planned, clip: Clip, spec: PartSpec, at: int) -> None:
        facts = self.facts(clip.file)
        moving = planned.frames - planned.held
        self.shots.append(
            ClipShot(
                start=at,
                frames=planned.frames,
                part=spec.id,
                file=clip.file.path,
                name=clip.file.name,
                source_start=clip.start,
                held=planned.held,
                credit=content.credit(clip.source, self.lesson.language),
                captions=self.name_captions(moving) if clip.name_caption else (),
                place=clip.place,
            )
        )
        if facts is not None and facts.sound is not None:
            self.sounds.append(Sound(at, moving, "clip", clip.file.path, clip.start, "", clip.place))
        self.captions(clip.captions, clip.start, at, moving)

    def name_captions(self, frames: int) -> tuple[NameCaption, ...]:
        """A3: the name soon after the clip's start, and again half-way through a long one."""
        rule = self.structure.name_caption
        first = min(rule.first_after, max(0, frames - rule.frames))
        shown = [NameCaption(first, min(rule.frames, frames))]
        again = frames // 2
        if frames >= rule.again_from and again >= first + rule.frames and again + rule.frames <= frames:
            shown.append(NameCaption(again, rule.frames))
        return tuple(shown)

    def slide(self, planned: Planned, slide: Slide, spec: PartSpec, at: int) -> None:
        card = content.slide_card(slide, self.lesson, self.structure, spec)
        self.shots.append(CardShot(at, planned.frames, spec.id, card))
        self.voice(slide.narration, content.spoken(card), at, planned.frames, slide.place)
        lead = to_frames(LEAD, self.fps)
        self.captions(slide.captions, Fraction(0), at + lead, planned.frames - lead)

    def captions(self, asset: Asset | None, source_start: Fraction, at: int, frames: int) -> None:
        if asset is None:
            return
        try:
            cues = read_cues(asset.path, asset.name, asset.place)
        except LessonError as error:
            self.problems += error.problems
            return
        placed = place_cues(cues, source_start, self.seconds(at), self.seconds(frames))
        if not placed:
            self.problems.append(Problem("captions.outside", asset.place, {"name": asset.name}, "warning"))
        self.cues += placed


def _has_error(problems: list[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _shares(frames: int, needs: list[int]) -> list[int] | None:
    """Split frames evenly, but give each card at least what it needs; None when there is not enough."""
    if sum(needs) > frames:
        return None
    fixed: set[int] = set()
    while True:
        free = [index for index in range(len(needs)) if index not in fixed]
        left = frames - sum(needs[index] for index in fixed)
        short = {index for index in free if needs[index] * len(free) > left}
        if not short:
            break
        fixed |= short
    return [
        needs[index] if index in fixed else left // len(free) + (1 if free.index(index) < left % len(free) else 0)
        for index in range(len(needs))
    ]


def _bar(spec: PartSpec, offset: int, frames: int) -> tuple[tuple[int, int, int], ...]:
    """The states of the part's time bar while a card stands: (frames, step, steps)."""
    steps = spec.time_bar
    if not steps:
        return ()
    edges = [spec.frames * step // steps for step in range(steps + 1)]
    states = []
    for step in range(steps):
        first, last = max(edges[step], offset), min(edges[step + 1], offset + frames)
        if last > first:
            states.append((last - first, step, steps))
    return tuple(states)
