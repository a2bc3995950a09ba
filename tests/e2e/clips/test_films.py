"""Whole films around footage: sound beside its picture, clips side by side, the teacher's name on top."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.render.build import Built

from . import eye
from .conforming import FPS
from .footage import GREY, LONG_GROUPS, X264, beeps, clock_clip, ffmpeg, jitter, jittered, raw_clip, times
from .lessons import POST, SHORT, TEACHER, film_of, write_lesson

TITLE = 1
"""Seconds of title card before the first clip."""

FRAME = 0.04


# Six clips of a second each, with a flash of the clock and a beep at a known time of the source --------------

BEEP = 1.4
"""Second of every source at which it beeps; the film takes each from 1.0 to 2.0."""

SILENT = "silent.avi"
SOURCES = ("-mono: 44,1 kHz.mp4", "5.1.mkv", SILENT, "short sound.mov", "sound first.ts", "opus.webm")


def _film_sources(folder: Path) -> None:
    mono = beeps(folder / "mono.wav", 3, [BEEP], rate=44_100)
    stereo = beeps(folder / "stereo.wav", 3, [BEEP], channels=2)
    surround = beeps(folder / "surround.wav", 3, [BEEP], channels=6)
    short = beeps(folder / "short.wav", 1.6, [BEEP])
    early = beeps(folder / "early.wav", 3.5, [BEEP + 0.5])
    clock_clip(folder / SOURCES[0], jittered(90, 30), wav=mono)
    clock_clip(folder / "51.mp4", times(75, 25), "-c:a", "ac3", *LONG_GROUPS, wav=surround)
    ffmpeg("-i", folder / "51.mp4", "-c", "copy", folder / SOURCES[1])
    clock_clip(folder / SILENT, times(75, 25), "-c:v", "mpeg4", "-q:v", "2", "-bf", "2")
    clock_clip(folder / SOURCES[3], times(150, 50), wav=short)
    # Here the picture begins half a second after the sound, as a receiver's recording does.
    clock_clip(folder / "late.mkv", times(75, 25), *LONG_GROUPS)
    late = ("-itsoffset", "0.5", "-i", folder / "late.mkv", "-i", early, "-map", "0:v", "-map", "1:a")
    ffmpeg(*late, "-c:v", "copy", "-c:a", "mp2", folder / SOURCES[4])
    vp9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M", "-c:a", "libopus")
    clock_clip(folder / SOURCES[5], times(72, 24), *vp9, wav=stereo)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all films here: their cards are the same."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Built:
    """A film of six sources, one second of each."""
    folder = tmp_path_factory.mktemp("mixed")
    lesson = write_lesson(
        folder / "lesson",
        [
            {"clip": name, "from": 1.5 if name == SOURCES[4] else 1, "to": 2.5 if name == SOURCES[4] else 2}
            | {"name_caption": False}
            for name in SOURCES
        ],
    )
    _film_sources(lesson)
    return film_of(lesson, folder / "out", SHORT, cache)


def test_clips_of_all_kinds_make_one_film(mixed: Built) -> None:
    facts = eye.probe(mixed.film)
    video, audio = (
        next(each for each in facts["streams"] if each["codec_type"] == kind) for kind in ("video", "audio")
    )
    assert (video["nb_frames"], video["avg_frame_rate"]) == ("375", "25/1")
    assert (video["width"], video["height"], video["sample_aspect_ratio"]) == (1920, 1080, "1:1")
    assert (audio["sample_rate"], audio["channels"]) == ("48000", 2)
    assert float(facts["format"]["duration"]) == 15


def test_every_clip_shows_its_second(mixed: Built) -> None:
    clocks = eye.clocks(mixed.film)
    for number, name in enumerate(SOURCES):
        first = (TITLE + number) * 25
        said = clocks[first : first + 25]
        ahead = [((each or 0) - 1000) / 40 - frame for frame, each in enumerate(said)]
        assert None not in said, name
        assert max(map(abs, ahead)) <= 1, f"{name}: {max(ahead, key=abs):+.1f} frames"


def test_every_beep_is_heard_when_its_picture_is_seen(mixed: Built) -> None:
    heard = eye.onsets(eye.sound(mixed.film))
    expected = [TITLE + number + BEEP - 1 for number, name in enumerate(SOURCES) if name != SILENT]
    assert len(heard) == len(expected), heard
    worst = max(abs(found - due) for found, due in zip(heard, expected, strict=True))
    assert worst <= FRAME, f"a beep is {worst * 1000:.0f} ms from its place"


def test_each_voice_is_as_loud_as_the_others(mixed: Built) -> None:
    """Mono, stereo and one channel of six are all brought to one level."""
    power = (eye.sound(mixed.film, channels=2).astype(float) ** 2).sum(axis=1)
    levels = []
    for number, name in enumerate(SOURCES):
        if name != SILENT:
            beep = round((TITLE + number + BEEP - 1) * 48_000)
            levels.append(10 * np.log10(power[beep : beep + 2400].mean()))
    assert np.ptp(levels) < 1.5, levels


def test_silent_clip_is_silent_and_the_author_is_told(mixed: Built) -> None:
    start = (TITLE + SOURCES.index(SILENT)) * 48_000
    assert np.abs(eye.sound(mixed.film)[start : start + 48_000]).max() < 0.001
    codes = {(problem.code, problem.fields.get("name")) for problem in mixed.problems}
    assert any(code.endswith("without-sound") and SILENT in str(name) for code, name in codes)


def test_sound_shorter_than_its_picture_ends_in_silence_and_the_author_is_told(mixed: Built) -> None:
    index = SOURCES.index("short sound.mov")
    samples = eye.sound(mixed.film)[(TITLE + index) * 48_000 :][:48_000]
    assert np.abs(samples[: round(0.5 * 48_000)]).max() > 0.05
    assert np.abs(samples[round(0.65 * 48_000) :]).max() < 0.001
    told = [problem for problem in mixed.problems if problem.code == "audio.shorter-than-picture"]
    assert [str(problem.fields["name"]) for problem in told] == ["short sound.mov"]


def test_sound_footage_is_not_called_damaged(mixed: Built) -> None:
    assert not [problem for problem in mixed.problems if problem.code in {"render.decoder-complained", "audio.damaged"}]


# The name over a clip ------------------------------------------------------------------------------

SAFE = (96, 54, 1824, 1026)
"""EBU R95 graphics-safe area of 1920 x 1080: left, top, right, bottom."""

CAPTIONED = ((10, 50), (75, 115))
"""Frames of the clip with the name: 0.4 s in, and half-way, 1.6 s each (tests/data/short.yaml)."""

SLIDE = 10
CLIP_FRAMES = 150


@pytest.fixture(scope="session")
def captioned(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A film whose six seconds of clip are nothing but grey, with the name caption over it."""
    folder = tmp_path_factory.mktemp("captioned")
    lesson = write_lesson(folder / "lesson", [{"clip": "grey.mp4"}])
    grey = bytes([GREY]) * (320 * 180)
    raw_clip(lesson / "grey.mp4", [grey] * CLIP_FRAMES, times(CLIP_FRAMES, 25), *X264, size=(320, 180))
    return film_of(lesson, folder / "out", SHORT, cache).film


@dataclass(frozen=True)
class Look:
    """What one frame of the grey clip shows that is not grey: how many pixels, their bounds, how strongly."""

    marked: int
    bounds: tuple[int, int, int, int]
    strength: float


def _marked(frame: np.ndarray) -> np.ndarray:
    """Which pixels of a frame of the grey clip are not grey."""
    return np.abs(frame.astype(int) - np.median(frame[:200])) > 8


def _look(frame: np.ndarray) -> Look:
    marked = _marked(frame)
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    bounds = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) if len(rows) else (0, 0, 0, 0)
    return Look(int(marked.sum()), bounds, float(np.abs(frame[750:1050].astype(int) - GREY).mean()))


@pytest.fixture(scope="session")
def looks(captioned: Path) -> list[Look]:
    """Every frame of the clip in the film."""
    frames = eye.grey(captioned, (1920, 1080), before=("-ss", str(TITLE), "-t", str(CLIP_FRAMES / 25)))
    assert len(frames) == CLIP_FRAMES
    return [_look(frame) for frame in frames]


def test_name_stands_over_the_clip_in_its_frames_only(looks: list[Look]) -> None:
    for frame, look in enumerate(looks):
        # The first frame of a slide is still clear, the last one nearly so.
        inside = any(first < frame < last - 1 for first, last in CAPTIONED)
        outside = not any(first <= frame < last for first, last in CAPTIONED)
        assert not (inside and look.marked < 1000), f"no name in frame {frame}"
        assert not (outside and look.marked), f"something of the name in frame {frame}"


def test_name_keeps_to_the_safe_area_while_it_slides(looks: list[Look]) -> None:
    seen = [look.bounds for look in looks if look.marked]
    left, top, right, bottom = SAFE
    # One pixel of the codec's blur.
    assert min(each[0] for each in seen) >= left - 1
    assert min(each[1] for each in seen) >= top - 1
    assert max(each[2] for each in seen) <= right + 1
    assert max(each[3] for each in seen) <= bottom + 1
    assert np.ptp([each[3] for each in seen]) > 20, "the name does not slide"


def test_name_comes_and_goes_softly(looks: list[Look]) -> None:
    strength = [look.strength for look in looks]
    for first, last in CAPTIONED:
        coming, going = strength[first : first + SLIDE + 1], strength[last - SLIDE : last]
        assert coming == sorted(coming)
        assert going == sorted(going, reverse=True)
        assert coming[3] < 0.6 * coming[-1]
        resting = looks[first + SLIDE + 1 : last - SLIDE - 1]
        assert len({look.bounds for look in resting}) == 1, "the name moves while it should stand"


def test_name_is_readable(captioned: Path, tmp_path: Path) -> None:
    frame = eye.rgb(captioned, TITLE * 25 + sum(CAPTIONED[0]) // 2)
    rows, columns = np.nonzero(_marked(frame.mean(axis=2)))
    plate = frame[rows.min() : rows.max(), columns.min() : columns.max()]
    Image.fromarray(plate).save(tmp_path / "plate.png")
    command = ["tesseract", str(tmp_path / "plate.png"), "-", "-l", "kaz", "--psm", "6"]
    read = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert TEACHER in " ".join(read.split())
    assert POST in " ".join(read.split())


# Six minutes ---------------------------------------------------------------------------------------

LESSON_TITLE = 5
SECONDS = 355
EARLY, LATE = 2.0, 352.0


@pytest.mark.slow
def test_sound_stays_in_step_through_six_minutes(tmp_path: Path, cache: Path) -> None:
    """A phone's 29.97 frames of variable rate and 44.1 kHz: flash and beep belong together at both ends."""
    lesson = write_lesson(tmp_path / "lesson", [{"clip": "phone.mp4", "name_caption": False}])
    rate = Fraction(30_000, 1001)
    shown = jittered(int((SECONDS + 1) * rate), rate)
    wav = beeps(tmp_path / "beeps.wav", SECONDS + 1, [EARLY, LATE], rate=44_100)
    clock_clip(lesson / "phone.mp4", shown, *X264, "-crf", "20", wav=wav, timing=jitter(rate))
    film = film_of(lesson, tmp_path / "out", "tv-lesson", cache).film
    heard = eye.onsets(eye.sound(film))
    assert len(heard) == 2, heard
    for beep, due in zip(heard, (EARLY, LATE), strict=True):
        assert abs(beep - LESSON_TITLE - due) <= FRAME
        whole = int(beep) - 1
        around = eye.grey(film, before=("-ss", str(whole), "-t", "3"))
        seen = eye.clock(around[round((beep - whole) * FPS)])
        assert seen is not None
        assert abs(seen / 1000 - due) <= FRAME, f"at {due} s the picture is at {seen / 1000} s"
