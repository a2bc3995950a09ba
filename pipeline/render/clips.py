"""Footage as it comes from phones and archives, conformed to the house format.

A clip is cut into closed segments that are encoded apart: the frames under a name caption are
segments of their own, so a corrected name makes seconds of film again, not minutes.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from pipeline.errors import MediaError
from pipeline.media import ffmpeg
from pipeline.media.probe import MediaFacts, Picture
from pipeline.media.seek import entry_point
from pipeline.render import house as house_format
from pipeline.render.cache import key_of
from pipeline.render.footage import Plate, Window, footage_graph
from pipeline.render.segments import OnFrame, Segment, Use
from pipeline.specs import HouseFormat
from pipeline.timecode import clock, decimal
from pipeline.timeline.model import ClipShot, NameCaption

VERSION = 3
"""Raise when this module would make other bytes from the same input."""

PREROLL = 12
"""Frames decoded before a segment: deinterlacing and open groups need what came before, a picture held at
the clip's end must be there to be held."""

SECONDS_A_FRAME = 4.0
"""Time limit for one frame of the hardest input (4K HDR on a slow machine)."""

_ENTERED_MIDWAY = re.compile(
    r"mmco: unref short failure|co located POCs unavailable|[Rr]eference picture missing|Missing reference picture"
    r"|Could not find ref with POC|number of reference frames|non-existing [SP]PS|[SP]PS id out of range"
    r"|decode_slice_header error|no frame!|Last message repeated"
)
"""What decoders say when reading starts between keyframes; a file that is whole gives these too."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """A transparent PNG over a clip: its cache key, how to make it, its place in pixels."""

    key: str
    png: Callable[[], bytes]
    x: int
    y: int
    slide_frames: int = 0
    """Frames over which it slides and fades in, and out again; 0 stands still."""
    slide_pixels: int = 0
    """How far below its place it begins and ends; so a plate as wide as the safe area never leaves it."""


def clip_segments(
    shot: ClipShot,
    facts: MediaFacts,
    digest: str,
    house: HouseFormat,
    fps: Fraction,
    rate: int,
    caption: Overlay | None,
    credit: Overlay | None,
) -> list[Segment]:
    """The segments of a clip on screen. `rate` is the bit budget of its picture in bits a second."""
    assert facts.picture is not None
    segments = []
    for first, count, over in _cuts(shot, house.segment_frames, house.gop):
        overlays = [each for each in (credit, caption if over is not None else None) if each is not None]
        work = _Work(shot, facts.demuxer, facts.picture, house, fps, first, count, over, tuple(overlays))
        limit = house_format.segment_rate(rate, count, fps)
        parts: dict[str, object] = {
            "step": "clip",
            "version": VERSION,
            "file": digest,
            "footage": asdict(facts.picture),
            "window": asdict(work.window()),
            "overlays": [each.key for each in overlays],
            "plates": [asdict(each) for each in work.plates()],
            "raster": [house.width, house.height],
            "encoder": house_format.encoder(house, house.crf, limit),
            "ffmpeg": ffmpeg.build_id(),
        }
        segments.append(
            Segment(
                key=key_of(parts),
                label=f"{shot.name} {clock(Fraction(first) / fps)}",
                frames=count,
                start=shot.start + first,
                uses=(Use(0, count, 1),),
                parts=parts,
                encode=partial(_encode, work, limit),
                place=shot.place,
            )
        )
    return segments


def _cuts(shot: ClipShot, longest: int, gop: int) -> list[tuple[int, int, NameCaption | None]]:
    """(first frame, frames, the caption over them) of each segment, in order, without gaps."""
    cuts: list[tuple[int, int, NameCaption | None]] = []
    at = 0
    for caption in shot.captions:
        cuts += _even(at, caption.start - at, longest, gop)
        cuts.append((caption.start, caption.frames, caption))
        at = caption.start + caption.frames
    return cuts + _even(at, shot.frames - at, longest, gop)


def _even(at: int, frames: int, longest: int, gop: int) -> list[tuple[int, int, NameCaption | None]]:
    """Pieces of whole groups, nearly equal, so that several cores finish together."""
    if frames <= 0:
        return []
    count = -(-frames // longest)
    size = -(-frames // (count * gop)) * gop
    pieces = []
    while frames > size + 1:
        pieces.append((at, size, None))
        at, frames = at + size, frames - size
    return [*pieces, (at, frames, None)]


@dataclass(frozen=True, slots=True)
class _Work:
    """One segment's job: which frames of which clip, under which overlays."""

    shot: ClipShot
    demuxer: str
    picture: Picture
    house: HouseFormat
    fps: Fraction
    first: int
    count: int
    over: NameCaption | None
    overlays: tuple[Overlay, ...]

    @property
    def enters(self) -> int:
        """The first frame taken from the file, counted from the clip's start: some before the segment's first."""
        return min(self.first, self.shot.frames - self.shot.held - 1) - PREROLL

    @property
    def seek(self) -> Fraction:
        """The second of the file at which decoding must have begun."""
        return self.shot.source_start + Fraction(self.enters) / self.fps

    def window(self) -> Window:
        """The frames to make, on the file's own clock."""
        return Window(
            first=self.first,
            count=self.count,
            enters=self.enters,
            moving=self.shot.frames - self.shot.held,
            zero=self.picture.zero + round(self.shot.source_start * 1_000_000),
            fps=self.fps,
        )

    def plates(self) -> tuple[Plate, ...]:
        return tuple(Plate(each.x, each.y, each.slide_frames, each.slide_pixels) for each in self.overlays)


def _encode(work: _Work, rate: int, target: Path, on_frame: OnFrame, cancel: threading.Event) -> str:
    shot = work.shot
    seek = entry_point(shot.file, work.demuxer, work.seek, name=shot.name, place=shot.place)
    # Not "accurate": a picture that stands for long may have begun before this segment.
    jump = ("-noaccurate_seek", "-ss", decimal(seek, 6)) if seek else ()
    inputs = ["-copyts", *ffmpeg.source(shot.file, work.demuxer, *jump)]
    for number, overlay in enumerate(work.overlays):
        png = target.with_name(f"{target.name}.{number}.png")
        png.write_bytes(overlay.png())
        inputs += ffmpeg.source(png, "png_pipe", "-framerate", str(work.fps))
    tail = [work.count - work.house.gop // 2 - 1] if work.count > 1 and work.count % work.house.gop == 1 else []
    done = ffmpeg.run(
        [
            *inputs,
            *footage_graph(work.picture, work.window(), work.plates(), work.house).arguments(),
            *("-r", str(work.fps), "-frames:v", str(work.count), "-threads", "1"),
            *house_format.forced_keys(tail),
            *house_format.encoder(work.house, work.house.crf, rate),
            *("-y", str(target)),
        ],
        timeout=60 + SECONDS_A_FRAME * (work.count + PREROLL),
        name=shot.name,
        on_frame=on_frame,
        cancel=cancel,
        # Decoders report damage as errors; warnings are mostly about what we do not use.
        level="error",
    )
    if target.stat().st_size == 0:
        raise MediaError.of("media.nothing-decoded", shot.place, name=shot.name)
    # A recording from the air begins between keyframes already.
    return _complaints(done.log) if seek or work.demuxer in {"mpegts", "mpeg"} else done.log


def _complaints(log: str) -> str:
    """What a decoder that was started midway said, without what it says of every file."""
    return "\n".join(line for line in log.splitlines() if line.strip() and not _ENTERED_MIDWAY.search(line))
