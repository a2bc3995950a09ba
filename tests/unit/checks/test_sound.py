from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.checks.judge import judge
from pipeline.checks.sound import SoundSubject
from pipeline.checks.subject import Kind, Submitted, Task
from pipeline.reports.model import SubjectReport
from pipeline.rulebook import load_check_profile

CORPUS = Path(__file__).parents[2] / "corpus"
PROFILE = load_check_profile(select=["SND-*"])


def task(path: Path, **options: Any) -> Task:
    return Task(Submitted(path, path.name, path.name, Kind.SOUND), path.parent, **options)


def judged(path: Path, **options: Any) -> SubjectReport:
    return judge(task(path, **options), PROFILE).report


def rules(report: SubjectReport) -> set[str]:
    return {each.rule for each in report.findings if each.outcome != "pass"}


def written(folder: Path, samples: np.ndarray[Any, Any], rate: int = 8000) -> Path:
    """A WAV of 16-bit samples of shape (n, channels)."""
    path = folder / "sound.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(samples.shape[1])
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.astype("<i2").tobytes())
    return path


def test_everything_that_is_in_the_file_is_decoded(tmp_path: Path) -> None:
    decoded = SoundSubject(task(written(tmp_path, np.full((12_345, 2), 8192)))).decoded
    assert (decoded.samples, decoded.rate, decoded.peak) == (12_345, 8000, 0.25)


def test_runs_at_full_scale_are_counted_across_decoded_blocks_and_by_channel(tmp_path: Path) -> None:
    samples = np.zeros((20_000, 2))
    samples[1000:11_000, 0] = 32767  # many blocks long
    samples[500:507, 1] = -32768
    samples[900:902, 1] = 32767  # two samples are a peak
    samples[19_996:, 1] = 32767  # up to the very end
    decoded = SoundSubject(task(written(tmp_path, samples))).decoded
    assert decoded.runs == {10_000: 1, 7: 1, 4: 1}
    assert decoded.first_run == 500 / 8000


@pytest.mark.parametrize(("level", "silent"), [(20, True), (200, False)])
def test_silence_ends_at_sixty_decibels_under_full_scale(tmp_path: Path, level: int, silent: bool) -> None:
    samples = np.sin(np.arange(8000) / 5)[:, None] * level
    assert ("SND-007" in rules(judged(written(tmp_path, samples)))) == silent


def test_a_quick_check_decodes_nothing_but_sees_a_cut_off_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("pipeline.media.container.open_media", opened)
    report = judged(CORPUS / "SND-004/fail-mp3-cut-off.mp3", quick=True)
    assert rules(report) == {"SND-004"}
    assert set(report.left_out) == {"SND-005", "SND-007", "SND-008"}


def test_facts_tell_format_length_rate_and_channels() -> None:
    assert judged(CORPUS / "SND-001/pass-wav.wav").facts == {
        "format": "WAV (PCM)",
        "seconds": 0.5,
        "rate": 8000,
        "channels": 1,
    }


@pytest.mark.parametrize("name", ["fail-web-page.mp3", "fail-playlist.mp3", "fail-flac.wav", "fail-unknown-bytes.mp3"])
def test_what_is_no_sound_has_no_facts_and_one_finding(name: str) -> None:
    report = judged(CORPUS / "SND-001" / name)
    assert rules(report) == {"SND-001"}
    assert report.facts == {}
    assert report.passed == ("SND-003",)


@pytest.mark.parametrize("cut", [0.1, 0.3, 0.6, 0.95])
def test_an_mp3_cut_off_anywhere_is_one_finding(tmp_path: Path, cut: float) -> None:
    data = (CORPUS / "SND-001/pass-mp3.mp3").read_bytes()
    path = tmp_path / "sound.mp3"
    path.write_bytes(data[: int(len(data) * cut)])
    assert rules(judged(path)) == {"SND-004"}
