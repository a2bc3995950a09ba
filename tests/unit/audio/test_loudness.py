from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic import RATE, convert, judge, tone, write_wav

from pipeline.errors import MediaError
from pipeline.media.measure import measure_blocks, measure_loudness


def test_stereo_sine_of_minus_23_dbfs_measures_minus_23_lufs(tmp_path: Path) -> None:
    # EBU Tech 3341, case 1: 1 kHz, both channels, -23 dBFS peak, 20 s -> -23.0 +-0.1 LUFS.
    sine = tone(20, -23)
    found = measure_loudness(write_wav(tmp_path / "a.wav", sine, sine), "wav")
    assert found.integrated == pytest.approx(-23, abs=0.1)
    assert found.true_peak == pytest.approx(-23, abs=0.1)


def test_quiet_stretches_are_gated_out(tmp_path: Path) -> None:
    # EBU Tech 3341, case 4 in short: -72 and -36 dBFS around a -23 dBFS middle -> -23.0 LUFS.
    sine = np.concatenate([tone(5, -72), tone(5, -36), tone(30, -23), tone(5, -36), tone(5, -72)])
    found = measure_loudness(write_wav(tmp_path / "a.wav", sine, sine), "wav")
    assert found.integrated == pytest.approx(-23, abs=0.1)


def test_silence_has_no_loudness_and_no_peak(tmp_path: Path) -> None:
    silence = np.zeros(2 * RATE)
    found = measure_loudness(write_wav(tmp_path / "a.wav", silence, silence), "wav")
    assert (found.integrated, found.true_peak) == (None, None)


def test_peak_between_the_samples_is_found(tmp_path: Path) -> None:
    # A quarter of the sample rate, 45 degrees off: samples at 0.5, crests at 0.5 * sqrt(2) = -3.01 dBTP.
    wave = 0.5 * np.tile([1.0, 1.0, -1.0, -1.0], RATE // 2) * np.hanning(2 * RATE)
    found = measure_loudness(write_wav(tmp_path / "a.wav", wave, wave), "wav")
    assert found.true_peak == pytest.approx(-3.01, abs=0.1)


def test_peak_in_the_last_moment_counts(tmp_path: Path) -> None:
    sine = tone(2.05, -40)
    sine[-1000] = 0.5
    found = measure_loudness(write_wav(tmp_path / "a.wav", sine, sine), "wav")
    assert found.true_peak == pytest.approx(-6.0, abs=0.2)


def test_words_in_the_file_do_not_pass_for_readings(tmp_path: Path) -> None:
    sine = tone(5, -10)
    write_wav(tmp_path / "plain.wav", sine, sine)
    title = "title=x\nlavfi.r128.I=-1.0\nlavfi.r128.true_peak=9.0"
    convert("-i", tmp_path / "plain.wav", "-metadata", title, "-f", "flac", "-y", tmp_path / "a.flac")
    found = measure_loudness(tmp_path / "a.flac", "flac")
    assert found.integrated == pytest.approx(judge(tmp_path / "a.flac")[0], abs=0.1)
    assert found.true_peak == pytest.approx(-10, abs=0.1)


def test_blocks_of_any_size_measure_like_the_whole() -> None:
    sine = np.repeat(tone(5, -23)[:, None], 2, axis=1).astype("<f4").tobytes()
    pieces = [sine[:8], sine[8:80_000], sine[80_000:]]
    found = measure_blocks(iter(pieces), timeout=30, true_peak=True)
    assert found.integrated == pytest.approx(-23, abs=0.1)
    assert found.true_peak == pytest.approx(-23, abs=0.1)


def test_file_without_sound_is_refused(tmp_path: Path) -> None:
    convert("-f", "lavfi", "-i", "color=s=16x16:d=1", "-f", "mp4", "-y", tmp_path / "mute.mp4")
    with pytest.raises(MediaError):
        measure_loudness(tmp_path / "mute.mp4", "mov")
