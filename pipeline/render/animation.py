"""Authors' animated inserts: a Python file that makes a moviepy clip becomes an ordinary clip.

This runs an author's code, so it happens only when the caller allows it, never on submissions.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import LessonError
from pipeline.lesson.model import Animation, Asset, Clip, ExplanationItem, Lesson
from pipeline.media import ffmpeg
from pipeline.render.cache import Cache, key_of
from pipeline.specs import Structure, load_house_format
from pipeline.timecode import decimal

VERSION = 1
"""Raise when this module would make other bytes from the same input."""

SECONDS_A_FRAME = 5.0
"""Time limit for drawing one frame."""

_CHILD = Path(__file__).with_name("animation_child.py")


def render_animations(lesson: Lesson, structure: Structure, cache: Cache, work: Path) -> Lesson:
    """The lesson with every `animation:` item drawn and turned into a silent clip. Raises LessonError."""
    items: list[ExplanationItem] = [
        _clip(item, structure, cache, work) if isinstance(item, Animation) else item for item in lesson.explanation
    ]
    return replace(lesson, explanation=tuple(items))


def _clip(item: Animation, structure: Structure, cache: Cache, work: Path) -> Clip:
    house = load_house_format()
    key = key_of(
        {
            "step": "animation",
            "version": VERSION,
            "file": cache.digest(item.file.path),
            "seconds": item.seconds,
            "size": [house.width, house.height, structure.fps],
            "ffmpeg": ffmpeg.build_id(),
        }
    )
    path = cache.find(key) or cache.add(key, _draw(item, structure.fps, work / f"{key}.mkv"))
    made = Asset(path, item.file.name, item.file.place)
    return Clip(made, Fraction(0), None, item.source, None, False, None, item.place)


def _draw(item: Animation, fps: Fraction, target: Path) -> Path:
    if find_spec("moviepy") is None:
        raise LessonError.of("animation.no-moviepy", item.place, name=item.file.name)
    house = load_house_format()
    size = (str(house.width), str(house.height))
    command = [sys.executable, str(_CHILD), str(item.file.path), decimal(item.seconds), *size, str(fps)]
    frames = int(item.seconds * fps)
    said = target.with_suffix(".log")
    with (
        said.open("wb") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, cwd=item.file.path.parent) as child,
    ):
        try:
            ffmpeg.run(
                [
                    *("-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", "x".join(size), "-framerate", str(fps)),
                    *("-protocol_whitelist", "file,pipe", "-i", "pipe:0", "-frames:v", str(frames)),
                    *("-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", "-colorspace", "bt709"),
                    *("-c:v", "libx264", "-preset", "superfast", "-crf", "8", "-bitexact", "-f", "matroska"),
                    *("-y", str(target)),
                ],
                timeout=60 + SECONDS_A_FRAME * frames,
                name=item.file.name,
                stdin=_blocks(child),
            )
        finally:
            child.kill()
    if child.returncode > 0:
        words = said.read_text(encoding="utf-8", errors="replace").strip()[-800:]
        raise LessonError.of("animation.failed", item.place, name=item.file.name, log=words)
    return target


def _blocks(child: subprocess.Popen[bytes]) -> Iterator[bytes]:
    assert child.stdout is not None
    while block := child.stdout.read(1 << 20):
        yield block
    child.wait()
