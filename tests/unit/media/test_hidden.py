"""What is looked for where players pass over, and what it costs when a stranger piles up beginnings."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from pipeline.media.hidden import active_text, harmful, hidden_within, stray
from pipeline.media.samples import Samples, gaps

NOISE = np.random.default_rng(1).bytes(3_000_000)
PROGRAM = (b"MZ" + bytes(58) + b"\x80\0\0\0").ljust(128, b"\0") + b"PE\0\0"


def written(folder: Path, data: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("texts", [True, False])
def test_noise_is_taken_for_nothing(tmp_path: Path, texts: bool) -> None:
    assert hidden_within(written(tmp_path, NOISE), [(0, len(NOISE))], texts=texts) == ""


@pytest.mark.parametrize(
    ("what", "name"),
    [
        (PROGRAM, "EXE"),
        (b"MZ" + PROGRAM, "EXE"),
        (b"Rar!\x1a\x07\x01\0", "RAR"),
        (b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(16) + b"\x05\0\0\0a.txt", "ZIP"),
        (b"<SCRIPT>alert(1)", "script"),
        (b'<img src="<" onerror=alert(1)>', "script"),
        (b"@Echo  OFF\r\n", "script"),
        (b"powershell -c x", "script"),
        (b"%PDF-1.7", "PDF"),
    ],
)
@pytest.mark.parametrize("at", [17, (1 << 20) - 3, 2_500_000])
def test_it_is_found_wherever_it_lies(tmp_path: Path, what: bytes, name: str, at: int) -> None:
    path = written(tmp_path, NOISE[:at] + what + NOISE[at:])
    assert hidden_within(path, [(0, path.stat().st_size)], texts=True) == name


def test_nothing_outside_the_pieces_is_looked_at(tmp_path: Path) -> None:
    path = written(tmp_path, bytes(100) + PROGRAM)
    assert hidden_within(path, [(0, 100 + 20)], texts=True) == ""


@pytest.mark.parametrize(
    "piece",
    [
        b"<svg ",
        b"<svg on ",
        b"<",
        b"< ",
        b"MZ",
        b"MZ" + bytes(62),
        b"PK\3\4",
        b"<%",
        b"@echo   ",
        b"cmd    ",
        b"CreateObject ",
    ],
)
def test_piled_up_beginnings_cost_little(piece: bytes) -> None:
    data = b"-" + piece * (1_000_000 // len(piece))
    began = time.process_time()
    assert harmful(data) == ""
    assert time.process_time() - began < 1


@pytest.mark.parametrize("text", [b"JavaScript: the first lesson", b"javascript:", b"Power shell - a pistol"])
def test_a_title_about_programs_runs_nothing(text: bytes) -> None:
    assert active_text(text) == ""
    assert harmful(text) == ""


def test_zeros_around_stray_bytes_are_fillers(tmp_path: Path) -> None:
    path = written(tmp_path, b"film" + bytes(2_000_000) + b"stray" + bytes(3_000_000))
    assert stray(path, 4, path.stat().st_size) == 5


def test_media_data_between_the_samples_of_all_tracks_is_unused() -> None:
    picture, sound = Samples(), Samples()
    picture.spans.append(np.array([[500, 900], [100, 200]]))
    sound.spans.append(np.array([[200, 300], [880, 910]]))
    assert gaps([picture, sound], 100, 1000) == [(300, 500), (910, 1000)]
    assert gaps([], 100, 1000) == [(100, 1000)]
