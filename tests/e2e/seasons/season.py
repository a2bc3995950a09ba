"""A season of tiny lessons that share a clip and cards, and nothing of them longer than nine seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

TINY = Path(__file__).parent / "tiny.yaml"

CLIPS = ("a-clip", "b-clip", "c-clip")
SLIDES = ("d-slides", "e-slides")
ALL = (*CLIPS, *SLIDES)

_HEAD = """\
format: 1
language: kk
grade: 8
subject: Алгебра
topic: {topic}
teacher: {{name: Айгүл Серікқызы Нұрланова, post: математика пәнінің мұғалімі}}
description: Квадрат теңдеуді дискриминант арқылы шешу.
keywords: [теңдеу, түбір]
explanation:
{explanation}
questions:
  - "{topic}: дискриминант неге тең?"
exercises:
  - $x^2 - 7x + 12 = 0$ теңдеуін шешіңіз.
resources:
  - {{title: Квадрат теңдеулер, url: "https://bilimland.kz/kk"}}
links:
  - {{title: Электрондық оқулық, url: "https://okulyk.kz"}}
"""

_CLIP = """\
  - clip: clip.mp4
    from: {start}
    to: {end}
    source: own
    captions: clip.vtt"""

_SLIDES = """\
  - slide: {topic}
    formula: $D = b^2 - 4ac$
    seconds: 1
  - slide: Мысал
    formula: $x^2 - 5x + 6 = 0$
    seconds: 1"""

_CAPTIONS = """\
WEBVTT

00:00:00.500 --> 00:00:06.500
Бүгін квадрат теңдеуді шешеміз.
"""


def make_season(folder: Path, clip: Path, names: tuple[str, ...] = ALL) -> Path:
    """A folder of lessons. The first two show the same part of the clip, so that its pieces are made once for both."""
    for number, name in enumerate(names):
        lesson = folder / name
        lesson.mkdir(parents=True)
        topic = f"{number + 1}-сабақ. Квадрат теңдеу"
        start = 1 if number < 2 else number
        explanation = _SLIDES.format(topic=topic)
        if name in CLIPS:
            explanation = _CLIP.format(start=f"0:{start:02}", end=f"0:{start + 2:02}")
            shutil.copyfile(clip, lesson / "clip.mp4")
            (lesson / "clip.vtt").write_text(_CAPTIONS, encoding="utf-8")
        (lesson / "lesson.yaml").write_text(_HEAD.format(topic=topic, explanation=explanation), encoding="utf-8")
    return folder


def copies(folder: Path, name: str, count: int) -> tuple[str, ...]:
    """The same lesson once more under other names, which are returned."""
    names = tuple(f"{name}-{number}" for number in range(count))
    for each in names:
        shutil.copytree(folder / name, folder / each)
    return names
