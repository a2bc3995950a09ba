"""A season made by hand: lessons of every kind and outcome, posters drawn for them, and a folder to lay them in."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from pipeline.batch.model import REFUSED, LessonResult, Outcome
from pipeline.lesson.subjects import load_subjects
from pipeline.specs import fonts_folder

RUN = {"run": 12, "outcome": "incomplete", "seconds": 4983.2, "workers": 8, "versions": {"telesabaq": "1.2.3"}}

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)> \u202egpj.exe\x1b[31m {{ 7*7 }} ${x} `x`"
ZALGO = "Т\u0336\u0340\u0341\u0342\u0343\u0344\u0345\u0346\u0347\u0348" * 20
LONG_WORD = "ұзын" * 80

TOPICS = {
    "kk": ["Квадрат теңдеудің түбірлері", "Су — тіршілік көзі", "7 санының құрамы", "Абай Құнанбайұлының өлеңдері",
           "Тригонометриялық функциялардың графиктері және олардың қасиеттері", "Жай бөлшектерді қосу"],
    "ru": ["Физические и химические явления", "Плавление и кристаллизация", "Правописание приставок",
           "Казахское ханство в XVI–XVII веках: внутреннее устройство и внешние связи", "Клетка", "Дроби"],
}  # fmt: skip
TEACHERS = {
    "kk": ["Айгүл Серікқызы Нұрланова", "Динара Болатқызы Ермекова", "Ержан Асқарұлы Төлегенов"],
    "ru": ["Ольга Викторовна Соколова", "Тимур Рашидович Ахметов", "Анна Сергеевна Ким"],
}


class Folder:
    """An output folder that is a dictionary; counts what is read."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = dict(files or {})
        self.reads: list[str] = []

    def read(self, name: str) -> bytes | None:
        self.reads.append(name)
        return self.files.get(name)

    def write(self, name: str, data: bytes) -> None:
        self.files[name] = data


class Disk:
    """An output folder on a disk, for pages that a browser opens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> bytes | None:
        path = self.folder / name
        return path.read_bytes() if path.is_file() else None

    def write(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def told(code: str, severity: str = "error", text: str = "", line: int = 4, remedy: str = "") -> dict[str, Any]:
    """A problem as `pipeline.batch.model.told` words it."""
    texts = {
        "kk": text or "Бейне 10 минуттан ұзақ: 612,4 с.",
        "ru": text or "Видео длиннее 10 минут: 612,4 с.",
        "en": text or "The video is longer than 10 minutes: 612.4 s.",
    }
    ways = {"kk": "Артығын қиыңыз.", "ru": "Уберите лишнее.", "en": "Cut off what is too much."}
    return {
        "code": code,
        "severity": severity,
        "where": {"path": "lesson.yaml", "line": line, "column": 8 if line else 0},
        "message": texts,
        "remedy": {language: remedy or way for language, way in ways.items()},
    }


def film(lesson: str, poster: bytes = b"", *, refused: bool = False, **more: Any) -> dict[str, Any]:
    return {
        "folder": f"{REFUSED}/{lesson}" if refused else lesson,
        "name": f"{lesson}.mp4",
        "bytes": 148_250_112,
        "frames": 15_000,
        "fps": "25",
        "loudness": -23.0,
        "peak": -1.4,
        "poster": sha256(poster).hexdigest() if poster else "",
        "outputs": [f"{lesson}.mp4", f"{lesson}.vtt", f"{lesson}.srt", "cues.csv", "storyboard.jpg", "poster.jpg"],
    } | more


def result(lesson: str = "kk-8-algebra", outcome: Outcome = "made", **more: Any) -> LessonResult:
    """A result; with a film where the outcome has one."""
    facts = {
        "language": "kk",
        "grade": 8,
        "subject": {"id": "algebra", "name": "Алгебра"},
        "topic": "Квадрат теңдеудің түбірлері",
        "teacher": "Айгүл Серікқызы Нұрланова",
    }
    given: dict[str, Any] = {
        "script": f"lessons/{lesson}/lesson.yaml",
        "facts": facts,
        "film": None if outcome in {"failed", "not-run"} else film(lesson, refused=outcome == "refused"),
        "errors": (told("CAP-001"),) if outcome in {"failed", "refused"} else (),
        "segments": 20,
        "encoded": 20 if outcome == "made" else 0,
        "seconds": 61.5,
        "worker": "tcp://host-17:40001",
    }
    return LessonResult(id=lesson, outcome=outcome, **(given | more))


def manifests(results: Iterable[LessonResult]) -> dict[str, bytes]:
    """The manifests that published films leave in the output folder."""
    return {f"{each.film['folder']}/manifest.json": b"{}" for each in results if each.film}


def season(count: int, seed: int = 1, *, drawn: bool = True) -> tuple[list[LessonResult], dict[str, bytes]]:
    """So many lessons of all grades and subjects, most of them fine, and the files of their output folder."""
    chance = random.Random(seed)  # noqa: S311  # the same season every time
    results, files = [], {}
    for number in range(count):
        made, poster = _lesson(number, count, chance, drawn=drawn)
        results.append(made)
        if made.film:
            folder = made.film["folder"]
            beside = dict.fromkeys(made.film["outputs"], b".") | {"manifest.json": b"{}", "poster.jpg": poster}
            files |= {f"{folder}/{name}": data for name, data in beside.items()}
    return results, files


def _lesson(number: int, count: int, chance: random.Random, *, drawn: bool) -> tuple[LessonResult, bytes]:
    taught, grade, subject = chance.choice(list(_broadcast()))
    topic = TOPICS[taught][number % 6]
    name = f"{taught}-{grade}-{subject.id}-{number:04d}"
    # What bytes follow a JPEG's end is no part of the picture, but makes another file of it.
    poster = (_poster(taught, grade, subject.id, topic) if drawn else b"") + str(number).encode()
    outcome = _outcome(number, count)
    facts = {
        "language": taught,
        "grade": grade,
        "subject": {"id": subject.id, "name": subject.name[taught]},
        "topic": topic,
        "teacher": chance.choice(TEACHERS[taught]),
    }
    warnings = (told("loud", "warning"), told("card", "warning", line=0)) if number % 7 == 3 else ()
    made = None
    if outcome not in {"failed", "not-run"}:
        size, loud = chance.randrange(60_000_000, 199_000_000), round(-23 + chance.uniform(-0.4, 0.4), 1)
        made = film(name, poster, refused=outcome == "refused", bytes=size, loudness=loud)
    return result(name, outcome, facts=facts, film=made, warnings=warnings), poster


def _broadcast() -> Iterator[tuple[str, int, Any]]:
    for subject in load_subjects():
        for taught, grades in subject.broadcast.items():
            yield from ((taught, grade, subject) for grade in grades)


def _outcome(number: int, count: int) -> Outcome:
    if number % max(count // 3, 6) == 4:
        return "failed"
    if number % max(count // 2, 6) == 5:
        return "refused"
    return "made" if number % 5 == 0 else "unchanged"


@cache
def _poster(language: str, grade: int, subject: str, topic: str) -> bytes:
    shade = sha256(subject.encode()).digest()
    picture = Image.new("RGB", (960, 540), (shade[0] // 3, shade[1] // 3, 40 + shade[2] // 3))
    draw, letters = ImageDraw.Draw(picture), fonts_folder() / "NotoSans-Regular.ttf"
    large, small = (ImageFont.truetype(str(letters), size) for size in (54, 30))
    draw.text((60, 60), f"{grade} · {subject} · {language}", "#ffce54", small)
    lines, line = [], ""
    for word in topic.split():
        line = f"{line} {word}".strip()
        if len(line) > 24:
            lines, line = [*lines, line], ""
    draw.multiline_text((60, 180), "\n".join([*lines, line]), "#f4f1e8", large)
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=88)
    return written.getvalue()
