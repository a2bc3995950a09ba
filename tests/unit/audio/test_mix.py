from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from synthetic import RATE, level, tone, write_pcm

from pipeline.audio.bed import LONG_GAP, Bed, speech_spans
from pipeline.audio.mix import Mix, Voice
from pipeline.audio.pcm import PcmFile

FADE = 576


def test_cuts_do_not_click(tmp_path: Path) -> None:
    # A 100 Hz tone of 0.5 moves at most 0.0065 a sample; cut at its crest it would jump by 0.5.
    sound = 0.5 * np.cos(2 * np.pi * 100 * np.arange(RATE) / RATE)
    pcm = write_pcm(tmp_path / "v.f32", sound)
    voices = [Voice(pcm, RATE // 2, 0.0, FADE), Voice(pcm, 3 * RATE // 2, 0.0, FADE), Voice(pcm, 4 * RATE, 0.0, FADE)]
    mixed = Mix(voices, None, 6 * RATE).samples(0, 6 * RATE)
    assert np.abs(np.diff(mixed[:, 0])).max() < 0.008


def test_faded_voice_is_whole_between_its_fades_and_sample_exact_in_place(tmp_path: Path) -> None:
    sound = tone(1, -6)
    voice = Voice(write_pcm(tmp_path / "v.f32", sound), 12_345, -6.0, FADE)
    mixed = Mix([voice], None, 2 * RATE).samples(0, 2 * RATE)[:, 0]
    inside = slice(12_345 + FADE, 12_345 + RATE - FADE)
    assert np.abs(mixed[inside] - sound[FADE:-FADE] * 10 ** (-6 / 20)).max() < 1e-6
    assert not mixed[:12_345].any()
    assert not mixed[12_345 + RATE :].any()


def test_mix_is_the_same_in_any_pieces(tmp_path: Path) -> None:
    voice = Voice(write_pcm(tmp_path / "v.f32", tone(2, -10)), 1000, -3.0, FADE)
    bed = Bed(write_pcm(tmp_path / "b.f32", tone(3, -20, 300)), 10 * RATE, [(1000, 2 * RATE)], -10, -3)
    mix = Mix([voice], bed, 10 * RATE)
    edges = [0, 7, 48_000, 100_001, 143_999, 300_000, 480_000]
    pieces = [mix.samples(start, stop) for start, stop in pairwise(edges)]
    assert np.abs(np.concatenate(pieces) - mix.samples(0, 10 * RATE)).max() < 1e-6


def test_voice_that_runs_past_the_film_is_cut_there(tmp_path: Path) -> None:
    voice = Voice(write_pcm(tmp_path / "v.f32", tone(2, -10)), RATE, 0.0, FADE)
    assert Mix([voice], None, 2 * RATE).samples(RATE, 3 * RATE)[RATE:].any() == np.False_


def test_pauses_between_sentences_do_not_split_speech() -> None:
    spans = [(10 * RATE, 12 * RATE), (0, RATE), (RATE + LONG_GAP - 1, 6 * RATE)]
    assert speech_spans(spans) == [(0, 6 * RATE), (10 * RATE, 12 * RATE)]


def test_speech_is_found_where_it_is(tmp_path: Path) -> None:
    sound = np.concatenate([np.zeros(RATE), tone(1, -40), np.zeros(RATE)])
    voice = Voice(write_pcm(tmp_path / "v.f32", sound), 5 * RATE, 17.0, FADE)
    assert speech_spans(voice.active(-43.0)) == [(6 * RATE, 7 * RATE)]


@pytest.fixture
def music(tmp_path: Path) -> PcmFile:
    return write_pcm(tmp_path / "music.f32", tone(60, -20, 440))


def test_bed_is_low_under_speech_and_higher_alone(music: PcmFile) -> None:
    bed = Bed(music, 40 * RATE, [(10 * RATE, 20 * RATE)], -20.0, -8.0)
    sound = bed.samples(0, 40 * RATE)
    assert level(sound[3 * RATE : 9 * RATE]) == pytest.approx(-28, abs=0.1)
    assert level(sound[10 * RATE : 20 * RATE]) == pytest.approx(-40, abs=0.1)
    assert level(sound[22 * RATE : 36 * RATE]) == pytest.approx(-28, abs=0.1)


def test_bed_goes_down_before_the_first_word_and_comes_up_slowly(music: PcmFile) -> None:
    bed = Bed(music, 40 * RATE, [(10 * RATE, 20 * RATE)], -20.0, -8.0)

    def around(second: float) -> float:
        middle = round(second * RATE)
        return level(bed.samples(middle - 240, middle + 240))

    assert around(9.58) == pytest.approx(-28, abs=0.2)
    assert around(9.8) == pytest.approx(-34, abs=0.5)
    assert around(20.6) == pytest.approx(-34, abs=0.5)
    assert around(21.25) == pytest.approx(-28, abs=0.2)


def test_bed_fades_in_and_out_with_the_film(music: PcmFile) -> None:
    sound = np.abs(Bed(music, 30 * RATE, [], -20.0, 0.0).samples(0, 30 * RATE)[:, 0])
    assert sound[:100].max() < 1e-3
    assert sound[-100:].max() < 1e-3
    assert sound[RATE // 2 - 200 : RATE // 2 + 200].max() == pytest.approx(0.05, abs=0.005)


def test_short_music_loops_without_a_gap_or_a_click(tmp_path: Path) -> None:
    # 7.001 s of 100 Hz do not end where they began: a hard loop would jump.
    music = write_pcm(tmp_path / "m.f32", 0.1 * np.cos(2 * np.pi * 100 * np.arange(336_048) / RATE))
    sound = Bed(music, 40 * RATE, [], -20.0, 0.0).samples(2 * RATE, 36 * RATE)[:, 0]
    assert np.abs(np.diff(sound)).max() < 0.0025
    windows = [level(sound[start : start + RATE // 4]) for start in range(0, len(sound) - RATE // 4, RATE // 4)]
    assert min(windows) > -24


def test_long_music_is_not_looped(tmp_path: Path) -> None:
    rising = np.linspace(0, 0.5, 12 * RATE)
    bed = Bed(write_pcm(tmp_path / "m.f32", rising), 10 * RATE, [], 0.0, 0.0)
    middle = bed.samples(5 * RATE, 6 * RATE)[:, 0]
    assert np.abs(middle - rising[5 * RATE : 6 * RATE]).max() < 1e-6
