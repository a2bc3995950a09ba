"""Lesson scripts: the format, the parts, the files, the people and the sources (concept A1-A7, order-121 §41)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from pipeline.checks.names import printable
from pipeline.checks.registry import Limits, rule
from pipeline.checks.script import ScriptSubject
from pipeline.checks.script_text import is_cyrillic
from pipeline.checks.subject import Blocked, NotApplicable
from pipeline.errors import Place, Problem
from pipeline.lesson.model import OWN, Animation, Asset, Clip, Lesson
from pipeline.reports.model import Finding
from pipeline.specs import load_yaml, specs_folder


def told(problems: Iterable[Problem]) -> Iterator[Finding]:
    """Problems as findings: their own words, places and severities."""
    return (Finding(problem=each, place=each.place, severity=each.severity) for each in problems)


@rule("SCR-001")
def follows_the_format(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: a lesson.yaml that the lesson format explains in full."""
    yield from told(script.problems("SCR-001"))
    yield from told(script.theme_problems())


@rule("SCR-002")
def parts_hold_as_many_items_as_asked(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Concept A4-A7: 2-3 questions, 2-3 tasks, 1-2 digital resources, at least one link."""
    yield from told(script.problems("SCR-002"))
    for tasks in (script.lesson.questions, script.lesson.exercises):
        seen: set[str] = set()
        for task in tasks:
            said = " ".join(task.text.plain.casefold().split())
            if said in seen:
                place = script.shown_place(task.place)
                shown = {"text": " ".join(task.text.plain.split())[:50]}
                yield Finding(variant="repeated", severity="warning", place=place, fields=shown)
            seen.add(said)


@rule("SCR-003")
def parts_fill_ten_minutes(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Concept A1: 6 + 1 + 1 + 1 + 1 minutes, to the frame."""
    lacking = script.explanation_lacks
    problems = list(script.conformed("SCR-003"))
    if lacking is not None:
        # A sum without the items that could not be read or measured would only mislead.
        problems = [each for each in problems if not each.code.startswith(_ABOUT_THE_SUM)]
        if not problems:
            raise Blocked(lacking)
    yield from told(problems)


_ABOUT_THE_SUM = ("timeline.explanation-", "timeline.nothing-left", "timeline.held", "timeline.trimmed")


@rule("SCR-004")
def files_are_in_the_folder(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: every file the script names lies in its folder and can do what it is named for."""
    yield from told(each for each in script.problems("SCR-004") if not script.told_beside(each))
    yield from told(each for each in script.conformed("SCR-004") if not script.told_beside(each))
    for each in script.misnamed:
        shown = {"file": printable(each.asset.name)}
        yield Finding(variant=each.role, place=script.shown_place(each.asset.place), measured=each.found, fields=shown)


_NAME = re.compile(r"[^\W\d_]{2,}(?:[-'’ʼ][^\W\d_]+)*")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"\w+")
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?){1,3}|[^\W\d_]")


@rule("SCR-005")
def teacher_has_a_full_name(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Concept A3: the teacher's full name, in the letters of the lesson's language."""
    teacher = script.sound("teacher").teacher
    name, place = teacher.name, script.shown_place(teacher.places.get("name", teacher.place))
    if not name:
        raise Blocked("SCR-001")
    if name.casefold() in _placeholders():
        raise Blocked("SCR-006")
    words = [word.strip(",") for word in name.split()]
    full = [word for word in words if _NAME.fullmatch(word)]
    odd = [word for word in words if word not in full and not _INITIALS.fullmatch(word)]
    if set(_LETTERS.findall(name.casefold().replace(".", ""))) <= set(limits["blanks"]):
        yield Finding(variant="blank", place=place, measured=name)
    elif odd:
        yield Finding(variant="signs", place=place, measured=name, fields={"found": odd[0][:40]})
    elif len(full) < limits["words"] and len(full) < len(words):
        yield Finding(variant="initials", severity="warning", place=place, measured=name)
    elif len(full) < limits["words"]:
        yield Finding(place=place, measured=name)
    elif any(letter.isalpha() and not is_cyrillic(letter) for letter in name):
        yield Finding(variant="letters", severity="warning", place=place, measured=name)


@rule("SCR-006")
def placeholders_are_filled_in(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: nothing is left of what `telesabaq new` wrote to be replaced."""
    teacher = script.lesson.teacher
    for key, said in (("name", teacher.name), ("post", teacher.post), ("school", teacher.school)):
        if said and said.casefold() in _placeholders():
            yield Finding(place=script.shown_place(teacher.places.get(key, teacher.place)), measured=said)


@cache
def _placeholders() -> frozenset[str]:
    """The name and the school of the scripts that a new lesson starts from; all else in them is real."""
    scripts = [load_yaml(path) for path in sorted((specs_folder() / "templates" / "new").glob("*/lesson.yaml"))]
    return frozenset(str(each["teacher"][key]).casefold() for each in scripts for key in ("name", "school"))


@rule("SCR-009")
def description_and_keywords_say_something(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §41, C4: a description and keywords are given."""
    yield from told(script.problems("SCR-009"))
    lesson = script.lesson
    if lesson.description and "description" not in script.unsound:
        said = {word for word in lesson.description.casefold().split() if sum(map(str.isalpha, word)) > 1}
        if len(said) < limits["words"]:
            yield Finding(
                variant="short",
                severity="warning",
                place=script.place_of("description"),
                measured=len(said),
                expected=limits["words"],
            )
    if lesson.keywords and all(_is_filler(each, limits["filler"]) for each in lesson.keywords):
        shown = ", ".join(lesson.keywords)[:80]
        yield Finding(variant="filler", severity="warning", place=script.place_of("keywords"), measured=shown)
    elif short := [each for each in lesson.keywords if sum(map(str.isalnum, each)) == 1]:
        place = script.place_of("keywords")
        yield Finding(variant="letter", severity="warning", place=place, measured=", ".join(short)[:80])


@rule("SCR-010")
def borrowed_material_names_its_source(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §41, C4: the author or the source of borrowed material."""
    yield from told(script.problems("SCR-010"))
    for source, place in _sources(script.lesson, script):
        words = set(_WORDS.findall(source.casefold()))
        if _is_filler(source, limits["filler"]) or words <= set(limits["search"]):
            yield Finding(variant="filler", severity="warning", place=script.shown_place(place), measured=source)


def _sources(lesson: Lesson, script: ScriptSubject) -> Iterator[tuple[str, Place]]:
    for item in lesson.explanation:
        if item.source is not None and item.source != OWN:
            yield item.source, item.place
    if lesson.music is not None and lesson.music.source != OWN:
        yield lesson.music.source, script.place_of("music")


def _is_filler(said: str, filler: list[str]) -> bool:
    """Words that say nothing ("internet"), or no word at all."""
    plain = " ".join(said.casefold().split()).strip(" .!?…-–—_*/")
    return plain in filler or not any(map(str.isalnum, plain))


@rule("SCR-019")
def captions_belong_to_what_is_shown(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: captions of a clip speak inside that clip, on its own clock."""
    captioned = list(_captioned(script.lesson))
    if not captioned:
        raise NotApplicable
    outside = list(script.conformed("SCR-019"))
    for captions, spoken in captioned:
        cues = script.cues(captions)
        if not cues or not script.is_media(spoken):
            continue
        length = script.media(spoken).duration
        late = [cue for cue in cues if cue.start_ms >= 1000 * (length + limits["seconds"])]
        # Captions called like their clip are judged against it by themselves.
        if late and captions.path.with_suffix("") != spoken.path.with_suffix(""):
            shown = {"captions": captions.name, "file": spoken.name, "count": len(late)}
            last = round(late[-1].start_ms / 1000)
            place = script.shown_place(captions.place)
            yield Finding(place=place, measured=last, expected=int(length), fields=shown)
        if late:
            outside = [each for each in outside if each.place != script.shown_place(captions.place)]
    yield from told(outside)


def _captioned(lesson: Lesson) -> Iterator[tuple[Asset, Asset]]:
    """Captions and the file whose clock they are on."""
    for item in lesson.explanation:
        if isinstance(item, Animation) or item.captions is None:
            continue
        spoken = item.file if isinstance(item, Clip) else item.narration
        if spoken is not None:
            yield item.captions, spoken


@rule("SCR-020")
def teacher_is_named_on_screen(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Concept A3: the teacher's full name in a caption over the video."""
    clips = [item for item in script.lesson.explanation if isinstance(item, Clip)]
    if not clips:
        raise NotApplicable
    if not any(clip.name_caption for clip in clips):
        yield Finding(place=script.shown_place(clips[0].place))
