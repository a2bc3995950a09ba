"""Fixtures that every test may use: small lessons with real media, and a cache of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import pytest

SHORT = Path(__file__).parent / "data" / "short.yaml"
"""The lesson pattern in fifteen seconds, 375 frames."""

LESSON = """\
format: 1
language: kk
grade: 8
subject: Алгебра
topic: Квадрат теңдеудің түбірлері
teacher: {name: Айгүл Серікқызы Нұрланова, post: математика пәнінің мұғалімі}
description: Квадрат теңдеуді дискриминант арқылы шешу.
keywords: [теңдеу, түбір]
explanation:
  - clip: clip.mp4
    from: 0:01
    to: 0:06
    source: own
    captions: clip.vtt
  - slide: Дискриминант
    formula: $D = b^2 - 4ac$
    seconds: 1
questions:
  - Дискриминант неге тең?
  - $x^2 - 5x + 6 = 0$ теңдеуінің неше түбірі бар?
exercises:
  - $x^2 - 7x + 12 = 0$ теңдеуін шешіңіз.
  - $2x^2 + 3x - 5 = 0$ теңдеуін шешіңіз.
resources:
  - {title: Квадрат теңдеулер, url: "https://bilimland.kz/kk"}
links:
  - {title: Электрондық оқулық, url: "https://okulyk.kz"}
"""

CAPTIONS = """\
WEBVTT

00:00:00.000 --> 00:00:00.900
Бұл кескіннен бұрын.

00:00:01.500 --> 00:00:03.000
Сәлеметсіздер ме!

00:00:04.000 --> 00:00:09.000
Бүгін квадрат теңдеуді шешеміз.
"""


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven seconds of a 640x360 25 fps test picture with a 300 Hz voice-like tone."""
    path = tmp_path_factory.mktemp("media") / "clip.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=7"]
    command += ["-f", "lavfi", "-i", "sine=f=300:r=48000:d=7", "-c:v", "libx264", "-preset", "ultrafast"]
    command += ["-pix_fmt", "yuv420p", "-c:a", "aac", str(path)]
    subprocess.run(command, check=True, timeout=120)
    return path


@pytest.fixture
def make_lesson(tmp_path: Path, clip: Path) -> Callable[..., Path]:
    """Writes the short lesson into a folder, with replacements in its text; returns the folder."""

    def make(name: str = "lesson", **replaced: str) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        text = LESSON
        for old, new in replaced.items():
            assert old in text
            text = text.replace(old, new)
        (folder / "lesson.yaml").write_text(text, encoding="utf-8")
        (folder / "clip.vtt").write_text(CAPTIONS, encoding="utf-8")
        if not (folder / "clip.mp4").exists():
            (folder / "clip.mp4").hardlink_to(clip)
        return folder

    return make
