"""Footage as it comes from phones and archives, conformed to the house format.

A clip is cut into closed segments that are encoded apart: the frames under a name caption are
segments of their own, so a corrected name makes seconds of film again, not minutes.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from pipeline.errors import MediaError
from pipeline.media import ffmpeg
from pipeline.media.probe import MediaFacts, Picture
from pipeline.media.seek import entry_point
from pipeline.render import house as house_format
from pipeline.render.cache import key_of
from pipeline.render.segments import OnFrame, Segment, Use
from pipeline.specs import HouseFormat
from pipeline.timecode import decimal
from pipeline.timeline.model import ClipShot, NameCaption

VERSION = 1
"""Raise when this module would make other bytes from the same input."""

PREROLL = 12
"""Frames decoded before a segment: deinterlacing and open groups need what came before, a picture held at
the clip's end must be there to be held."""

SECONDS_A_FRAME = 4.0
"""Time limit for one frame of the hardest input (4K HDR on a slow machine)."""

FULL_FRAME = Fraction(1, 50)
"""A picture whose shape is this near to 16:9 fills the frame; any other stands on a blurred copy of itself."""

HD_LINES = 720
"""Untagged pictures from this height on are BT.709, smaller ones BT.601."""

HDR_WHITE, HDR_PEAK = 203, 1000
"""Nits of HDR: white of a page (ITU-R BT.2408), and the brightest light that SDR shows apart from others."""

HDR_KNEE = 0.5
"""Share of HDR white up to which light is left as it is: faces and boards, but not lamps and windows."""

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
            "source_start": shot.source_start,
            "first": first,
            "frames": count,
            "moving": shot.frames - shot.held,
            "graph": work.graph(),
            "overlays": [each.key for each in overlays],
            "encoder": house_format.encoder(house, house.crf, limit),
            "ffmpeg": ffmpeg.build_id(),
        }
        segments.append(
            Segment(
                key=key_of(parts),
                label=f"{shot.name} {decimal(Fraction(first) / fps, 1)} s",
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

    def graph(self) -> str:
        """The filter graph from [0:V] to [out]: `count` frames of house-format picture."""
        zero = self.picture.zero + round(self.shot.source_start * 1_000_000)
        lead, moving = self.first - self.enters, self.shot.frames - self.shot.held - self.enters
        chain = [
            *_deinterlace(self.picture),
            # Every segment counts on the file's own clock, in microseconds, so that all of them round times alike.
            f"settb=AVTB,setpts=PTS-({zero})",
            f"fps={self.fps}:start_time={decimal(self.enters / self.fps, 6)}:round=near",
            # The clip's own end is exact: what comes after `to:` is never seen, what is missing is held.
            f"trim=end_frame={moving}",
            f"tpad=stop={lead + self.count}:stop_mode=clone",
            f"trim=start_frame={lead}:end_frame={lead + self.count}",
            f"setpts=N/({self.fps}*TB)",
        ]
        graph = f"[0:V:0]{','.join(chain)},{_conform(self.picture, self.house)}[v0]"
        for number, overlay in enumerate(self.overlays, 1):
            graph += ";" + self._overlay(number, overlay)
        return f"{graph};[v{len(self.overlays)}]{house_format.TAGS},format=yuv420p[out]"

    def _overlay(self, number: int, overlay: Overlay) -> str:
        fade, x = "", str(overlay.x)
        if overlay.slide_frames:
            seconds = Fraction(overlay.slide_frames) / self.fps
            out = Fraction(self.count) / self.fps - seconds
            fade = (
                f",fade=t=in:st=0:d={decimal(seconds)}:alpha=1"
                f",fade=t=out:st={decimal(out)}:d={decimal(seconds)}:alpha=1"
            )
            # Eases to rest: the square of what is left of the slide, mirrored at the end.
            left = f"max(max(1-t/{decimal(seconds)},(t-{decimal(out)})/{decimal(seconds)}),0)"
            x = f"'{overlay.x}-{overlay.slide_pixels}*pow({left},2)'"
        still = f"loop=loop=-1:size=1,setpts=N/({self.fps}*TB),trim=end_frame={self.count}"
        return (
            f"[{number}:v:0]scale=out_color_matrix=bt709:out_range=tv,format=yuva420p,{still}{fade}[o{number}];"
            f"[v{number - 1}][o{number}]overlay=x={x}:y={overlay.y}:eof_action=pass:format=yuv420[v{number}]"
        )


def _deinterlace(picture: Picture) -> list[str]:
    return ["bwdif=mode=send_frame:parity=auto:deint=interlaced"] if picture.interlaced else []


def _conform(picture: Picture, house: HouseFormat) -> str:
    """Any picture -> the house raster: shape, colour matrix, levels, HDR to SDR."""
    width, height = _fit(picture, house)
    if picture.hdr:
        scale = _tone_map(picture, width, height)
    else:
        scale = f"{_opaque(picture)}scale={width}:{height}:flags=bicubic:{_levels(picture)}"
    foreground = f"{scale},setsar=1,format=yuv420p{_to_bt709(picture)}"
    if (width, height) == (house.width, house.height):
        return foreground
    # The ground is the picture itself, enlarged past recognition and darkened, so that nothing beside the
    # picture draws the eye; cheap, since it is made small first.
    small_width, small_height = house.width // 20, house.height // 20
    ground = (
        f"scale={small_width}:{small_height}:force_original_aspect_ratio=increase:flags=area,"
        # Ten bits until it is large again: soft gradients in eight would show as rings.
        f"crop={small_width}:{small_height},format=yuv420p10le,gblur=sigma=6,"
        "lutyuv=y=64+(val-64)*0.45:u=512+(val-512)*0.6:v=512+(val-512)*0.6,"
        f"scale={house.width}:{house.height}:flags=bicubic,setsar=1,format=yuv420p"
    )
    return (
        f"{foreground},split[fg][copy];[copy]{ground}[ground];"
        f"[ground][fg]overlay=x=(W-w)/2:y=(H-h)/2:format=yuv420:shortest=1"
    )


def _fit(picture: Picture, house: HouseFormat) -> tuple[int, int]:
    """Largest even size of the picture's shape inside the raster; nearly 16:9 counts as 16:9."""
    shape, frame = Fraction(picture.width, picture.height), Fraction(house.width, house.height)
    if abs(shape / frame - 1) <= FULL_FRAME:
        return house.width, house.height
    if shape > frame:
        return house.width, max(2, 2 * round(house.width / shape / 2))
    return max(2, 2 * round(house.height * shape / 2)), house.height


def _matrix(picture: Picture) -> str:
    """The colour matrix of a picture's samples; RGB gets that of the film at once."""
    # H.273 numbers: 0 is RGB, 1 BT.709, 5 and 6 BT.601, 9 and 10 BT.2020, 2 is unsaid.
    known = {0: "bt709", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc", 10: "bt2020nc"}
    lines = min(picture.coded_width, picture.coded_height)
    return known.get(picture.matrix, "bt709" if lines >= HD_LINES else "bt470bg")


def _levels(picture: Picture) -> str:
    """Options of the scaler: to limited range, still in the picture's own matrix."""
    matrix = _matrix(picture)
    return f"in_color_matrix={matrix}:out_color_matrix={matrix}:in_range={_span(picture)}:out_range=tv"


def _span(picture: Picture) -> str:
    return "pc" if picture.full_range else "tv"


def _to_bt709(picture: Picture) -> str:
    """Filter from the picture's own matrix to BT.709: the scaler does that too, but loses up to two levels."""
    matrix = _matrix(picture)
    if picture.hdr or matrix == "bt709":
        return ""
    return f",colorspace=ispace={matrix}:iprimaries=bt709:itrc=bt709:irange=tv:all=bt709:range=tv:fast=1"


def _opaque(picture: Picture) -> str:
    """Filters that make black of what is transparent, whatever colour is stored there."""
    if not picture.alpha:
        return ""
    return (
        f"scale=in_color_matrix={_matrix(picture)}:in_range={_span(picture)},format=gbrap,"
        "premultiply=inplace=1,format=gbrp,"
    )


def _tone_map(picture: Picture, width: int, height: int) -> str:
    """HDR (PQ or HLG, BT.2020) to BT.709: scaled first, so that 4K costs little more than HD."""
    transfer = {"pq": "smpte2084", "hlg": "arib-std-b67"}[picture.hdr or ""]
    return (
        f"zscale=w={width}:h={height}:f=bicubic:tin={transfer}:min=2020_ncl:pin=2020:rin=tv:t=linear:npl={HDR_WHITE},"
        f"format=gbrpf32le,zscale=p=709,tonemap=mobius:param={HDR_KNEE}:peak={HDR_PEAK / HDR_WHITE:.3f}:desat=0,"
        "zscale=t=709:m=709:r=tv"
    )


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
            *("-filter_complex", work.graph(), "-map", "[out]"),
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
    return _complaints(done.log) if seek else done.log


def _complaints(log: str) -> str:
    """What a decoder that was started midway said, without what it says of every file."""
    return "\n".join(line for line in log.splitlines() if line.strip() and not _ENTERED_MIDWAY.search(line))
