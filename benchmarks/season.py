"""Seasons to measure batches with: any number of small lessons, each with a script and a clip of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

from benchmarks.material import EASY, make_clip
from pipeline.media import ffmpeg

HERE = Path(__file__).parent
FOLDER = HERE / "work" / "batch"


@dataclass(frozen=True)
class Kind:
    """A shape of lessons. `clip` makes the footage that all its lessons have, `end` is how much of it they show.

    `lessons`: how many of them a batch is measured with.
    """

    name: str
    structure: Path
    script: str
    end: float
    clip: Callable[[Path], None]
    lessons: int


@dataclass(frozen=True)
class Season:
    """`lessons` lessons of a kind, one folder each, in `folder`."""

    kind: Kind
    folder: Path
    lessons: int


def season(kind: Kind, lessons: int) -> Season:
    """Make the season, or find it whole."""
    shape = sha256(f"{kind.script} {kind.end}".encode()).hexdigest()[:8]
    folder = FOLDER / "seasons" / f"{kind.name}-{lessons}-{shape}"
    if not folder.is_dir():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        base = _base_clip(kind)
        for number in range(lessons):
            _write_lesson(part / f"lesson-{number:04}", kind, number, base)
        part.rename(folder)
    return Season(kind, folder, lessons)


def _base_clip(kind: Kind) -> Path:
    clip = FOLDER / f"clip-{kind.name}.mp4"
    if not clip.is_file():
        part = clip.with_name(f"part-{clip.name}")
        kind.clip(part)
        part.rename(clip)
    return clip


def _write_lesson(folder: Path, kind: Kind, number: int, clip: Path) -> None:
    folder.mkdir()
    (folder / "lesson.yaml").write_text(kind.script.format(n=number, end=kind.end), encoding="utf-8")
    own = folder / "clip.mp4"
    shutil.copyfile(clip, own)
    # An empty box at the end: the same footage, but another file, so that no two lessons share its segments.
    said = f"{number:08}".encode()
    with own.open("ab") as file:
        file.write((8 + len(said)).to_bytes(4, "big") + b"free" + said)


def _teacher(target: Path) -> None:
    make_clip(target, Fraction(22), EASY)


def _thumb(target: Path) -> None:
    """Seven seconds of a small test picture, with sound."""
    ffmpeg.run(
        [
            *("-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=7", "-f", "lavfi", "-i", "sine=f=300:r=48000:d=7"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "35", "-g", "25", "-pix_fmt", "yuv420p"),
            *("-c:a", "aac", "-b:a", "64k", "-y", str(target)),
        ],
        timeout=60,
    )


_HEAD = """\
format: 1
language: kk
grade: 8
subject: Алгебра
topic: {n}-сабақ. Квадрат теңдеудің түбірлері
teacher: {{name: Айгүл Серікқызы Нұрланова, post: математика пәнінің мұғалімі}}
description: Квадрат теңдеуді дискриминант арқылы шешу.
keywords: [теңдеу, түбір]
explanation:
  - {{clip: clip.mp4, from: 0, to: {end}, source: own, fit: hold}}
"""
_ONE_TASK = """\
questions:
  - $x^2 - 5x + {n} = 0$ теңдеуінің неше түбірі бар?
exercises:
  - $2x^2 + 3x - {n} = 0$ теңдеуін шешіңіз.
"""
_TWO_TASKS = """\
questions:
  - {n}-сабақта дискриминант неге тең?
  - $x^2 - 5x + {n} = 0$ теңдеуінің неше түбірі бар?
exercises:
  - $x^2 - 7x + {n} = 0$ теңдеуін шешіңіз.
  - $2x^2 + 3x - {n} = 0$ теңдеуін шешіңіз.
"""
_FURTHER = """\
resources:
  - {{title: "{n}-сабақ: квадрат теңдеулер", url: "https://bilimland.kz/kk/{n}"}}
links:
  - {{title: "{n}-сабақ: электрондық оқулық", url: "https://okulyk.kz/{n}"}}
"""

HALF_MINUTE = Kind("half-minute", HERE / "half_minute.yaml", _HEAD + _ONE_TASK + _FURTHER, 21, _teacher, 8)
"""The shares of work of a real lesson, with a clip like a phone's (1080p30, 12 Mbit/s) that is easy to encode."""

SHORT = Kind("short", HERE.parent / "tests" / "data" / "short.yaml", _HEAD + _TWO_TASKS + _FURTHER, 6, _thumb, 40)
"""Fifteen seconds with a small clip: nearly all cards."""

KINDS = {kind.name: kind for kind in (HALF_MINUTE, SHORT)}
