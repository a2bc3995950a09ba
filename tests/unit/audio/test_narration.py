from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from synthetic import RATE, speechlike, tone, write_pcm

from pipeline.audio.narration import START_MS, fit


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE))


def test_long_silence_at_the_ends_is_cut_to_a_breath(tmp_path: Path) -> None:
    decoded = write_pcm(tmp_path / "n.f32", np.concatenate([silence(3), tone(2, -20), silence(15)]))
    fitted = fit(decoded, 60_000, tmp_path / "out.f32")
    assert fitted.pcm.samples / RATE == pytest.approx(2.6, abs=0.03)
    sound = np.abs(fitted.pcm.read(0, fitted.pcm.samples)[:, 0])
    assert np.flatnonzero(sound > 0.01)[0] / RATE == pytest.approx(0.3, abs=0.02)


def test_silence_before_the_first_word_stays_when_captions_are_timed_from_it(tmp_path: Path) -> None:
    decoded = write_pcm(tmp_path / "n.f32", np.concatenate([silence(3), tone(2, -20), silence(5)]))
    fitted = fit(decoded, 60_000, tmp_path / "out.f32", keep_start=True)
    assert fitted.pcm.samples / RATE == pytest.approx(5.3, abs=0.03)


def test_room_noise_counts_as_silence(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 10 ** (-60 / 20), 10 * RATE)
    noise[4 * RATE : 6 * RATE] += speechlike(2, -20)
    fitted = fit(write_pcm(tmp_path / "n.f32", noise), 60_000, tmp_path / "out.f32")
    assert fitted.pcm.samples / RATE == pytest.approx(2.6, abs=0.15)


def test_reader_starts_a_moment_after_the_card(tmp_path: Path) -> None:
    fitted = fit(write_pcm(tmp_path / "n.f32", tone(2, -20)), 10_000, tmp_path / "out.f32")
    assert (fitted.start_ms, fitted.cut_ms) == (START_MS, 0)


def test_narration_that_just_fits_starts_earlier_and_is_not_cut(tmp_path: Path) -> None:
    fitted = fit(write_pcm(tmp_path / "n.f32", tone(2, -20)), 2100, tmp_path / "out.f32")
    assert (fitted.start_ms, fitted.cut_ms) == (100, 0)


def test_narration_longer_than_its_card_fades_out_at_the_cards_end(tmp_path: Path) -> None:
    fitted = fit(write_pcm(tmp_path / "n.f32", tone(5, -20)), 3000, tmp_path / "out.f32")
    assert (fitted.start_ms, fitted.cut_ms) == (0, 2000)
    sound = np.abs(fitted.pcm.read(0, fitted.pcm.samples)[:, 0])
    assert len(sound) == 3 * RATE
    assert sound[-100:].max() < 0.002
    assert sound[-RATE : -RATE // 2].max() == pytest.approx(0.1, abs=0.005)


def test_silent_narration_stays_as_it_is(tmp_path: Path) -> None:
    fitted = fit(write_pcm(tmp_path / "n.f32", silence(2)), 10_000, tmp_path / "out.f32")
    assert fitted.pcm.samples == 2 * RATE


def test_pydub_runs_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a program was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    fit(write_pcm(tmp_path / "n.f32", tone(5, -20)), 3000, tmp_path / "out.f32")
