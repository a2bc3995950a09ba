"""The installed product: a wheel in a virtual environment of its own, used from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
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
        "pipeline/_data/specs/themes/telesabaq/theme.yaml",
        "pipeline/_data/specs/templates/new/kk/lesson.yaml",
        "pipeline/_data/assets/fonts/NotoSans-Regular.ttf",
        "pipeline/_data/assets/fonts/OFL-Andika.txt",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith(("tests/", "sample_lessons/", "benchmarks/"))]


@pytest.mark.slow
def test_an_installed_telesabaq_makes_a_film_from_another_folder(wheel: Path, tmp_path: Path, clip: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, timeout=120)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
    subprocess.run([*pip, "-c", str(ROOT / "requirements.txt"), str(wheel)], check=True, timeout=600)
    home = tmp_path / "home"
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}

    def telesabaq(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(venv / "bin" / "telesabaq"), *words]
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
