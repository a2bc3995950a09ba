from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from pipeline.audio import draft

TEXT = "-w /etc/passwd; сәлем [[h@'loU]]"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, Any]]]:
    """What espeak-ng would have been started with; it writes a file and says all is well."""
    seen: list[tuple[list[str], dict[str, Any]]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        seen.append((command, options))
        Path(command[command.index("-w") + 1]).write_bytes(b"RIFF")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(draft.shutil, "which", lambda _name: "/usr/bin/espeak-ng")
    monkeypatch.setattr(draft.subprocess, "run", run)
    return seen


def test_text_goes_in_by_standard_input_only(tmp_path: Path, calls: list[tuple[list[str], dict[str, Any]]]) -> None:
    assert draft.speak(TEXT, "kk", tmp_path / "out.wav")
    command, options = calls[0]
    assert command[1:3] == ["-v", "kk"]
    assert not any("passwd" in argument for argument in command)
    assert "сәлем" in options["input"].decode()
    assert options["timeout"] <= 60


def test_text_cannot_smuggle_in_phonemes(tmp_path: Path, calls: list[tuple[list[str], dict[str, Any]]]) -> None:
    draft.speak(TEXT + " [[[x]]]", "ru", tmp_path / "out.wav")
    assert "[[" not in calls[0][1]["input"].decode()


def test_without_espeak_there_is_no_draft_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft.shutil, "which", lambda _name: None)
    assert not draft.draft_available()
    assert not draft.speak("Сәлем", "kk", tmp_path / "out.wav")


def test_espeak_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_arguments: object, **_options: object) -> None:
        raise subprocess.TimeoutExpired("espeak-ng", 60)

    monkeypatch.setattr(draft.shutil, "which", lambda _name: "/usr/bin/espeak-ng")
    monkeypatch.setattr(draft.subprocess, "run", hang)
    assert not draft.speak("Сәлем", "kk", tmp_path / "out.wav")


@pytest.mark.skipif(not draft.draft_available(), reason="espeak-ng is not installed")
@pytest.mark.parametrize(("language", "text"), [("kk", "Квадрат теңдеудің анықтамасы"), ("ru", "Квадратное уравнение")])
def test_espeak_reads_both_languages_the_same_way_twice(tmp_path: Path, language: Any, text: str) -> None:
    for name in ("a.wav", "b.wav"):
        assert draft.speak(text, language, tmp_path / name)
    first = (tmp_path / "a.wav").read_bytes()
    assert len(first) > 20_000
    assert first == (tmp_path / "b.wav").read_bytes()
