"""A lesson in whole frames: where parts start, how a minute is shared, what is reported."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.errors import Problem
from pipeline.lesson.load import load_lesson
from pipeline.lesson.model import Asset
from pipeline.media.probe import MediaFacts, Picture, SoundTrack
from pipeline.specs import load_structure
from pipeline.timeline.conform import conform
from pipeline.timeline.model import CardShot, ClipShot, NameCaption, Timeline
from tests.conftest import SHORT

PICTURE = Picture(
    codec="h264",
    coded_width=640,
    coded_height=360,
    width=640,
    height=360,
    rotation=0,
    interlaced=False,
    pixel_format="yuv420p",
    alpha=False,
    matrix=1,
    full_range=False,
    hdr=None,
    rate=Fraction(25),
    zero=0,
)


def facts(duration: Fraction = Fraction(7), *, sound: bool = True, picture: bool = True) -> MediaFacts:
    track = SoundTrack("aac", 48000, 2) if sound else None
    return MediaFacts("MP4/MOV", "mov", duration, PICTURE if picture else None, track, cut_off=False)


def laid_out(folder: Path, structure: str, **measured: object) -> tuple[Timeline | None, list[Problem]]:
    spec = load_structure(structure)
    lesson, problems = load_lesson(folder, spec)
    assert lesson is not None
    assert [problem for problem in problems if problem.severity == "error"] == []

    def measure(asset: Asset) -> MediaFacts:
        return measured.get(asset.path.suffix[1:], facts())  # type: ignore[return-value]

    return conform(lesson, spec, measure)


def timeline_of(folder: Path, structure: str = str(SHORT), **measured: object) -> Timeline:
    timeline, problems = laid_out(folder, structure, **measured)
    assert timeline is not None, problems
    return timeline


@pytest.fixture
def real_lesson(make_lesson: Callable[..., Path]) -> Path:
    """The lesson with a 5:50 clip and a 5 s slide: the real six minutes."""
    return make_lesson(**{"to: 0:06": "to: 5:51", "seconds: 1": "seconds: 5"})


def test_the_ministry_pattern_has_its_parts_on_their_frames(real_lesson: Path) -> None:
    timeline = timeline_of(real_lesson, "tv-lesson", mp4=facts(Fraction(400)))
    assert timeline.frames == 15_000
    assert [chapter.start for chapter in timeline.chapters] == [0, 9_000, 10_500, 12_000, 13_500]


def test_the_picture_track_has_no_gap_and_no_overlap(real_lesson: Path) -> None:
    timeline = timeline_of(real_lesson, "tv-lesson", mp4=facts(Fraction(400)))
    at = 0
    for shot in timeline.shots:
        assert shot.start == at
        at += shot.frames
    assert at == 15_000


def test_the_title_opens_the_film_and_the_closing_message_ends_it(real_lesson: Path) -> None:
    shots = timeline_of(real_lesson, "tv-lesson", mp4=facts(Fraction(400))).shots
    first, last = shots[0], shots[-1]
    assert isinstance(first, CardShot)
    assert isinstance(last, CardShot)
    assert (first.card.kind, first.frames) == ("title", 125)
    assert (last.card.kind, last.start, last.frames) == ("closing", 14_450, 550)


def test_two_questions_share_the_minute_and_its_time_bar(real_lesson: Path) -> None:
    shots = timeline_of(real_lesson, "tv-lesson", mp4=facts(Fraction(400))).shots
    questions = [shot for shot in shots if isinstance(shot, CardShot) and shot.card.kind == "question"]
    assert [shot.frames for shot in questions] == [750, 750]
    assert [shot.bar for shot in questions] == [
        ((250, 0, 6), (250, 1, 6), (250, 2, 6)),
        ((250, 3, 6), (250, 4, 6), (250, 5, 6)),
    ]


def test_the_name_stands_at_the_start_and_again_half_way(real_lesson: Path) -> None:
    clip = timeline_of(real_lesson, "tv-lesson", mp4=facts(Fraction(400))).shots[1]
    assert isinstance(clip, ClipShot)
    assert clip.frames == 8_750
    assert clip.captions == (NameCaption(25, 150), NameCaption(4_375, 150))


def test_a_short_clip_shows_the_name_once(make_lesson: Callable[..., Path]) -> None:
    folder = make_lesson(**{"to: 0:06": "to: 0:04", "seconds: 1": "seconds: 3"})
    clip = timeline_of(folder).shots[1]
    assert isinstance(clip, ClipShot)
    assert clip.captions == (NameCaption(10, 40),)


def test_borrowed_footage_carries_its_source_and_not_the_teachers_name(make_lesson: Callable[..., Path]) -> None:
    clip = timeline_of(make_lesson(**{"source: own": "source: Ұлттық мұрағат"})).shots[1]
    assert isinstance(clip, ClipShot)
    assert clip.captions == ()
    assert clip.credit == "Дереккөз: Ұлттық мұрағат"


def test_narrated_cards_get_at_least_their_narration(make_lesson: Callable[..., Path]) -> None:
    text = "  - Дискриминант неге тең?\n"
    folder = make_lesson(**{text: text.replace("- ", "- text: ") + "    narration: q.wav\n"})
    (folder / "q.wav").write_bytes(b"")
    shots = timeline_of(folder, wav=facts(Fraction(2, 5), picture=False)).shots
    questions = [shot.frames for shot in shots if isinstance(shot, CardShot) and shot.card.kind == "question"]
    assert questions == [35, 15]  # 0.4 s lead, 0.4 s of speech, 0.6 s after it; the other card has the rest


def test_narrations_longer_than_their_part_are_an_error(make_lesson: Callable[..., Path]) -> None:
    text = "  - Дискриминант неге тең?\n"
    folder = make_lesson(**{text: text.replace("- ", "- text: ") + "    narration: q.wav\n"})
    (folder / "q.wav").write_bytes(b"")
    timeline, problems = laid_out(folder, str(SHORT), wav=facts(Fraction(2), picture=False))
    assert timeline is None
    assert [(problem.code, problem.fields["room"]) for problem in problems] == [("timeline.narration-too-long", "0:02")]


def test_a_clip_that_ends_before_its_to_is_an_error_with_its_length(make_lesson: Callable[..., Path]) -> None:
    timeline, problems = laid_out(make_lesson(), str(SHORT), mp4=facts(Fraction(9, 2)))
    assert timeline is None
    assert [(problem.code, problem.fields["length"]) for problem in problems] == [("timeline.clip-too-short", "0:04.5")]


def test_a_silent_clip_is_a_warning_and_makes_no_sound(make_lesson: Callable[..., Path]) -> None:
    timeline, problems = laid_out(make_lesson(), str(SHORT), mp4=facts(sound=False))
    assert timeline is not None
    assert timeline.sounds == ()
    assert [(problem.code, problem.severity) for problem in problems] == [("timeline.clip-without-sound", "warning")]


def test_captions_follow_the_clip_onto_the_films_clock(make_lesson: Callable[..., Path]) -> None:
    cues = timeline_of(make_lesson()).cues
    assert [(cue.start_ms, cue.end_ms) for cue in cues] == [(1500, 3000), (4000, 6000)]


def test_a_draft_voice_reads_what_nobody_narrates(make_lesson: Callable[..., Path]) -> None:
    folder = make_lesson(**{"keywords:": "voice: draft\nkeywords:"})
    read = [(sound.kind, sound.text) for sound in timeline_of(folder).sounds if sound.kind == "draft"]
    assert ("draft", "Дискриминант неге тең?") in read
    assert read[-1][1].startswith("Қымбатты балалар!")


def test_links_share_cards_as_evenly_as_possible(make_lesson: Callable[..., Path]) -> None:
    link = '  - {title: Электрондық оқулық, url: "https://okulyk.kz"}\n'
    folder = make_lesson(**{link: link * 5})
    cards = [shot for shot in timeline_of(folder).shots if isinstance(shot, CardShot) and shot.card.kind == "link"]
    assert [len(shot.card.data["items"]) for shot in cards] == [1, 2, 2]


def test_a_narrated_link_has_a_card_to_itself(make_lesson: Callable[..., Path]) -> None:
    link = '  - {title: Электрондық оқулық, url: "https://okulyk.kz"}\n'
    narrated = link.replace("}", ", narration: a.wav}")
    folder = make_lesson(**{link: link + narrated + link * 2})
    (folder / "a.wav").write_bytes(b"")
    timeline = timeline_of(folder, wav=facts(Fraction(1, 10), picture=False))
    cards = [shot for shot in timeline.shots if isinstance(shot, CardShot) and shot.card.kind == "link"]
    assert [len(shot.card.data["items"]) for shot in cards] == [1, 1, 2]
    assert [sound.start for sound in timeline.sounds if sound.kind == "narration"] == [cards[1].start]
