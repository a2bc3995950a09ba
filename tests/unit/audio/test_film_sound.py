"""The finished track, decoded and judged by the system's own ffmpeg."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from synthetic import (
    PLACE,
    RATE,
    clip,
    convert,
    decode,
    draft,
    ffprobe,
    film,
    judge,
    level,
    narration,
    speechlike,
    tone,
    write_wav,
)

from pipeline.audio import draft as draft_voice
from pipeline.audio.report import SoundReport
from pipeline.audio.sound import make_sound, sound_key
from pipeline.errors import Place
from pipeline.media.ffmpeg import Cancelled
from pipeline.messages import catalogue
from pipeline.specs import load_house_format
from pipeline.timeline.model import Cue, Timeline

HOUSE = load_house_format()


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    """Ten seconds of a quiet teacher."""
    return write_wav(tmp_path / "teacher.wav", speechlike(10, -40))


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "music.wav", tone(20, -12, 330), tone(20, -12, 440))


def made(timeline: Timeline, folder: Path, name: str = "sound.m4a") -> tuple[Path, SoundReport]:
    report = make_sound(timeline, HOUSE, folder / name, folder / "work")
    assert list((folder / "work").iterdir()) == []
    return folder / name, report


def codes(report: SoundReport) -> list[str]:
    return [problem.code for problem in report.problems]


def test_film_is_at_its_loudness_and_under_its_peak_after_aac(tmp_path: Path, voice: Path, music: Path) -> None:
    loud = write_wav(tmp_path / "loud.wav", speechlike(8, -16), speechlike(8, -16, seed=2))
    sounds = (clip(voice, 25, 200), narration(loud, 300, 225))
    track, report = made(film(750, *sounds, bed=music), tmp_path)
    loudness, peak = judge(track)
    assert loudness == pytest.approx(-23, abs=0.3)
    assert peak <= -1.0
    assert report.loudness == pytest.approx(loudness, abs=0.15)
    assert report.true_peak == pytest.approx(peak, abs=0.5)


def test_every_voice_comes_to_the_same_loudness_by_one_gain(tmp_path: Path, voice: Path) -> None:
    near = write_wav(tmp_path / "near.wav", speechlike(10, -25, seed=3))
    track, report = made(film(500, clip(voice, 0, 225), clip(near, 250, 225)), tmp_path)
    sound = decode(track)
    quiet, loud = sound[RATE : 8 * RATE], sound[11 * RATE : 18 * RATE]
    assert level(quiet) == pytest.approx(level(loud), abs=0.3)
    gains = [each.gain for each in report.voices]
    assert gains[0] - gains[1] == pytest.approx(15, abs=0.3)
    # Linear: the shape of the sound is that of the source.
    source = speechlike(10, -40)[RATE : 8 * RATE]
    assert np.corrcoef(quiet[:, 0], source)[0, 1] > 0.99


@pytest.mark.parametrize("frames", [250, 251, 333])
def test_track_is_aac_lc_and_exactly_as_long_as_the_film(tmp_path: Path, voice: Path, frames: int) -> None:
    track, _ = made(film(frames, clip(voice, 0, 200)), tmp_path)
    facts = ffprobe(track)["audio"]
    assert (facts["codec_name"], facts["profile"], facts["sample_rate"], facts["channels"]) == ("aac", "LC", "48000", 2)
    # What the edit list says; older decoders play the last packet of 1024 samples to its end.
    assert int(facts["duration_ts"]) == frames * 1920
    assert 0 <= len(decode(track)) - frames * 1920 < 1024


def test_sound_lands_on_its_frame_after_aac(tmp_path: Path) -> None:
    sound = np.concatenate([np.zeros(2 * RATE), tone(1, -20), np.zeros(RATE)])
    beep = write_wav(tmp_path / "beep.wav", sound)
    # From second 1.5 of the file on frame 50 (2 s): the beep at file second 2 is at film second 2.5.
    track, _ = made(film(250, clip(beep, 50, 50, Fraction(3, 2))), tmp_path)
    heard = np.flatnonzero(np.abs(decode(track)[:, 0]) > 0.03)
    assert heard[0] / RATE == pytest.approx(2.5, abs=0.005)


def test_tone_that_sets_in_loudly_after_quiet_keeps_its_level_through_aac(tmp_path: Path) -> None:
    # Most of the film's energy is in 0.24 s of 40 s: the tone ends between -3 and -1.5 dBFS.
    sound = speechlike(40, -36)
    sound[20 * RATE : 20 * RATE + 11_520] = tone(0.24, -12)
    source = write_wav(tmp_path / "a.wav", sound, sound)
    track, report = made(film(1000, clip(source, 0, 1000)), tmp_path)
    assert -3 < -12 + report.voices[0].gain < -1.5
    heard = decode(track)[20 * RATE + 4800 : 20 * RATE + 9600]
    assert level(heard) == pytest.approx(-12 + report.voices[0].gain, abs=0.1)


def test_captions_and_a_narration_they_are_timed_to_stay_together(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "n.wav", np.concatenate([np.zeros(2 * RATE), tone(2, -20)]))
    cue = Cue(3_400, 5_400, "Сәлем")
    timeline = replace(film(250, narration(source, 25, 200)), cues=(cue,))
    track, _ = made(timeline, tmp_path)
    heard = np.flatnonzero(np.abs(decode(track)[:, 0]) > 0.03)
    assert heard[0] / RATE == pytest.approx(3.4, abs=0.02)
    assert sound_key(timeline, str, HOUSE) != sound_key(replace(timeline, cues=()), str, HOUSE)


def test_same_input_gives_the_same_bytes(tmp_path: Path, voice: Path, music: Path) -> None:
    timeline = film(250, clip(voice, 12, 200), bed=music)
    first, _ = made(timeline, tmp_path, "a.m4a")
    second, _ = made(timeline, tmp_path, "b.m4a")
    assert first.read_bytes() == second.read_bytes()


def test_music_under_speech_is_as_low_as_the_house_says(tmp_path: Path, voice: Path, music: Path) -> None:
    track, report = made(film(750, clip(voice, 250, 250), bed=music), tmp_path)
    sound = decode(track)
    alone = level(sound[3 * RATE : 9 * RATE])
    spectrum = np.abs(np.fft.rfft(sound[11 * RATE : 19 * RATE, 0].astype(float))) * 2 / (8 * RATE)
    quiet = np.abs(np.fft.rfft(sound[2 * RATE : 8 * RATE, 0].astype(float))) * 2 / (6 * RATE)
    under = 20 * np.log10(spectrum[330 * 8] / quiet[330 * 6])
    assert under == pytest.approx(HOUSE.bed_alone - HOUSE.bed_below_voice, abs=1.0)
    assert report.bed_gain is not None
    assert alone == pytest.approx(-12 + report.bed_gain, abs=0.5)


def test_peaks_that_the_gain_would_break_are_limited_and_told(tmp_path: Path) -> None:
    sound = speechlike(10, -45)
    sound[4 * RATE : 4 * RATE + 20] = 0.9
    track, report = made(film(250, clip(write_wav(tmp_path / "knock.wav", sound), 0, 250)), tmp_path)
    assert report.voices[0].limited
    assert codes(report) == ["audio.limited"]
    assert report.problems[0].severity == "warning"
    assert report.problems[0].place == PLACE
    assert judge(track)[1] <= -1.0


def test_noise_is_not_raised_to_the_level_of_a_voice(tmp_path: Path) -> None:
    noise = write_wav(tmp_path / "noise.wav", np.random.default_rng(0).normal(0, 10 ** (-68 / 20), 10 * RATE))
    track, report = made(film(250, clip(noise, 0, 250)), tmp_path)
    assert "audio.near-silent" in codes(report)
    assert report.voices[0].gain == 0
    assert level(decode(track)) < -60


def test_missing_sound_is_silence_and_a_warning(tmp_path: Path, voice: Path) -> None:
    convert("-f", "lavfi", "-i", "color=s=16x16:d=2", "-f", "mp4", "-y", tmp_path / "mute.mp4")
    track, report = made(film(500, clip(tmp_path / "mute.mp4", 0, 50), clip(voice, 50, 400)), tmp_path)
    assert sorted(codes(report)) == ["audio.clip-without-sound", "audio.shorter-than-picture"]
    shorter = next(problem for problem in report.problems if problem.code == "audio.shorter-than-picture")
    assert shorter.fields["seconds"] == 6.0
    assert not decode(track)[: 2 * RATE - 2048].any()


def test_film_without_any_sound_is_silent_and_says_so(tmp_path: Path) -> None:
    track, report = made(film(100), tmp_path)
    assert (report.loudness, report.true_peak, codes(report)) == (None, None, ["audio.silent-film"])
    assert not decode(track).any()


def test_narration_longer_than_its_card_is_trimmed_with_a_warning(tmp_path: Path, voice: Path) -> None:
    track, report = made(film(250, narration(voice, 0, 125)), tmp_path)
    assert "audio.narration-trimmed" in codes(report)
    assert level(decode(track)[5 * RATE + 2048 :]) < -80


def test_silent_music_is_left_out(tmp_path: Path, voice: Path) -> None:
    silent = write_wav(tmp_path / "silent.wav", np.zeros(5 * RATE))
    _, report = made(film(250, clip(voice, 0, 250), bed=silent), tmp_path)
    assert codes(report) == ["audio.bed-silent"]
    assert report.bed_gain is None


def test_music_of_a_blink_is_left_out(tmp_path: Path, voice: Path) -> None:
    blink = write_wav(tmp_path / "blink.wav", tone(0.01, -6))
    _, report = made(film(250, clip(voice, 0, 250), bed=blink), tmp_path)
    assert codes(report) == ["audio.bed-silent"]


def test_missing_draft_voice_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, voice: Path) -> None:
    monkeypatch.setattr(draft_voice.shutil, "which", lambda _name: None)
    sounds = (clip(voice, 0, 250), draft("Бірінші сұрақ", 250, 100), draft("Екінші сұрақ", 350, 100))
    _, report = made(film(450, *sounds, language="kk"), tmp_path)
    assert codes(report) == ["audio.no-draft-voice"]
    assert report.draft


@pytest.mark.skipif(not draft_voice.draft_available(), reason="espeak-ng is not installed")
def test_draft_voice_reads_at_the_film_loudness(tmp_path: Path) -> None:
    text = "Квадратное уравнение. Дискриминант равен нулю. Корень один."
    track, report = made(film(200, draft(text, 25, 175)), tmp_path)
    assert report.draft
    assert judge(track)[0] == pytest.approx(-23, abs=0.3)
    assert level(decode(track)[: round(1.2 * RATE)]) < -70


def test_cancelled_work_stops_and_leaves_nothing(tmp_path: Path, voice: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        make_sound(film(250, clip(voice, 0, 250)), HOUSE, tmp_path / "x.m4a", tmp_path / "work", cancel=cancel)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["teacher.wav", "work"]
    assert not list((tmp_path / "work").iterdir())


def test_report_survives_json_and_finds_its_places_again(tmp_path: Path, voice: Path) -> None:
    timeline = film(500, clip(voice, 0, 500))
    _, report = made(timeline, tmp_path)
    assert report.problems
    stored = json.loads(json.dumps(report.to_json()))
    moved = replace(timeline, sounds=(replace(timeline.sounds[0], place=Place("lesson.yaml", 99, 1)),))
    assert SoundReport.from_json(stored, timeline) == report
    assert SoundReport.from_json(stored, moved).problems[0].place == Place("lesson.yaml", 99, 1)
    assert SoundReport.from_json(stored).problems[0].place is None


class TestKey:
    """The key changes with what shapes the bytes, and with nothing else."""

    def key(self, timeline: Timeline, content: str = "same") -> str:
        return sound_key(timeline, lambda path: f"{path.name} {content}", HOUSE)

    def test_places_do_not_matter(self) -> None:
        sound = clip(Path("a.mp4"), 0, 100)
        moved = replace(sound, place=Place("other.yaml", 1, 1))
        assert self.key(film(200, sound)) == self.key(film(200, moved))

    def test_folder_of_the_lesson_does_not_matter(self) -> None:
        here, there = clip(Path("/a/a.mp4"), 0, 100), clip(Path("/b/a.mp4"), 0, 100)
        assert self.key(film(200, here)) == self.key(film(200, there))

    def test_all_else_matters(self) -> None:
        sound = clip(Path("a.mp4"), 0, 100)
        base = film(200, sound, bed=Path("m.mp3"))
        others = [
            self.key(base),
            self.key(base, "other content"),
            self.key(replace(base, bed=None)),
            self.key(film(201, sound, bed=Path("m.mp3"))),
            sound_key(base, lambda path: f"{path.name} same", replace(HOUSE, bed_alone=9)),
            *(
                self.key(film(200, each, bed=Path("m.mp3")))
                for each in (
                    replace(sound, start=1),
                    replace(sound, frames=99),
                    replace(sound, source_start=Fraction(1, 25)),
                    replace(sound, kind="narration"),
                    draft("a", 0, 100),
                    draft("b", 0, 100),
                )
            ),
        ]
        assert len(set(others)) == len(others)

    def test_language_matters_to_a_draft_voice_only(self) -> None:
        spoken, recorded = draft("a", 0, 100), clip(Path("a.mp4"), 0, 100)
        assert self.key(film(200, spoken)) != self.key(film(200, spoken, language="kk"))
        assert self.key(film(200, recorded)) == self.key(film(200, recorded, language="kk"))


def test_every_code_of_this_package_has_its_sentences() -> None:
    package = Path(make_sound.__code__.co_filename).parent
    source = "".join(path.read_text(encoding="utf-8") for path in package.glob("*.py"))
    spoken = {code for code in catalogue() if code.startswith("audio.")}
    used = {part for part in source.split('"') if part.startswith("audio.") and " " not in part}
    assert used == spoken


@pytest.mark.slow
def test_ten_minutes_stay_in_sync_and_in_level(tmp_path: Path, music: Path) -> None:
    sound = speechlike(420, -35)
    for second in (1, 361):
        sound[second * RATE : second * RATE + RATE // 2] = tone(0.5, -14, 3000)
    write_wav(tmp_path / "a.wav", sound)
    picture = ["-f", "lavfi", "-i", "color=s=32x32:r=10:d=420"]
    convert(*picture, "-i", tmp_path / "a.wav", "-c:a", "aac", "-shortest", "-f", "mp4", "-y", tmp_path / "a.mp4")
    track, report = made(film(15_000, clip(tmp_path / "a.mp4", 125, 10_000), bed=music), tmp_path)
    heard = decode(track)[:, 0]
    assert len(heard) == 600 * RATE
    for second in (6, 366):
        around = heard[(second - 1) * RATE : (second + 1) * RATE].astype(float)
        mixed = around * np.exp(-2j * np.pi * 3000 * np.arange(len(around)) / RATE)
        envelope = np.abs(np.convolve(mixed, np.ones(240) / 240, "same"))
        start = np.flatnonzero(envelope > envelope.max() / 2)[0]
        assert start / RATE == pytest.approx(1, abs=0.02)
    loudness, peak = judge(track)
    assert loudness == pytest.approx(-23, abs=0.3)
    assert peak <= -1.0
    assert not report.problems or codes(report) == ["audio.limited"]
