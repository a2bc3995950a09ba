"""A lesson as one web page: every card, caption and cut with its time; nothing is encoded."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import Problem
from pipeline.media.still import frame_at
from pipeline.messages import remedy, say, what
from pipeline.render.prepare import Prepared, teacher_post
from pipeline.specs import specs_folder
from pipeline.timecode import clock, smpte, to_seconds
from pipeline.timeline.content import family
from pipeline.timeline.model import CardShot, ClipShot, Cue, Shot, Sound

if TYPE_CHECKING:
    from PIL.Image import Image as PILImage

SCALE = 0.5
"""Cards are set at half size: legible on a page, and quick."""

QUALITY = 82


def preview_page(prepared: Prepared, problems: Sequence[Problem], language: str) -> str:
    """The storyboard page as self-contained HTML; `language` is that of its own words."""
    lesson, timeline = prepared.lesson, prepared.timeline
    with ThreadPoolExecutor(2) as pool:
        pictures = list(pool.map(lambda shot: _picture(shot, prepared), timeline.shots))
    parts = []
    for part in timeline.structure.parts:
        start = timeline.structure.start_of(part.id)
        inside = [
            _figure(shot, picture, prepared, language)
            for shot, picture in zip(timeline.shots, pictures, strict=True)
            if shot.part == part.id
        ]
        seconds = to_seconds(part.frames, timeline.structure.fps)
        heading = f"<h2>{escape(part.name[lesson.language])} <small>{smpte(start, timeline.structure.fps)}"
        parts.append(f"{heading} · {clock(seconds)}</small></h2><div class='shots'>{''.join(inside)}</div>")
    template = (specs_folder() / "templates" / "preview.html").read_text(encoding="utf-8")
    facts = f"{_grade(prepared)} · {lesson.subject} · {lesson.teacher.name}"
    return (
        template.replace("{language}", language)
        .replace("{title}", escape(lesson.topic.plain))
        .replace("{facts}", escape(facts))
        .replace("{problems}", _problem_list(problems, language))
        .replace("{parts}", "".join(parts))
    )


def _grade(prepared: Prepared) -> str:
    first = prepared.timeline.shots[0]
    return str(first.card.data["grade_text"]) if isinstance(first, CardShot) else str(prepared.lesson.grade)


def _picture(shot: Shot, prepared: Prepared) -> str:
    """The shot as a data: URL."""
    from PIL import Image

    if isinstance(shot, CardShot):
        picture: PILImage = Image.open(io.BytesIO(prepared.typesetter.png(shot.card, *_middle(shot), scale=SCALE)))
    else:
        picture = _clip_picture(shot, prepared)
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def _middle(shot: CardShot) -> tuple[int, int]:
    """The state of the time bar when the card appears."""
    return shot.bar[0][1:] if shot.bar else (0, 0)


def _clip_picture(shot: ClipShot, prepared: Prepared) -> PILImage:
    """A clip as it looks under its name caption, near enough for a storyboard."""
    from PIL import Image

    lesson = prepared.lesson
    first = shot.captions[0].start if shot.captions else 0
    moment = shot.source_start + Fraction(first) / prepared.timeline.structure.fps
    frame = frame_at(shot.file, moment)
    size = (int(1920 * SCALE), int(1080 * SCALE))
    sheet = Image.new("RGB", size, (16, 18, 22))
    frame.thumbnail(size)
    sheet.paste(frame, ((size[0] - frame.width) // 2, (size[1] - frame.height) // 2))
    if shot.captions:
        name, post = lesson.teacher.name, teacher_post(lesson)
        caption = prepared.typesetter.caption(name, post, grade=lesson.grade, family=family(lesson))
        plate = Image.open(io.BytesIO(caption.png)).convert("RGBA")
        plate = plate.resize((int(plate.width * SCALE), int(plate.height * SCALE)))
        sheet.paste(plate, (int(caption.x * SCALE), int(caption.y * SCALE)), plate)
    return sheet


def _figure(shot: Shot, picture: str, prepared: Prepared, language: str) -> str:
    timeline = prepared.timeline
    fps = timeline.structure.fps
    end = shot.start + shot.frames
    lines = [f"<b>{smpte(shot.start, fps)}</b> {clock(to_seconds(shot.frames, fps))}"]
    if isinstance(shot, ClipShot):
        source = f"{escape(shot.name)} {clock(shot.source_start)}–"
        lines.append(source + clock(shot.source_start + to_seconds(shot.frames - shot.held, fps)))
        if shot.held:
            lines.append(escape(say("preview.held", language, seconds=clock(to_seconds(shot.held, fps)))))
        for caption in shot.captions:
            when = smpte(shot.start + caption.start, fps)
            lines.append(f"{when} {escape(say('preview.name', language))}: {escape(prepared.lesson.teacher.name)}")
    heard = [sound for sound in timeline.sounds if shot.start <= sound.start < end]
    lines += [_sound_line(sound, prepared, language) for sound in heard if sound.kind != "clip"]
    first, last = (round(to_seconds(frame, fps) * 1000) for frame in (shot.start, end))
    cues = [cue for cue in timeline.cues if first <= cue.start_ms < last]
    place = f"{Path(shot.card.place.file if isinstance(shot, CardShot) else shot.place.file).name}"
    line = shot.card.place.line if isinstance(shot, CardShot) else shot.place.line
    return (
        f"<figure><img src='{picture}' alt='' loading='lazy'><figcaption>{'<br>'.join(lines)}"
        f"<span class='place'>{escape(place)}:{line}</span>{_cue_list(cues, language)}</figcaption></figure>"
    )


def _sound_line(sound: Sound, prepared: Prepared, language: str) -> str:
    if sound.file is not None:
        return f"♪ {escape(sound.file.name)}"
    return f"♪ {escape(say('preview.draft', language))}"


def _cue_list(cues: Sequence[Cue], language: str) -> str:
    if not cues:
        return ""
    rows = "".join(f"<li><b>{clock(Fraction(cue.start_ms, 1000))}</b> {escape(cue.text)}</li>" for cue in cues)
    heading = escape(say("preview.captions", language, count=len(cues)))
    return f"<details><summary>{heading}</summary><ol>{rows}</ol></details>"


def _problem_list(problems: Sequence[Problem], language: str) -> str:
    if not problems:
        return f"<p class='fine'>{escape(say('preview.fine', language))}</p>"
    items = []
    for problem in problems:
        place = f"{Path(problem.place.file).name}:{problem.place.line}" if problem.place else ""
        advice = remedy(problem, language)
        text = f"<b>{escape(place)}</b> {escape(what(problem, language))}"
        items.append(f"<li class='{problem.severity}'>{text}{f'<br><i>{escape(advice)}</i>' if advice else ''}</li>")
    return f"<ul class='problems'>{''.join(items)}</ul>"
