"""The sample lessons hold what they promise: sound scripts, exact lengths, small media, captions in time."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import av
import pytest
from ruamel.yaml import YAML

from pipeline.lesson.load import load_lesson
from pipeline.lesson.model import Clip, Lesson, Slide
from pipeline.specs import load_structure

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "sample_lessons"
SPEECH = ROOT / "studio" / "speech"
FOLDERS = sorted(path.parent for path in SAMPLES.glob("*/lesson.yaml"))
MEDIA = sorted(path for folder in FOLDERS for path in (folder / "media").iterdir())

LARGEST_FILE = 8_000_000
LARGEST_TOTAL = 22_000_000
EXPLANATION_SECONDS = Fraction(355)
LONGEST_CAPTION = 84
LONGEST_QUESTION = 110
KAZAKH_LETTERS = set("әғқңөұүһіӘҒҚҢӨҰҮҺІ")

_CUE = re.compile(r"(\d\d):(\d\d):(\d\d)\.(\d{3}) --> (\d\d):(\d\d):(\d\d)\.(\d{3})\n(.+)")

each_lesson = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def lesson_in(folder: Path) -> Lesson:
    lesson, problems = load_lesson(folder, load_structure())
    assert problems == []
    assert lesson is not None
    return lesson


def seconds_of(path: Path) -> Fraction:
    """The shortest of the file's tracks: what can be shown and heard to the end."""
    with av.open(str(path)) as container:
        return min(stream.duration * stream.time_base for stream in container.streams)


def cues_of(path: Path) -> list[tuple[float, float, str]]:
    cues = []
    for match in _CUE.finditer(path.read_text(encoding="utf-8")):
        hours, minutes, seconds, thousandths, *end = (int(group) for group in match.groups()[:8])
        start = hours * 3600 + minutes * 60 + seconds + thousandths / 1000
        cues.append((start, end[0] * 3600 + end[1] * 60 + end[2] + end[3] / 1000, match[9]))
    return cues


def length(item: Clip | Slide) -> Fraction:
    if isinstance(item, Clip):
        return (item.end if item.end is not None else seconds_of(item.file.path)) - item.start
    assert item.seconds is not None
    return item.seconds


def test_there_are_lessons_in_both_languages_for_small_and_big_pupils() -> None:
    lessons = [lesson_in(folder) for folder in FOLDERS]
    assert {lesson.language for lesson in lessons} == {"kk", "ru"}
    assert {lesson.grade for lesson in lessons} == {1, 7, 8}


@each_lesson
def test_script_has_no_problems(folder: Path) -> None:
    assert load_lesson(folder, load_structure())[1] == []


@each_lesson
def test_explanation_lasts_exactly_355_seconds(folder: Path) -> None:
    lesson = lesson_in(folder)
    assert sum(length(item) for item in lesson.explanation) == EXPLANATION_SECONDS


@each_lesson
def test_clips_reach_to_the_end_that_the_script_asks_for(folder: Path) -> None:
    for item in lesson_in(folder).explanation:
        if isinstance(item, Clip) and item.end is not None:
            assert seconds_of(item.file.path) >= item.end


@each_lesson
def test_narration_is_over_before_its_slide_is(folder: Path) -> None:
    for item in lesson_in(folder).explanation:
        if isinstance(item, Slide) and item.narration is not None:
            assert seconds_of(item.narration.path) <= length(item)


@each_lesson
def test_explanation_mixes_clips_slides_and_a_picture(folder: Path) -> None:
    items = lesson_in(folder).explanation
    assert any(isinstance(item, Clip) for item in items)
    assert any(isinstance(item, Slide) and not item.full_screen for item in items)
    assert any(isinstance(item, Slide) and item.full_screen for item in items)


@each_lesson
def test_lesson_has_the_full_pattern(folder: Path) -> None:
    lesson = lesson_in(folder)
    assert 2 <= len(lesson.questions) <= 3
    assert 2 <= len(lesson.exercises) <= 3
    assert 1 <= len(lesson.resources) <= 2
    assert lesson.links
    assert lesson.description
    assert len(lesson.keywords) >= 3
    assert lesson.textbook_pages


@each_lesson
def test_questions_and_exercises_fit_one_card(folder: Path) -> None:
    lesson = lesson_in(folder)
    for task in (*lesson.questions, *lesson.exercises):
        assert len(task.text.plain) <= LONGEST_QUESTION


@each_lesson
def test_every_drawing_and_clip_is_our_own(folder: Path) -> None:
    for item in lesson_in(folder).explanation:
        if isinstance(item, Clip) or item.full_screen:
            assert item.source == "own"


@each_lesson
def test_captions_follow_each_other_inside_their_recording(folder: Path) -> None:
    files = sorted((folder / "media").glob("*.vtt"))
    assert files
    for file in files:
        recording = next(path for path in file.parent.glob(f"{file.stem}.*") if path.suffix in {".mp4", ".mp3"})
        cues = cues_of(file)
        assert cues, file.name
        moments = [moment for start, end, _ in cues for moment in (start, end)]
        assert moments == sorted(moments), file.name
        assert moments[-1] <= seconds_of(recording), file.name
        assert max(len(text) for *_, text in cues) <= LONGEST_CAPTION, file.name


@each_lesson
def test_captions_say_what_the_speech_file_says(folder: Path) -> None:
    plan = YAML(typ="safe", pure=True).load((SPEECH / f"{folder.name}.yaml").read_text(encoding="utf-8"))
    for name, entry in {**plan["clips"], **plan["narrations"]}.items():
        written = [each if isinstance(each, str) else each["text"] for each in entry["speech"]]
        assert [text for *_, text in cues_of(folder / "media" / f"{name}.vtt")] == written


@each_lesson
def test_letters_are_those_of_the_lessons_language(folder: Path) -> None:
    kazakh = folder.name.startswith("kk-")
    assert lesson_in(folder).language == ("kk" if kazakh else "ru")
    for file in (folder / "lesson.yaml", SPEECH / f"{folder.name}.yaml", *(folder / "media").glob("*.vtt")):
        found = KAZAKH_LETTERS & set(file.read_text(encoding="utf-8"))
        if not kazakh:
            assert not found, file.name
        elif file.suffix == ".yaml":
            assert found, file.name


@each_lesson
def test_every_media_file_is_named_in_the_script(folder: Path) -> None:
    script = (folder / "lesson.yaml").read_text(encoding="utf-8")
    recordings = [path.name for path in (folder / "media").iterdir() if path.suffix != ".vtt"]
    assert [name for name in recordings if f"media/{name}" not in script] == []


def test_no_media_file_is_large() -> None:
    assert max(path.stat().st_size for path in MEDIA) < LARGEST_FILE


def test_all_media_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in MEDIA) < LARGEST_TOTAL


def test_clips_differ_in_size_and_rate_so_that_conversion_is_exercised() -> None:
    forms = set()
    for path in MEDIA:
        if path.suffix == ".mp4":
            with av.open(str(path)) as container:
                video, audio = container.streams.video[0], container.streams.audio[0]
                assert video.codec_context.name == "h264"
                assert video.codec_context.pix_fmt == "yuv420p"
                assert audio.codec_context.name == "aac"
                forms.add((video.height, video.average_rate, audio.rate))
    assert forms == {(1080, Fraction(25), 48_000), (720, Fraction(30_000, 1001), 44_100)}
