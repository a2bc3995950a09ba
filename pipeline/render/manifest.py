"""manifest.json: what went in, what came out, and by which versions; the same input gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.errors import Problem
from pipeline.lesson.model import OWN, Clip, Lesson, Slide
from pipeline.media import ffmpeg
from pipeline.messages import what
from pipeline.render.cache import Cache
from pipeline.specs import LANGUAGES, HouseFormat, Profile, validator
from pipeline.timecode import SAMPLE_RATE, to_samples
from pipeline.timeline.model import CardShot, Timeline

FORMAT = 1
_LIBRARIES = ("av", "imageio-ffmpeg", "pillow", "pydub", "segno", "typst")


def input_files(lesson: Lesson, timeline: Timeline) -> dict[str, Path]:
    """Every file that the film was made from: name relative to the lesson's folder -> path."""
    paths = {lesson.script}
    for shot in timeline.shots:
        paths |= set(shot.card.pictures.values()) if isinstance(shot, CardShot) else {shot.file}
    paths |= {sound.file for sound in timeline.sounds if sound.file is not None}
    paths |= {item.captions.path for item in _captioned(lesson) if item.captions is not None}
    if timeline.bed is not None:
        paths.add(timeline.bed)
    folder = lesson.folder.resolve()
    named = {}
    for path in paths:
        real = path.resolve()
        named[real.relative_to(folder).as_posix() if real.is_relative_to(folder) else real.name] = path
    return dict(sorted(named.items()))


def _captioned(lesson: Lesson) -> list[Clip | Slide]:
    return [item for item in lesson.explanation if isinstance(item, Clip | Slide)]


def build_manifest(
    *,
    key: str,
    lesson: Lesson,
    timeline: Timeline,
    profile: Profile,
    house: HouseFormat,
    sound: Mapping[str, Any],
    outputs: Mapping[str, Path],
    problems: Sequence[Problem],
    store: Cache,
) -> dict[str, Any]:
    """The manifest as plain data, see specs/schemas/manifest.schema.json. Durations in frames, sizes in bytes."""
    structure = timeline.structure
    return {
        "format": FORMAT,
        "build": key,
        "lesson": {
            "id": lesson.id,
            "language": lesson.language,
            "grade": lesson.grade,
            "subject": {"id": lesson.subject_id, "name": lesson.subject},
            "topic": lesson.topic.plain,
            "teacher": lesson.teacher.name,
            "description": lesson.description,
            "keywords": list(lesson.keywords),
            "textbook_pages": lesson.textbook_pages,
        },
        "film": {
            "profile": profile.id,
            "structure": structure.id,
            "frames": timeline.frames,
            "fps": str(structure.fps),
            "samples": to_samples(timeline.frames, structure.fps),
            "sample_rate": SAMPLE_RATE,
            "width": house.width,
            "height": house.height,
            "bytes": next(iter(outputs.values())).stat().st_size,
            "max_bytes": profile.max_bytes,
            "captions": len(timeline.cues),
        },
        "parts": [
            {"id": part.id, "name": chapter.title, "start": chapter.start, "frames": chapter.frames}
            for part, chapter in zip(structure.parts, timeline.chapters, strict=True)
        ],
        "sound": {name: value for name, value in sound.items() if name != "problems"},
        "sources": _sources(lesson),
        "inputs": [
            {"path": name, "bytes": path.stat().st_size, "sha256": store.digest(path)}
            for name, path in input_files(lesson, timeline).items()
        ],
        "outputs": [
            {"path": name, "bytes": path.stat().st_size, "sha256": store.digest(path)} for name, path in outputs.items()
        ],
        "warnings": [_warning(problem) for problem in problems],
        "versions": versions(),
    }


def _sources(lesson: Lesson) -> list[dict[str, str]]:
    """Whose the borrowed clips, pictures and sounds are (C4)."""
    named = []
    for item in _captioned(lesson):
        file = item.file if isinstance(item, Clip) else item.picture
        if file is not None and item.source not in {None, OWN}:
            named.append({"path": file.name, "source": str(item.source)})
    if lesson.music is not None and lesson.music.source != OWN:
        named.append({"path": lesson.music.file.name, "source": lesson.music.source})
    return named


def _warning(problem: Problem) -> dict[str, Any]:
    place = problem.place
    return {
        "code": problem.code,
        "severity": problem.severity,
        "where": {"path": Path(place.file).name, "line": place.line, "column": place.column} if place else None,
        "message": {language: what(problem, language) for language in LANGUAGES},
    }


@cache
def versions() -> dict[str, str]:
    """The versions that shape the bytes."""
    found = {"telesabaq": __version__, "ffmpeg": ffmpeg.executable().name}
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "unknown"
    return found


def write_manifest(manifest: Mapping[str, Any], target: Path) -> None:
    """Write the manifest after checking it against its own schema."""
    validator("manifest.schema.json").validate(manifest)
    target.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of an output folder, or None when there is none that can be read."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and manifest.get("format") == FORMAT else None
