"""Files beside the film: captions, the cue sheet, the poster and the storyboard."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.media.container import open_own
from pipeline.render.stitch import Piece
from pipeline.timecode import decimal, smpte, to_seconds
from pipeline.timeline.content import spoken
from pipeline.timeline.model import CardShot, Shot, Timeline

THUMB = (480, 270)
"""Pixels of a storyboard picture."""

COLUMNS = 4
GAP = 12
LABEL = 40
GROUND = (18, 22, 30)
INK = (235, 238, 242)


def cue_sheet(timeline: Timeline) -> str:
    """CSV of everything on screen and every voice: track, start, end (HH:MM:SS:FF), frames, seconds, part, what."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["track", "start", "end", "start_frame", "frames", "seconds", "part", "kind", "content"])
    fps = timeline.structure.fps
    rows: list[tuple[str, int, int, str, str, str]] = []
    for shot in timeline.shots:
        rows.append(("picture", shot.start, shot.frames, shot.part, kind_of(shot), about(shot)))
        captions = () if isinstance(shot, CardShot) else shot.captions
        rows += [("caption", shot.start + each.start, each.frames, shot.part, "name", "") for each in captions]
    for sound in timeline.sounds:
        what = sound.file.name if sound.file else sound.text
        rows.append(("sound", sound.start, sound.frames, part_at(timeline, sound.start), sound.kind, what))
    for track, start, frames, part, kind, what in sorted(rows, key=lambda row: (row[1], row[0])):
        seconds = decimal(to_seconds(frames, fps))
        end = smpte(start + frames, fps)
        writer.writerow([track, smpte(start, fps), end, start, frames, seconds, part, kind, _safe(what)])
    return out.getvalue()


def _safe(cell: str) -> str:
    # A cell that begins so would be run as a formula by spreadsheet programs.
    return "'" + cell if cell[:1] in {"=", "+", "-", "@"} else cell


def kind_of(shot: Shot) -> str:
    return shot.card.kind if isinstance(shot, CardShot) else "clip"


def about(shot: Shot) -> str:
    """A shot in a few words: a card's text, a clip's file name."""
    if isinstance(shot, CardShot):
        return spoken(shot.card) or ", ".join(path.name for path in shot.card.pictures.values())
    return shot.name


def part_at(timeline: Timeline, frame: int) -> str:
    """The part to which a frame belongs."""
    for part in timeline.structure.parts:
        start = timeline.structure.start_of(part.id)
        if start <= frame < start + part.frames:
            return part.id
    return ""


def storyboard(pieces: Sequence[Piece], timeline: Timeline, font: Path, target: Path, title: Path) -> None:
    """A contact sheet of the film's own packets: one picture a shot, from its middle, with its time.

    A film that begins with a card has its first picture in full at `title` as well.
    """
    from PIL import Image, ImageDraw, ImageFont

    shots = timeline.shots
    rows = -(-len(shots) // COLUMNS)
    width = COLUMNS * (THUMB[0] + GAP) + GAP
    sheet = Image.new("RGB", (width, rows * (THUMB[1] + LABEL + GAP) + GAP), GROUND)
    draw, letters = ImageDraw.Draw(sheet), ImageFont.truetype(str(font), 22)
    fps = timeline.structure.fps
    for number, shot in enumerate(shots):
        x = GAP + number % COLUMNS * (THUMB[0] + GAP)
        y = GAP + number // COLUMNS * (THUMB[1] + LABEL + GAP)
        picture = _picture(pieces, _moment(shot), fps)
        if number == 0 and isinstance(shot, CardShot):
            picture.reformat(format="rgb24").to_image().save(title, "JPEG", quality=88)
        sheet.paste(picture.reformat(*THUMB, format="rgb24", interpolation="AREA").to_image(), (x, y))
        name = next(part.name for part in timeline.structure.parts if part.id == shot.part)[timeline.language]
        draw.text((x, y + THUMB[1] + 4), f"{smpte(shot.start, fps)}  {name}", INK, letters)
    sheet.save(target, "JPEG", quality=85)


def _moment(shot: Shot) -> int:
    """A frame that shows the shot at its best: a clip under its name caption, else its middle."""
    if not isinstance(shot, CardShot) and shot.captions:
        return shot.start + shot.captions[0].start + shot.captions[0].frames // 2
    return shot.start + shot.frames // 2


def _picture(pieces: Sequence[Piece], frame: int, fps: Fraction) -> Any:
    """The film's picture (av.VideoFrame) at this frame, or at the key frame before it."""
    import av

    piece, index = _packet_at(pieces, frame)
    with open_own(piece.path) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        container.seek(int(Fraction(index) / fps * av.time_base), backward=True)
        return next(container.decode(stream))


def _packet_at(pieces: Sequence[Piece], frame: int) -> tuple[Piece, int]:
    """The segment file that shows a frame of the film, and which of its own frames that is."""
    at = 0
    for piece in pieces:
        for use in piece.uses:
            if frame < at + use.count * use.repeat:
                return piece, use.first + (frame - at) % use.count
            at += use.count * use.repeat
    raise ValueError(frame)
