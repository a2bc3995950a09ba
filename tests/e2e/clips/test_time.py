"""Whatever the footage's rate, container and groups of pictures: each frame of the film shows the right moment."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.media.probe import probe

from . import eye
from .conforming import FPS, Bench
from .footage import LONG_GROUPS, OPEN_GROUPS, X264, beeps, clock_clip, ffmpeg, jittered, times

NTSC = Fraction(30_000, 1001)
MPEG2 = ("-c:v", "mpeg2video", "-q:v", "2", "-g", "15", "-bf", "2")
MPEG4 = ("-c:v", "mpeg4", "-q:v", "2", "-g", "100", "-bf", "2")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "2M")


def assert_in_time(film: Path, start: float = 0) -> None:
    """Every frame of the film shows the moment of the clip that it should, to a frame."""
    clocks = eye.clocks(film)
    assert None not in clocks, f"unreadable frames: {[n for n, each in enumerate(clocks) if each is None]}"
    ahead = [((said or 0) - start * 1000) / 40 - number for number, said in enumerate(clocks)]
    worst = max(ahead, key=abs)
    assert abs(worst) <= 1, f"a frame is {worst:+.2f} frames from the right moment"


@pytest.mark.parametrize("rate", [24, Fraction(24_000, 1001), 25, NTSC, 30, 50, 60])
def test_any_rate_shows_the_right_moment(rate: Fraction | int, bench: Bench, tmp_path: Path) -> None:
    clip = clock_clip(tmp_path / "clip.mp4", times(int(4 * rate), rate))
    assert_in_time(bench.film(clip, 80, start=0.7), 0.7)


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_variable_rate_of_a_phone_shows_the_right_moment(container: str, bench: Bench, tmp_path: Path) -> None:
    clip = clock_clip(tmp_path / f"clip.{container}", jittered(120, 30))
    assert len(set(_gaps(clip))) > 2, "the clip is not of variable rate"
    assert_in_time(bench.film(clip, 80, start=0.7), 0.7)


def _gaps(clip: Path) -> list[int]:
    packets = eye.probe(clip, "-show_packets", "-select_streams", "v")["packets"]
    stamps = sorted(round(float(each["pts_time"]) * 1000) for each in packets)
    return [second - first for first, second in pairwise(stamps)]


def test_picture_that_stands_for_seconds_is_seen_by_every_segment(bench: Bench, tmp_path: Path) -> None:
    """A screen recording writes a frame when something moves: here at these seconds, the last one up to 9 s."""
    moments = [Fraction(0), Fraction(1, 5), Fraction(2), Fraction(6), Fraction(31, 5), Fraction(9)]
    clip = clock_clip(tmp_path / "screen.mkv", moments)
    said = eye.clocks(bench.film(clip, 220, segment=50))
    expected = [max(each for each in moments if each * FPS <= frame) * 1000 for frame in range(220)]
    assert said == expected


MIDWAY = {
    "long groups in MP4": ("mp4", LONG_GROUPS),
    "long groups in Matroska": ("mkv", LONG_GROUPS),
    "long groups in a transport stream": ("ts", LONG_GROUPS),
    "long groups in AVI": ("avi", LONG_GROUPS),
    "open groups in MP4": ("mp4", OPEN_GROUPS),
    "open groups in a transport stream": ("ts", OPEN_GROUPS),
    "MPEG-2 in a transport stream": ("ts", MPEG2),
    "MPEG-2 in a programme stream": ("mpg", MPEG2),
    "MPEG-4 with B-frames in AVI": ("avi", MPEG4),
    "VP9 in WebM": ("webm", VP9),
    "H.264 in Flash video": ("flv", LONG_GROUPS),
}


@pytest.mark.parametrize(("container", "codec"), MIDWAY.values(), ids=MIDWAY)
def test_clip_from_the_middle_of_a_group(container: str, codec: tuple[str, ...], bench: Bench, tmp_path: Path) -> None:
    clip = clock_clip(tmp_path / f"clip.{container}", times(200, 25), *codec)
    film = bench.film(clip, 60, start=4.3, segment=25)
    assert_in_time(film, 4.3)
    assert len(set(eye.clocks(film))) == 60, "a frame was repeated or skipped"


SHIFTED = {
    "transport stream from 1.4 s": ("ts", ("-muxdelay", "1.4", "-muxpreload", "1.4")),
    "transport stream over the clock's wrap at 26.5 h": ("ts", ("-output_ts_offset", "95440")),
    "MP4 from 7.3 s": ("mp4", ("-output_ts_offset", "7.3")),
    "Matroska from 3.217 s": ("mkv", ("-output_ts_offset", "3.217")),
}


@pytest.mark.parametrize(("container", "options"), SHIFTED.values(), ids=SHIFTED)
def test_second_zero_is_the_start_of_the_file(
    container: str, options: tuple[str, ...], bench: Bench, tmp_path: Path
) -> None:
    wav = beeps(tmp_path / "beeps.wav", 6, [1])
    clip = clock_clip(tmp_path / f"clip.{container}", times(150, 25), *X264, *options, wav=wav)
    assert abs(float(eye.probe(clip)["format"]["start_time"])) > 1
    # An AAC track starts 21 ms early.
    assert 6 <= probe(clip).duration <= Fraction(605, 100)
    assert_in_time(bench.film(clip, 60), 0)
    assert_in_time(bench.film(clip, 60, start=3.5), 3.5)


@pytest.mark.parametrize("container", ["mp4", "ts", "mkv"])
def test_picture_that_starts_after_the_sound_keeps_its_place(container: str, bench: Bench, tmp_path: Path) -> None:
    """The picture's first frame belongs to second 0.6 of the file; until then it stands."""
    wav = beeps(tmp_path / "beeps.wav", 4, [1])
    clock_clip(tmp_path / "picture.mkv", times(75, 25), *LONG_GROUPS)
    clip = tmp_path / f"clip.{container}"
    both = ("-itsoffset", "0.6", "-i", tmp_path / "picture.mkv", "-i", wav)
    ffmpeg(*both, "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", clip)
    film = bench.film(clip, 80)
    clocks = eye.clocks(film)
    assert set(clocks[:14]) == {0}
    late = [(said or 0) + 600 - number * 40 for number, said in enumerate(clocks[16:], 16)]
    assert max(map(abs, late)) <= 40
    assert_in_time(bench.film(clip, 40, start=2), 1.4)


def test_hold_repeats_the_last_picture_of_the_clip(bench: Bench, tmp_path: Path) -> None:
    """Two seconds of the clip, held for four more: the pieces that are all rest show the very last frame."""
    clip = clock_clip(tmp_path / "clip.mp4", times(100, 25))
    clocks = eye.clocks(bench.film(clip, 150, start=1, held=100, segment=50))
    assert clocks == [1000 + 40 * min(frame, 49) for frame in range(150)]


def test_clip_up_to_the_very_end_of_its_file(bench: Bench, tmp_path: Path) -> None:
    clip = clock_clip(tmp_path / "clip.mp4", times(90, NTSC))
    length = probe(clip).duration
    assert length == Fraction(90) / NTSC
    frames = round((length - 2) * FPS)
    clocks = eye.clocks(bench.film(clip, frames, start=2))
    assert len(clocks) == frames
    assert clocks[-1] == round(89 / NTSC * 1000)


def test_video_of_one_frame(bench: Bench, tmp_path: Path) -> None:
    clip = clock_clip(tmp_path / "clip.mp4", [Fraction(0)], picture_of=[Fraction(7)])
    assert probe(clip).duration == Fraction(1, 25)
    assert eye.clocks(bench.film(clip, 60, held=59)) == [7000] * 60


def test_size_that_changes_midway(bench: Bench, tmp_path: Path) -> None:
    """A channel's recording where another programme begins: 320x180 to 3 s, then 640x360."""
    second = [3 + each for each in times(75, 25)]
    clock_clip(tmp_path / "a.ts", times(75, 25), *X264)
    clock_clip(tmp_path / "b.ts", times(75, 25), *X264, "-output_ts_offset", "3", size=(640, 360), picture_of=second)
    clip = tmp_path / "clip.ts"
    clip.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    assert_in_time(bench.film(clip, 100, start=1), 1)
