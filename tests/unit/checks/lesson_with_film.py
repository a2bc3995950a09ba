"""A lesson with what the build writes for it: captions, a cue sheet, a poster, a manifest; a film if asked."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.unit.checks.lesson_with_clip import LESSON

NAME = "ru-8-physics-melting"
CAPTIONS = "1\n00:00:01,000 --> 00:00:04,000\nЗдравствуйте, ребята!\n"
CUES = "track,start,end,start_frame,frames,seconds,part,kind,content\n"


def poster() -> bytes:
    """A title card as JPEG, large enough for a screen."""
    from PIL import Image

    made = io.BytesIO()
    Image.linear_gradient("L").resize((1920, 1080)).convert("RGB").save(made, "JPEG", quality=60)
    return made.getvalue()


def lesson_with_film(folder: Path, *, film: bytes | None = None) -> Path:
    """A submission: lesson.yaml, and out/<id>/ as the build leaves it (without the film where `film` is None)."""
    lesson, out = folder / NAME, folder / NAME / "out" / NAME
    out.mkdir(parents=True)
    (lesson / "lesson.yaml").write_text(LESSON, encoding="utf-8")
    outputs = {f"{NAME}.srt": CAPTIONS.encode(), "cues.csv": CUES.encode(), "poster.jpg": poster()}
    if film is not None:
        outputs[f"{NAME}.mp4"] = film
    for name, data in outputs.items():
        (out / name).write_bytes(data)
    write_manifest(out, {"lesson.yaml": LESSON.encode()}, outputs)
    return lesson


def write_manifest(folder: Path, inputs: dict[str, bytes], outputs: dict[str, bytes], **lesson: Any) -> None:
    """A manifest.json by its schema; `lesson` replaces what it says of the lesson."""
    told = {
        "id": NAME,
        "language": "ru",
        "grade": 8,
        "subject": {"id": "physics", "name": "Физика"},
        "topic": "Плавление и кристаллизация",
        "teacher": "Ольга Викторовна Мельник",
        "description": ("Ученики узнают, почему при плавлении температура не меняется, и научатся читать график."),
        "keywords": ["плавление"],
        "textbook_pages": None,
    }
    film = {"profile": "platform", "structure": "tv-lesson", "frames": 15_000, "fps": "25", "samples": 28_800_000}
    picture = {
        "sample_rate": 48_000,
        "width": 1920,
        "height": 1080,
        "bytes": 1,
        "max_bytes": 200_000_000,
        "captions": 1,
    }
    manifest = {
        "format": 1,
        "build": "0" * 64,
        "lesson": told | lesson,
        "film": film | picture,
        "parts": [{"id": "explanation", "name": "Объяснение", "start": 0, "frames": 15_000}],
        "sound": {"loudness": -23.0, "true_peak": -3.0, "voices": [], "draft": False},
        "sources": [],
        "inputs": _digests(inputs),
        "outputs": _digests(outputs),
        "warnings": [],
        "versions": {"telesabaq": "0.1"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2), encoding="utf-8")


def _digests(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [{"path": name, "bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in files.items()]
