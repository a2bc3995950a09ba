"""The installed product: a wheel in a virtual environment of its own, used from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import SHORT
from tests.e2e.conftest import ffprobe

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(folder), str(ROOT)], check=True, timeout=300)
    return next(folder.glob("telesabaq-*.whl"))


@pytest.mark.slow
def test_the_wheel_carries_specs_and_fonts_and_nothing_of_the_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for wanted in (
        "pipeline/_data/specs/structures/tv-lesson.yaml",
        "pipeline/_data/specs/schemas/lesson.schema.json",
        "pipeline/_data/specs/rules/video.yaml",
        "pipeline/_data/specs/check_profiles/strict.yaml",
        "pipeline/_data/specs/report.schema.json",
        "pipeline/_data/specs/templates/report.html",
        "pipeline/_data/specs/themes/telesabaq/theme.yaml",
        "pipeline/_data/specs/templates/new/kk/lesson.yaml",
        "pipeline/_data/assets/fonts/NotoSans-Regular.ttf",
        "pipeline/_data/assets/fonts/OFL-Andika.txt",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith(("tests/", "sample_lessons/", "studio/", "benchmarks/"))]


ANIMATION = """\
import numpy
from moviepy import VideoClip


def animation(seconds, width, height):
    print("what an author prints is not a frame")

    def frame(t):
        picture = numpy.zeros((height, width, 3), dtype="uint8")
        picture[:, : int(width * t / seconds)] = (0, 160, 0)
        return picture

    return VideoClip(frame, duration=seconds)
"""


def installed(wheel: Path, folder: Path, *options: str, extra: str = "") -> Path:
    """A virtual environment with nothing but the wheel and what it needs; its telesabaq."""
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, timeout=120)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
    subprocess.run([*pip, *options, f"{wheel}{extra}"], check=True, timeout=600)
    return venv / "bin" / "telesabaq"


@pytest.mark.slow
def test_an_authors_animation_is_drawn_by_moviepy_when_code_is_allowed(
    wheel: Path, tmp_path: Path, make_lesson: Callable[..., Path]
) -> None:
    command = installed(wheel, tmp_path, extra="[moviepy]")
    slide = "slide: Дискриминант\n    formula: $D = b^2 - 4ac$\n    seconds: 1"
    folder = make_lesson(**{slide: "animation: growth.py\n    seconds: 1\n    source: own"})
    (folder / "growth.py").write_text(ANIMATION, encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    words = [str(command), "build", str(folder), "-o", str(tmp_path / "out"), "--structure", str(SHORT)]
    refused = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert refused.returncode == 1
    assert "lesson.yaml:15:5" in refused.stderr
    assert "--allow-code" in refused.stderr
    subprocess.run([*words, "--allow-code"], env=environment, check=True, timeout=300)
    # Half-way through its second, the left half is green.
    film = tmp_path / "out" / "lesson" / "lesson.mp4"
    grab = ["ffmpeg", "-v", "error", "-ss", "6.5", "-i", str(film), "-frames:v", "1"]
    frame = subprocess.run(
        [*grab, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], check=True, capture_output=True, timeout=60
    ).stdout
    row = frame[540 * 1920 * 3 : 541 * 1920 * 3]
    assert [row[x * 3 + 1] > 80 for x in (100, 800, 1100, 1800)] == [True, True, False, False]


@pytest.mark.slow
def test_an_installed_telesabaq_makes_a_film_and_judges_it_from_another_folder(
    wheel: Path, tmp_path: Path, clip: Path
) -> None:
    program = installed(wheel, tmp_path, "-c", str(ROOT / "requirements.txt"))
    home = tmp_path / "home"
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}

    def telesabaq(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(program), *words]
        return subprocess.run(
            command, cwd=home, env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    assert telesabaq("doctor").returncode == 0
    assert telesabaq("new", "sabaq", "--language", "ru").returncode == 0
    assert telesabaq("preview", "sabaq").returncode == 0
    script = home / "sabaq" / "lesson.yaml"
    text = script.read_text("utf-8")
    start, end = text.index("\nexplanation:"), text.index("\nquestions:")
    item = "\nexplanation:\n  - clip: clip.mp4\n    to: 0:06\n    source: own\n"
    script.write_text(text[:start] + item + text[end:], encoding="utf-8")
    (home / "sabaq" / "clip.mp4").write_bytes(clip.read_bytes())
    done = telesabaq("build", "sabaq", "-o", "out", "--structure", str(SHORT))
    assert done.returncode == 0, done.stderr
    found = ffprobe(home / "out" / "sabaq" / "sabaq.mp4", "-show_entries", "format=duration")
    assert found["format"]["duration"] == "15.000000"
    judged = telesabaq("check", "out/sabaq", "--lang", "kk")
    assert judged.returncode == 0, judged.stdout
    assert "VID-004" in telesabaq("rules", "VID-004").stdout
