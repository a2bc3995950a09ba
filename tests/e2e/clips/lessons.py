"""Lessons around clips: the smallest script that becomes a film."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.render.build import Built, Options, build
from pipeline.render.cache import Cache
from pipeline.specs import load_structure

SHORT = str(Path(__file__).resolve().parents[2] / "data" / "short.yaml")
"""The lesson pattern in fifteen seconds: a title of one second, six of clips."""

TEACHER = "Айгүл Серікқызы Нұрланова"
POST = "математика пәнінің мұғалімі"


def write_lesson(folder: Path, explanation: Sequence[dict[str, Any]], **more: Any) -> Path:
    """A Kazakh lesson whose explanation is these items; returns its folder."""
    script: dict[str, Any] = {
        "format": 1,
        "language": "kk",
        "grade": 8,
        "subject": "Алгебра",
        "topic": "Квадрат теңдеудің түбірлері",
        "teacher": {"name": TEACHER, "post": POST},
        "description": "Оқушылар квадрат теңдеуді формуламен шешуді үйренеді.",
        "keywords": ["квадрат теңдеу", "дискриминант", "түбір"],
        "explanation": [{"source": "own", **item} for item in explanation],
        "questions": ["Дискриминант деген не?", "Неше түбірі бар?"],
        "exercises": ["$x^2 - 7x + 12 = 0$", "$2x^2 + 3x - 5 = 0$"],
        "resources": [{"title": "BilimLand", "url": "https://bilimland.kz/kk"}],
        "links": [{"title": "Электрондық оқулықтар", "url": "https://okulyk.kz"}],
        **more,
    }
    folder.mkdir(parents=True, exist_ok=True)
    # JSON is YAML; one item a line, so that errors have lines to name.
    (folder / "lesson.yaml").write_text(json.dumps(script, ensure_ascii=False, indent=2), encoding="utf-8")
    return folder


def film_of(folder: Path, out: Path, structure: str, cache: Path) -> Built:
    """Build the lesson in `folder` as the command does."""
    return build(folder, out, Options(load_structure(structure)), Cache(cache))
