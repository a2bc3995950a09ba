from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic import RATE, speechlike, tone, write_pcm

from pipeline.audio.limiter import MARGIN, gain_curve
from pipeline.audio.mix import Mix, Reductions, Voice
from pipeline.media.measure import measure_blocks

CEILING = 10 ** (-1.5 / 20)


def stereo(sound: np.ndarray) -> np.ndarray:
    return np.repeat(sound[:, None], 2, axis=1).astype(np.float32)


def test_sound_under_the_ceiling_is_left_alone() -> None:
    assert gain_curve(stereo(tone(1, -1.6)), CEILING) is None


def test_crests_between_the_samples_are_limited() -> None:
    # Samples at 0.7 look harmless; the crest between them is 0.99.
    wave = stereo(0.7 * np.tile([1.0, 1.0, -1.0, -1.0], RATE // 4))
    curve = gain_curve(wave, CEILING)
    assert curve is not None
    assert curve[RATE // 2] == pytest.approx(CEILING / 0.99, abs=0.01)


def test_gain_dips_smoothly_around_one_click_and_comes_back() -> None:
    sound = stereo(tone(1, -20))
    sound[RATE // 2] = 1.5
    curve = gain_curve(sound, CEILING)
    assert curve is not None
    assert curve[RATE // 2] <= CEILING / 1.5 + 1e-6
    assert np.all(curve[: RATE // 2 - 1100] > 1 - 1e-9)
    assert np.all(curve[RATE // 2 + 1100 :] > 1 - 1e-9)
    assert np.abs(np.diff(curve)).max() < 0.002


def test_loud_mix_ends_under_the_ceiling(tmp_path: Path) -> None:
    voice = Voice(write_pcm(tmp_path / "v.f32", speechlike(7.3, -14)), 0, 6.0, 576)
    mix = Mix([voice], None, round(7.3 * RATE))
    reductions = Reductions([voice])
    found = measure_blocks(mix.blocks(0.0, -1.5, reductions), timeout=30, true_peak=True)
    assert found.true_peak is not None
    assert found.true_peak == pytest.approx(-1.5, abs=0.15)
    assert reductions.each[0] > 3


def test_limited_blocks_join_as_if_made_in_one_piece(tmp_path: Path) -> None:
    sound = speechlike(5, -10)
    mix = Mix([Voice(write_pcm(tmp_path / "v.f32", sound), 0, 0.0, 0)], None, len(sound))
    blocks = np.frombuffer(b"".join(mix.blocks(0.0, -1.5, Reductions(mix.voices))), "<f4").reshape(-1, 2)
    whole = np.pad(stereo(sound), ((MARGIN, MARGIN), (0, 0)))
    curve = gain_curve(whole, CEILING)
    assert curve is not None
    expected = (whole * curve[:, None])[MARGIN:-MARGIN]
    assert np.abs(blocks - expected).max() < 1e-5


def test_only_the_voice_that_was_limited_is_named(tmp_path: Path) -> None:
    quiet = Voice(write_pcm(tmp_path / "q.f32", tone(2, -20)), 0, 0.0, 576)
    loud = Voice(write_pcm(tmp_path / "l.f32", tone(2, 3)), 4 * RATE, 0.0, 576)
    mix = Mix([quiet, loud], None, 8 * RATE)
    reductions = Reductions(mix.voices)
    for _ in mix.blocks(0.0, -1.5, reductions):
        pass
    assert reductions.each[0] == pytest.approx(0, abs=1e-9)
    assert reductions.each[1] == pytest.approx(4.5, abs=0.1)
