"""Lessons with a clip, for cases whose media are too large to keep: a test picture and a tone, made by ffmpeg."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

LESSON = """\
format: 1
language: ru
grade: 8
subject: Физика
topic: Плавление и кристаллизация
teacher:
  name: Ольга Викторовна Мельник
  post: учитель физики
description: Ученики узнают, почему при плавлении температура не меняется, и научатся читать график.
keywords: [плавление, кристаллизация, температура плавления]

explanation:
  - slide: Твёрдое и жидкое
    text: |
      Лёд тает, олово плавится.
      Переход из твёрдого состояния в жидкое — *плавление*.
    seconds: 120
  - slide: Теплота плавления
    text: Пока лёд тает, его температура не меняется.
    formula: Q = lambda m
    seconds: 120
  - slide: Запомните
    text: При кристаллизации тело отдаёт столько же тепла.
    seconds: 115

questions:
  - Что называют плавлением?
  - Почему при плавлении температура не растёт?

exercises:
  - Сколько тепла нужно, чтобы расплавить 2 кг льда?
  - Нарисуйте график плавления олова.

resources:
  - title: PhET — состояния вещества
    url: https://phet.colorado.edu/ru

links:
  - title: Электронные учебники
    url: https://okulyk.kz
"""
"""A sound lesson of slides alone."""

Spans = Sequence[tuple[int, int]]
"""Beginnings and ends of captions, in seconds."""


def lesson_with_clip(
    folder: Path,
    *,
    seconds: int,
    to: int,
    name_caption: bool = True,
    source: str = "own",
    captions: Mapping[str, Spans] | None = None,
    narrated_slide: int | None = None,
    sound_as_clip: bool = False,
) -> Path:
    """A lesson's folder whose explanation ends with `to` seconds of a clip of `seconds`, 355 s in all."""
    folder = folder / "lesson"
    folder.mkdir()
    clip = "speech.mp3" if sound_as_clip else "teacher.mp4"
    (tone if sound_as_clip else film)(folder / clip, seconds)
    rest = 115 - to - (narrated_slide or 0)
    items = [f"    seconds: {rest}"]
    if narrated_slide is not None:
        tone(folder / "voice.mp3", seconds)
        items += ["  - slide: Ещё раз", f"    seconds: {narrated_slide}", "    narration: voice.mp3"]
    items += [f"  - clip: {clip}", f"    to: {to}", f"    source: {source}"]
    if not name_caption:
        items.append("    name_caption: false")
    for name, spans in (captions or {}).items():
        (folder / name).write_text(webvtt(spans), encoding="utf-8")
        items.append(f"    captions: {name}")
    script = LESSON.replace("    seconds: 115", "\n".join(items))
    (folder / "lesson.yaml").write_text(script, encoding="utf-8")
    return folder


def webvtt(spans: Spans) -> str:
    """Captions of one short sentence each."""
    cues = (f"00:00:{start:02d}.000 --> 00:00:{end:02d}.000\nЛёд тает.\n" for start, end in spans)
    return "WEBVTT\n\n" + "\n".join(cues)


def film(path: Path, seconds: int) -> None:
    """An MP4 of a moving test picture with a tone."""
    picture = ["-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=25:duration={seconds}"]
    _ffmpeg([*picture, *_tone(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-movflags", "+faststart"], path)


def tone(path: Path, seconds: int) -> None:
    """An MP3 of a tone."""
    _ffmpeg([*_tone(seconds), "-b:a", "64k"], path)


def _tone(seconds: int) -> list[str]:
    return ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]


def _ffmpeg(arguments: list[str], path: Path) -> None:
    form = ["-pix_fmt", "yuv420p"] if path.suffix == ".mp4" else []
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, *form, "-bitexact", str(path)]
    subprocess.run(command, check=True)
