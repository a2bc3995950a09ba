"""Draws docs/images/cards.jpg, the picture in the README, from the sample lessons: `python docs/images/cards.py`."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

from PIL import Image

from pipeline.media.still import frame_at
from pipeline.render.cache import Cache
from pipeline.render.prepare import Prepared, prepare, teacher_post
from pipeline.specs import load_structure
from pipeline.timeline.content import family
from pipeline.timeline.model import CardShot, ClipShot, Shot

SAMPLES = Path(__file__).resolve().parents[2] / "sample_lessons"
TARGET = Path(__file__).with_name("cards.jpg")

ROWS = {
    "kk-8-algebra-quadratic": ("title", "clip", "slide", "question"),
    "ru-7-chemistry-phenomena": ("title", "picture", "exercise", "resource"),
    "kk-1-mathematics-seven": ("title", "clip", "question", "closing"),
}
"""Lesson -> what is shown of it: the first shot of each kind."""

FRAME = (1920, 1080)
THUMB = (480, 270)
GAP = 12
GROUND = (244, 245, 247)
QUALITY = 86


def main() -> None:
    columns = max(len(kinds) for kinds in ROWS.values())
    size = (columns * (THUMB[0] + GAP) + GAP, len(ROWS) * (THUMB[1] + GAP) + GAP)
    sheet = Image.new("RGB", size, GROUND)
    cache = Cache()
    for row, (lesson, kinds) in enumerate(ROWS.items()):
        with cache.work_folder() as work:
            prepared = prepare(SAMPLES / lesson, load_structure(), cache, work)
            for column, kind in enumerate(kinds):
                picture = _picture(_first(prepared, kind), prepared).resize(THUMB, Image.Resampling.LANCZOS)
                sheet.paste(picture, (GAP + column * (THUMB[0] + GAP), GAP + row * (THUMB[1] + GAP)))
    sheet.save(TARGET, "JPEG", quality=QUALITY, optimize=True)


def _first(prepared: Prepared, kind: str) -> Shot:
    return next(
        shot for shot in prepared.timeline.shots if (shot.card.kind if isinstance(shot, CardShot) else "clip") == kind
    )


def _picture(shot: Shot, prepared: Prepared) -> Image.Image:
    if isinstance(shot, CardShot):
        step = shot.bar[0][1:] if shot.bar else (0, 0)
        return Image.open(io.BytesIO(prepared.typesetter.png(shot.card, *step))).convert("RGB")
    return _under_caption(shot, prepared)


def _under_caption(shot: ClipShot, prepared: Prepared) -> Image.Image:
    """A clip with the teacher's name over it, as in the middle of the caption."""
    lesson, caption = prepared.lesson, shot.captions[0]
    moment = shot.source_start + Fraction(caption.start + caption.frames // 2) / prepared.timeline.structure.fps
    frame = frame_at(shot.file, moment).convert("RGB").resize(FRAME, Image.Resampling.LANCZOS)
    name, post = lesson.teacher.name, teacher_post(lesson)
    plate = prepared.typesetter.caption(name, post, grade=lesson.grade, family=family(lesson))
    picture = Image.open(io.BytesIO(plate.png)).convert("RGBA")
    frame.paste(picture, (plate.x, plate.y), picture)
    return frame


if __name__ == "__main__":
    main()
