"""A lesson script as a subject: what it says, the files it names, its timeline and its cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.checks.kinds import claimed
from pipeline.checks.named_files import Misnamed, misnamed_files
from pipeline.checks.subject import Blocked, Kind, Subject
from pipeline.errors import LessonError, MediaError, Place, Problem, UsageError
from pipeline.lesson.load import load_lesson
from pipeline.lesson.model import Asset, Clip, ExplanationItem, Lesson, Run, Slide
from pipeline.specs import Structure, load_structure
from pipeline.timeline.conform import conform
from pipeline.timeline.content import all_cards, credit, family

if TYPE_CHECKING:
    from pipeline.cards.typeset import Fit, Typesetter
    from pipeline.media.probe import MediaFacts
    from pipeline.timeline.model import Card, Cue, Timeline

READABLE = "SCR-001"
"""The rule that tells whatever no other rule tells; without a readable script nothing else can be judged."""
PARTS, FILES, ADDRESSES = "SCR-003", "SCR-004", "SCR-016"
BROKEN = {Kind.VIDEO: "VID-005", Kind.SOUND: "SND-004"}
"""What a broken clip or narration is told by: it is a subject of its own, so its script does not tell it again."""

_COUNTS, _NAME, _DESCRIPTION, _SOURCE = "SCR-002", "SCR-005", "SCR-009", "SCR-010"
_SIZE, _LETTERS, _TIMETABLE, _CAPTIONS = "SCR-012", "SCR-014", "SCR-015", "SCR-019"

_RULE_OF: Mapping[str, str] = {
    "lesson.too-few-items": _COUNTS,
    "lesson.too-many-items": _COUNTS,
    "lesson.short-name": _NAME,
    "lesson.no-source": _SOURCE,
    "lesson.not-broadcast": _TIMETABLE,
    **dict.fromkeys(
        [
            *(f"lesson.{code}" for code in ("no-such-file", "misspelt-file", "wrong-file-kind", "broken-link")),
            *(f"lesson.file-{code}" for code in ("is-address", "is-absolute", "goes-up", "has-backslash", "outside")),
            *("lesson.not-a-file", "lesson.file-unreadable"),
            *("timeline.clip-without-picture", "timeline.narration-without-sound"),
        ],
        FILES,
    ),
    **dict.fromkeys(
        [f"lesson.url-{code}" for code in ("without-scheme", "scheme", "with-password", "has-space", "too-long")]
        + ["lesson.url-broken", "cards.url-too-long"],
        ADDRESSES,
    ),
    **dict.fromkeys(
        [f"timeline.{code}" for code in ("explanation-too-short", "explanation-too-long", "nothing-left-to-trim")]
        + [f"timeline.{code}" for code in ("held", "trimmed", "narration-too-long", "slide-shorter-than-narration")]
        + ["timeline.clip-too-short"],
        PARTS,
    ),
    "cards.text-too-long": _SIZE,
    "cards.word-too-wide": _SIZE,
    "cards.letter-missing": _LETTERS,
    "captions.outside": _CAPTIONS,
}
"""Message code -> the rule that tells it."""

_TOLD_ELSEWHERE = (
    *("media.", "captions.", "cards.picture-", "cards.svg-"),
    *("timeline.clip-cut-off", "timeline.clip-without-sound", "timeline.animation-not-rendered"),
)
"""Beginnings of codes about files that are subjects of their own, or about what the script's reading told already."""

_SCALARS = {"description": _DESCRIPTION, "keywords": _DESCRIPTION}


def rule_of(problem: Problem, structure: Structure) -> str | None:
    """The rule that tells a problem of reading, conforming or typesetting; None for what another subject tells."""
    if problem.code in _RULE_OF:
        return _RULE_OF[problem.code]
    if problem.code.startswith(_TOLD_ELSEWHERE):
        return None
    if problem.code in {"lesson.missing-key", "lesson.empty"}:
        key = str(problem.fields.get("key", "")).partition(" ")[0]
        counted = _COUNTS if key in {part.id for part in structure.parts} - {"explanation"} else READABLE
        return _SCALARS.get(key, counted)
    return READABLE


def _measured_by(item: ExplanationItem) -> Asset | None:
    """The file whose length an item of the explanation goes by."""
    if isinstance(item, Slide):
        return item.narration
    return item.file if isinstance(item, Clip) else None


def _same(problem: Problem) -> tuple[object, ...]:
    """What makes two problems one: slips of YAML on one line come of one mistake, everything else is told apart."""
    line = problem.place.line if problem.place else 0
    if problem.code.startswith("script."):
        return (problem.code, line)
    return (problem.code, problem.place, repr(problem.fields))


class ScriptSubject(Subject):
    """A lesson.yaml. Files it names are looked up in its own folder and nowhere else."""

    @cached_property
    def structure(self) -> Structure:
        return load_structure()

    @cached_property
    def _read(self) -> tuple[Lesson | None, list[Problem]]:
        return load_lesson(self.path, self.structure)

    @property
    def lesson(self) -> Lesson:
        """What the script says, its unsound pieces left out. Raises Blocked when it cannot be read at all."""
        lesson = self._read[0]
        if lesson is None:
            raise Blocked(READABLE)
        return lesson

    def problems(self, rule: str) -> Iterator[Problem]:
        """What reading told that is this rule's to tell. Raises Blocked when nothing could be read."""
        if rule != READABLE and self._read[0] is None:
            raise Blocked(READABLE)
        told = {_same(each): self.shown(each) for each in reversed(self._read[1])}
        return (each for each in reversed(told.values()) if rule_of(each, self.structure) == rule)

    @cached_property
    def unsound(self) -> Mapping[str, str]:
        """Keys of the top level that have errors, so that nothing may be concluded from them -> the rule that tells."""
        places = self.lesson.places
        lines = {place.line: key for key, place in places.items()}
        found: dict[str, str] = {}
        for problem in self._read[1]:
            teller = rule_of(problem, self.structure) or READABLE
            if problem.code == "lesson.missing-key":
                # Told at the group it is missing from, whose first key is all right.
                found.setdefault(str(problem.fields["key"]), teller)
            elif problem.severity == "error" and problem.place is not None:
                line = max((line for line in lines if line <= problem.place.line), default=0)
                found.setdefault(lines.get(line, ""), teller)
        return found

    def sound(self, *keys: str) -> Lesson:
        """The lesson, where these keys are right. Raises Blocked where they are not: what reading told is enough."""
        lesson = self.lesson
        for key in keys:
            # A key may be lost with a line whose YAML had to be guessed at, which is all that reading tells of it.
            if key in self.unsound or key not in lesson.places:
                raise Blocked(self.unsound.get(key, READABLE))
        return lesson

    def place_of(self, key: str) -> Place:
        """Where a key of the top level stands, as reports call it."""
        return self.shown_place(self.lesson.places.get(key) or Place(str(self.path)))

    # What reports may show --------------------------------------------------------------------------------------

    def shown_place(self, place: Place) -> Place:
        """A place of the script without the folders of this machine."""
        return replace(place, file=self.task.file.shown) if place.file == str(self.path) else place

    def shown(self, problem: Problem) -> Problem:
        """A problem without the folders of this machine, neither in its place nor in its fields."""
        fields = {key: self._without_folders(key, value) for key, value in problem.fields.items()}
        place = self.shown_place(problem.place) if problem.place else None
        return replace(problem, place=place, fields=fields)

    def _without_folders(self, key: str, value: object) -> object:
        if key == "leads":
            return f"…/{Path(str(value)).name}"
        if not isinstance(value, str):
            return value
        return value.replace(str(self.path), self.task.file.shown).replace(f"{self.path.parent}/", "")

    # Media and time ---------------------------------------------------------------------------------------------

    @cached_property
    def _measured(self) -> dict[Path, MediaFacts | MediaError]:
        return {}

    def media(self, asset: Asset) -> MediaFacts:
        """The measured facts of a file that the script names. Raises MediaError."""
        from pipeline.media.probe import probe

        if asset.path not in self._measured:
            try:
                # Whether the last pictures decode is for the clip's own report to tell.
                facts = probe(asset.path, name=asset.name, place=asset.place, decode_end=False)
                self._measured[asset.path] = facts
            except MediaError as error:
                self._measured[asset.path] = error
        known = self._measured[asset.path]
        if isinstance(known, MediaError):
            raise known
        return known

    @cached_property
    def laid_out(self) -> tuple[Timeline | None, tuple[Problem, ...]]:
        """The lesson in whole frames, and what conforming told that no other subject tells."""
        timeline, found = conform(self.lesson, self.structure, self.media)
        cut_off = {each.place for each in found if each.code == "timeline.clip-cut-off"}
        kept = (each for each in found if each.code != "timeline.clip-too-short" or each.place not in cut_off)
        return timeline, tuple(self.shown(each) for each in kept if rule_of(each, self.structure))

    def conformed(self, rule: str) -> Iterator[Problem]:
        """What conforming told that is this rule's to tell."""
        return (each for each in self.laid_out[1] if rule_of(each, self.structure) == rule)

    @cached_property
    def explanation_lacks(self) -> str | None:
        """The rule that tells why an item of the explanation could not be read or measured; a sum of fewer items says
        nothing. None when it is whole.
        """
        if "explanation" in self.unsound or not self.lesson.explanation:
            return self.unsound.get("explanation", READABLE)
        if self.misnamed or any(each.severity == "error" for each in self.conformed(FILES)):
            return FILES
        assets = (_measured_by(item) for item in self.lesson.explanation)
        broken = next((asset for asset in assets if asset is not None and not self.is_media(asset)), None)
        return BROKEN.get(claimed(broken.name) or Kind.VIDEO, BROKEN[Kind.VIDEO]) if broken else None

    @cached_property
    def misnamed(self) -> tuple[Misnamed, ...]:
        """Files that are not what the script names them for."""
        return tuple(misnamed_files(self.lesson, together=self.task.together))

    def is_media(self, asset: Asset) -> bool:
        """Whether a file can be measured and is whole; where not, its own report says why."""
        try:
            return not self.media(asset).cut_off
        except MediaError:
            return False

    def told_beside(self, problem: Problem) -> bool:
        """A video that is only a sound is told by its own report too."""
        video = problem.code == "timeline.clip-without-picture" and claimed(str(problem.fields["name"])) is Kind.VIDEO
        return super().told_beside(problem) or (video and self.task.together)

    @property
    def timeline(self) -> Timeline:
        """The film frame by frame. Raises Blocked when its parts cannot be filled."""
        timeline = self.laid_out[0]
        if timeline is None:
            raise Blocked(self.explanation_lacks or PARTS)
        return timeline

    def cues(self, asset: Asset) -> list[Cue]:
        """The cues of captions that the script names; none where the file's own report says what is wrong."""
        from pipeline.timeline.captions import read_cues

        try:
            return read_cues(asset.path, asset.name, asset.place)
        except (LessonError, OSError):
            return []

    # Cards ------------------------------------------------------------------------------------------------------

    @cached_property
    def typesetter(self) -> Typesetter:
        """Sets this lesson's cards. Raises Blocked for a theme that does not exist."""
        from pipeline.cards.typeset import Typesetter

        try:
            return Typesetter(self.lesson.theme, self.task.scratch / "cards")
        except UsageError as error:
            raise Blocked(READABLE) from error

    def theme_problems(self) -> Iterator[Problem]:
        """That the script asks for a look which does not exist."""
        from pipeline.cards.theme import load_theme

        lesson = self._read[0]
        try:
            load_theme(lesson.theme if lesson else None)
        except UsageError as error:
            yield from (replace(problem, place=self.place_of("theme")) for problem in error.problems)

    @cached_property
    def presentable(self) -> Lesson:
        """The lesson with words where it has none, so that its sound cards can still be set."""
        lesson, run = self.lesson, Run("…")
        topic = lesson.topic if lesson.topic.plain.strip() else replace(lesson.topic, lines=((run,),), plain=run.text)
        teacher = lesson.teacher if lesson.teacher.name else replace(lesson.teacher, name=run.text)
        subject = lesson.subject or run.text
        return replace(lesson, topic=topic, teacher=teacher, subject=subject, grade=lesson.grade or 1)

    @cached_property
    def cards(self) -> tuple[tuple[Card, Fit], ...]:
        """Every card of the film that can be set, with its type sizes. A picture that no card can take is told by its
        own report.
        """
        found = []
        for card in all_cards(self.presentable, self.structure):
            try:
                found.append((card, self.typesetter.fit(card)))
            except LessonError:
                continue
        return tuple(found)

    @cached_property
    def card_problems(self) -> tuple[Problem, ...]:
        """Everything that keeps words from the screen: on cards, in the name caption, in source lines; each once."""
        lesson = self.presentable
        look: dict[str, Any] = {"grade": lesson.grade, "family": family(lesson)}
        found = [each for card in all_cards(lesson, self.structure) for each in self.typesetter.problems(card)]
        clips = [item for item in lesson.explanation if isinstance(item, Clip)]
        if any(clip.name_caption for clip in clips):
            post = ", ".join(part for part in (lesson.teacher.post, lesson.teacher.school) if part) or None
            named = self.typesetter.caption_problems
            found += named(lesson.teacher.name, post, place=lesson.teacher.place, **look)
        for clip in clips:
            source = credit(clip.source, lesson.language)
            if source is not None:
                found += self.typesetter.credit_problems(source, place=clip.place, **look)
        unique = {(each.code, str(each.place), repr(each.fields)): each for each in found}
        return tuple(self.shown(each) for each in unique.values())

    def facts(self) -> Mapping[str, Any]:
        lesson = self.__dict__.get("_read", (None,))[0]
        if lesson is None:
            return {}
        return {
            "language": lesson.language,
            "grade": lesson.grade,
            "subject": lesson.subject,
            "topic": lesson.topic.plain,
        }
