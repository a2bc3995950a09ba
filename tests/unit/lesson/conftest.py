from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import Problem
from pipeline.lesson.load import load_lesson
from pipeline.lesson.model import Lesson
from pipeline.specs import load_structure

SCRIPT = """\
# A sound script: 35 lines, no files.
format: 1
language: kk
grade: 8
subject: Алгебра
topic: Квадрат теңдеу
teacher:
  name: Айгүл Серікқызы
  post: мұғалім
description: Сипаттама.
keywords: [теңдеу, түбір]
explanation:
  - slide: Бірінші
    text: |
      *Дискриминант* түбірлердің санын көрсетеді.
      Егер $D > 0$ болса, екі түбір бар.
    formula: $D = b^2 - 4ac$
    seconds: 100
  - slide: Екінші
    text: Мәтін
    seconds: 255
questions:
  - Дискриминант неге тең?
  - Түбір нешеу?
exercises:
  - $x^2 = 4$
  - $x^2 = 9$
resources:
  - title: Ресурс
    url: https://bilimland.kz
links:
  - title: Оқулық
    url: https://okulyk.kz/8
"""

Loaded = tuple[Lesson | None, list[Problem]]


class LessonFolderMaker:
    """Writes a script and files into a folder and loads it."""

    text = SCRIPT

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, name: str, content: bytes = b"x") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def load_text(self, text: str | bytes, *, allow_code: bool = False) -> Loaded:
        self.file("lesson.yaml", text if isinstance(text, bytes) else text.encode())
        return load_lesson(self.folder, load_structure(), allow_code=allow_code)

    def load(self, old: str = "", new: str = "", *, allow_code: bool = False) -> Loaded:
        """The sound script with one piece replaced."""
        assert old in SCRIPT, f"{old!r} is not in the script"
        return self.load_text(SCRIPT.replace(old, new, 1) if old else SCRIPT, allow_code=allow_code)


@pytest.fixture
def lesson(tmp_path: Path) -> LessonFolderMaker:
    folder = tmp_path / "kk-8-algebra"
    folder.mkdir()
    return LessonFolderMaker(folder)


def _found(problems: list[Problem]) -> list[tuple[int, int, str]]:
    return [(each.place.line, each.place.column, each.code) for each in problems if each.place]


@pytest.fixture
def found() -> Callable[[list[Problem]], list[tuple[int, int, str]]]:
    """(line, column, code) of each problem."""
    return _found
