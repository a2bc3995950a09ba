"""A clip's sound lands where its picture says, from any container; damage costs only what is damaged."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from synthetic import RATE, convert, level, speechlike, tone, write_wav

from pipeline.audio.extract import Extract, extract
from pipeline.errors import MediaError

HALF_A_FRAME = 0.02
BEEPS = (1.0, 2.5, 361.0, 365.0)
"""Seconds after the first picture at which 50 ms of 1 kHz start."""


@pytest.fixture(scope="module")
def beeps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MP4 of 370 s: a small picture, and beeps in AAC."""
    folder = tmp_path_factory.mktemp("beeps")
    sound = np.zeros(370 * RATE)
    for at in BEEPS:
        sound[round(at * RATE) : round((at + 0.05) * RATE)] = tone(0.05, -6, 1000)
    write_wav(folder / "beeps.wav", sound)
    picture = ["-f", "lavfi", "-i", "color=s=32x32:r=10:d=370"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-bf", "2", "-c:a", "aac", "-aac_coder", "fast"]
    convert(*picture, "-i", folder / "beeps.wav", *codecs, "-f", "mp4", "-y", folder / "beeps.mp4")
    return folder / "beeps.mp4"


def remux(source: Path, target: Path, *output: str, later: float = 0) -> Path:
    """The same packets in another container, the sound `later` seconds against the picture."""
    inputs = ["-i", source, "-itsoffset", str(later), "-i", source]
    convert(*inputs, "-map", "0:v", "-map", "1:a", "-c", "copy", *output, "-y", target)
    return target


def picture_start(file: Path) -> float:
    """Seconds from the file's start (that of its first track, often the sound's priming) to its first picture."""
    with av.open(str(file)) as container:
        track = container.streams.video[0]
        return float(track.start_time * track.time_base) - container.start_time / 1_000_000


def onsets(got: Extract, start: float) -> list[float]:
    """Seconds on the file's clock at which beeps start."""
    loud = np.flatnonzero(np.abs(got.pcm.read(0, got.pcm.samples)[:, 0]) > 0.1)
    first = loud[np.diff(loud, prepend=-RATE) > RATE // 10]
    return [start + (got.lead + int(sample)) / RATE for sample in first]


@pytest.mark.parametrize(
    ("name", "options", "later"),
    [
        ("plain.mp4", (), 0.0),
        ("offset.mp4", ("-output_ts_offset", "7.3"), 0.0),
        ("late.mp4", (), 0.7),
        ("early.mov", (), -0.3),
        ("plain.ts", (), 0.0),
        ("late.ts", (), 0.7),
        ("early.ts", (), -0.3),
        ("plain.mkv", (), 0.0),
        ("late.mkv", (), 0.7),
    ],
)
def test_sound_stays_with_the_picture(
    beeps: Path, tmp_path: Path, name: str, options: tuple[str, ...], later: float
) -> None:
    file = remux(beeps, tmp_path / name, *options, later=later)
    picture = picture_start(file)
    for start in (Fraction(0), Fraction(1, 2), Fraction(29, 10), Fraction(3604, 10)):
        got = extract(file, start, 6 * RATE, tmp_path / "out.f32")
        assert got is not None
        assert not got.damaged
        expected = [picture + later + at for at in BEEPS if 0 <= picture + later + at - float(start) < 5.9]
        found = onsets(got, float(start))
        assert found == pytest.approx(expected, abs=HALF_A_FRAME)


def test_sound_of_44_kilohertz_keeps_its_pitch_and_stays_clean(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(4, -6, 5000, rate=44_100), rate=44_100)
    got = extract(tmp_path / "a.wav", Fraction(0), 4 * RATE, tmp_path / "out.f32")
    assert got is not None
    sound = got.pcm.read(RATE, 3 * RATE)[:, 0].astype(float)
    spectrum = np.abs(np.fft.rfft(sound * np.blackman(len(sound)))) ** 2
    peak = int(spectrum.argmax())
    assert peak / 2 == pytest.approx(5000, abs=1)
    inside = spectrum[peak - 6 : peak + 7].sum()
    assert 10 * np.log10(inside / (spectrum.sum() - inside)) > 80


def test_mono_sounds_alike_in_both_channels(tmp_path: Path) -> None:
    write_wav(tmp_path / "mono.wav", tone(2, -20))
    got = extract(tmp_path / "mono.wav", Fraction(0), 2 * RATE, tmp_path / "out.f32")
    assert got is not None
    sound = got.pcm.read(0, got.pcm.samples)
    assert np.array_equal(sound[:, 0], sound[:, 1])
    assert level(sound) > -25


def test_surround_is_mixed_down_with_centre_in_the_middle_and_sides_apart(tmp_path: Path) -> None:
    # 5.1 order: left, right, centre, LFE, left surround, right surround.
    nothing = np.zeros(2 * RATE)
    write_wav(tmp_path / "c.wav", nothing, nothing, tone(2, -20), nothing, nothing, nothing)
    write_wav(tmp_path / "ls.wav", nothing, nothing, nothing, nothing, tone(2, -20), nothing)
    centre = extract(tmp_path / "c.wav", Fraction(0), 2 * RATE, tmp_path / "c.f32")
    side = extract(tmp_path / "ls.wav", Fraction(0), 2 * RATE, tmp_path / "ls.f32")
    assert centre is not None
    assert side is not None
    middle, left = centre.pcm.read(0, 2 * RATE), side.pcm.read(0, 2 * RATE)
    assert level(middle[:, 0]) == pytest.approx(-23, abs=0.2)
    assert level(middle[:, 1]) == pytest.approx(-23, abs=0.2)
    assert level(left[:, 0]) == pytest.approx(-23, abs=0.2)
    assert level(left[:, 1]) < -100


def test_loudness_is_that_of_the_range_alone(tmp_path: Path) -> None:
    sine = np.concatenate([tone(5, -10), tone(5, -30)])
    write_wav(tmp_path / "a.wav", sine, sine)
    got = extract(tmp_path / "a.wav", Fraction(5), 5 * RATE, tmp_path / "out.f32")
    assert got is not None
    assert got.loudness == pytest.approx(-30, abs=0.1)


def test_file_without_sound_gives_nothing(tmp_path: Path) -> None:
    convert("-f", "lavfi", "-i", "color=s=16x16:d=1", "-f", "mp4", "-y", tmp_path / "mute.mp4")
    assert extract(tmp_path / "mute.mp4", Fraction(0), RATE, tmp_path / "out.f32") is None


def test_range_after_the_end_is_empty_but_not_damaged(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(2, -20))
    got = extract(tmp_path / "a.wav", Fraction(60), RATE, tmp_path / "out.f32")
    assert got is not None
    assert (got.pcm.samples, got.damaged) == (0, False)


def test_what_is_no_media_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("#EXTM3U\nfile:///etc/passwd\n")
    with pytest.raises(MediaError) as refused:
        extract(tmp_path / "a.mp4", Fraction(0), RATE, tmp_path / "out.f32")
    assert refused.value.problems[0].code == "media.unknown-kind"


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError) as refused:
        extract(tmp_path / "nowhere.mp4", Fraction(0), RATE, tmp_path / "out.f32")
    assert refused.value.problems[0].code == "media.unreadable"


def test_sound_before_the_cut_of_a_cut_off_file_is_used(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(20, -20))
    encoded = ["-c:a", "aac", "-movflags", "+faststart", "-f", "mp4", "-y", tmp_path / "whole.mp4"]
    convert("-i", tmp_path / "a.wav", *encoded)
    whole = (tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    got = extract(tmp_path / "cut.mp4", Fraction(0), 20 * RATE, tmp_path / "out.f32")
    assert got is not None
    assert got.damaged
    assert 8 * RATE < got.pcm.samples < 12 * RATE


def test_damage_in_the_middle_is_silence_and_moves_nothing(tmp_path: Path) -> None:
    sound = tone(20, -20, 700)
    sound[15 * RATE :] = tone(5, -20, 3000)
    write_wav(tmp_path / "a.wav", sound)
    convert("-i", tmp_path / "a.wav", "-c:a", "aac", "-f", "mp4", "-y", tmp_path / "whole.mp4")
    damaged = bytearray((tmp_path / "whole.mp4").read_bytes())
    start, length = len(damaged) // 2, len(damaged) // 10
    damaged[start : start + length] = np.random.default_rng(0).bytes(length)
    (tmp_path / "hurt.mp4").write_bytes(damaged)
    got = extract(tmp_path / "hurt.mp4", Fraction(0), 20 * RATE, tmp_path / "out.f32")
    assert got is not None
    assert got.damaged
    after = got.pcm.read(14 * RATE, 16 * RATE)[:, 0]
    halves = [np.abs(np.fft.rfft(half)).argmax() for half in (after[:46_000], after[-46_000:])]
    assert [round(index * RATE / 46_000, -2) for index in halves] == [700, 3000]


def test_change_of_channels_inside_a_file_moves_nothing(tmp_path: Path) -> None:
    for number, channels in ((1, "2"), (2, "1")):
        sine = tone(3, -20, 500 * number)
        write_wav(tmp_path / "a.wav", sine)
        shift = ["-output_ts_offset", str(3 * number), "-muxdelay", "0"]
        encoded = ["-ac", channels, "-c:a", "aac", *shift, "-f", "mpegts", "-y", tmp_path / f"{number}.ts"]
        convert("-i", tmp_path / "a.wav", *encoded)
    joined = tmp_path / "joined.ts"
    joined.write_bytes((tmp_path / "1.ts").read_bytes() + (tmp_path / "2.ts").read_bytes())
    got = extract(joined, Fraction(1), 4 * RATE, tmp_path / "out.f32")
    assert got is not None
    sound = got.pcm.read(0, got.pcm.samples)[:, 0]
    # One second of silence to the change at 3 s of the file, which is sample 2 * RATE of the range.
    for begin, hertz in ((0, 500), (RATE, 500), (2 * RATE + 2400, 1000), (3 * RATE, 1000)):
        part = sound[begin : begin + RATE // 2]
        assert np.abs(np.fft.rfft(part)).argmax() * 2 == hertz
    assert got.loudness == pytest.approx(-20, abs=3.5)


def test_peaky_sound_is_not_clipped_on_its_way(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", speechlike(3, -20), speechlike(3, -20))
    got = extract(tmp_path / "a.wav", Fraction(0), 3 * RATE, tmp_path / "out.f32")
    assert got is not None
    assert np.abs(got.pcm.read(0, 3 * RATE)[:, 0] - speechlike(3, -20)).max() < 1e-4
