"""The filter graph that turns any footage into house-format pictures, built with typed-ffmpeg.

Shape, colour matrix, levels, HDR, frame rate, and the plates that lie over the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pipeline.media.graph import Graph, compile_graph, picture_input
from pipeline.media.probe import Picture
from pipeline.render.house import tagged
from pipeline.specs import HouseFormat
from pipeline.timecode import decimal

if TYPE_CHECKING:
    from ffmpeg import VideoStream

FULL_FRAME = Fraction(1, 50)
"""A picture whose shape is this near to 16:9 fills the frame; any other stands on a blurred copy of itself."""

HD_LINES = 720
"""Untagged pictures from this height on are BT.709, smaller ones BT.601."""

HDR_WHITE, HDR_PEAK = 203, 1000
"""Nits of HDR: white of a page (ITU-R BT.2408), and the brightest light that SDR shows apart from others."""

HDR_KNEE = 0.5
"""Share of HDR white up to which light is left as it is: faces and boards, but not lamps and windows."""


@dataclass(frozen=True, slots=True)
class Window:
    """Frames of the film that a graph makes of a file. All counted in frames from the clip's start.

    `enters` is the first frame taken from the file, before `first` so that deinterlacing and open groups
    see what came before; the clip moves until `moving` and holds its last picture from there on.
    `zero` is what the file's clock says at the clip's start, in microseconds.
    """

    first: int
    count: int
    enters: int
    moving: int
    zero: int
    fps: Fraction


@dataclass(frozen=True, slots=True)
class Plate:
    """A transparent picture that lies over the footage. Pixels and frames."""

    x: int
    y: int
    slide_frames: int
    slide_pixels: int


def footage_graph(picture: Picture, window: Window, plates: tuple[Plate, ...], house: HouseFormat) -> Graph:
    """From input 0, the footage, and inputs 1, 2 ... , its plates, to `window.count` house-format frames."""
    stream = _conform(_window(picture_input(0), picture, window), picture, house)
    for number, plate in enumerate(plates, 1):
        stream = _lay_over(stream, picture_input(number), plate, window)
    return compile_graph(tagged(stream).format(pix_fmts="yuv420p"))


def _window(stream: VideoStream, picture: Picture, window: Window) -> VideoStream:
    """Exactly the frames asked for, at the film's rate."""
    lead = window.first - window.enters
    if picture.interlaced:
        stream = stream.bwdif(mode="send_frame", parity="auto", deint="interlaced")
    # Every segment counts on the file's own clock, in microseconds, so that all of them round times alike.
    stream = stream.settb(expr="AVTB").setpts(expr=f"PTS-({window.zero})")
    start = decimal(window.enters / window.fps, 6)
    stream = stream.vfilter(name="fps", fps=str(window.fps), start_time=start, round="near")
    # The clip's own end is exact: what comes after `to:` is never seen, what is missing is held.
    return (
        stream.trim(end_frame=window.moving - window.enters)
        .tpad(stop=lead + window.count, stop_mode="clone")
        .trim(start_frame=lead, end_frame=lead + window.count)
        .setpts(expr=f"N/({window.fps}*TB)")
    )


def _lay_over(stream: VideoStream, plate: VideoStream, how: Plate, window: Window) -> VideoStream:
    """A plate over the footage; one that slides also fades in and out."""
    plate = (
        plate.scale(out_color_matrix="bt709", out_range="tv")
        .format(pix_fmts="yuva420p")
        .loop(loop=-1, size=1)
        .setpts(expr=f"N/({window.fps}*TB)")
        .trim(end_frame=window.count)
    )
    y = str(how.y)
    if how.slide_frames:
        seconds = Fraction(how.slide_frames) / window.fps
        out = Fraction(window.count) / window.fps - seconds
        length, late = float(seconds), float(out)
        plate = plate.fade(type="in", start_time=0, duration=length, alpha=True)
        plate = plate.fade(type="out", start_time=late, duration=length, alpha=True)
        # Eases to rest: the square of what is left of the slide, mirrored at the end.
        left = f"max(max(1-t/{decimal(seconds)},(t-{decimal(out)})/{decimal(seconds)}),0)"
        y = f"{how.y}+{how.slide_pixels}*pow({left},2)"
    return stream.overlay(plate, x=str(how.x), y=y, eof_action="pass", format="yuv420")


def _conform(stream: VideoStream, picture: Picture, house: HouseFormat) -> VideoStream:
    """Any picture -> the house raster: shape, colour matrix, levels, HDR to SDR."""
    width, height = _fit(picture, house)
    if picture.hdr:
        stream = _tone_map(stream, picture, width, height)
    else:
        stream = _to_size(_opaque(stream, picture), picture, width, height)
    stream = _to_bt709(stream.setsar(sar="1").format(pix_fmts="yuv420p"), picture)
    if (width, height) == (house.width, house.height):
        return stream
    copies = stream.split(outputs=2)
    ground = _ground(copies.video(1), house)
    return ground.overlay(copies.video(0), x="(W-w)/2", y="(H-h)/2", format="yuv420", shortest=True)


def _ground(stream: VideoStream, house: HouseFormat) -> VideoStream:
    """The picture itself, enlarged past recognition and darkened, so that nothing beside it draws the eye."""
    # Cheap, since it is made small first.
    width, height = house.width // 20, house.height // 20
    small = stream.scale(w=str(width), h=str(height), force_original_aspect_ratio="increase", flags="area")
    return (
        small.crop(out_w=str(width), out_h=str(height))
        # Ten bits until it is large again: soft gradients in eight would show as rings.
        .format(pix_fmts="yuv420p10le")
        .gblur(sigma=6)
        .lutyuv(y="64+(val-64)*0.45", u="512+(val-512)*0.6", v="512+(val-512)*0.6")
        .scale(w=str(house.width), h=str(house.height), flags="bicubic")
        .setsar(sar="1")
        .format(pix_fmts="yuv420p")
    )


def _fit(picture: Picture, house: HouseFormat) -> tuple[int, int]:
    """Largest even size of the picture's shape inside the raster; nearly 16:9 counts as 16:9."""
    shape, frame = Fraction(picture.width, picture.height), Fraction(house.width, house.height)
    if abs(shape / frame - 1) <= FULL_FRAME:
        return house.width, house.height
    if shape > frame:
        return house.width, max(2, 2 * round(house.width / shape / 2))
    return max(2, 2 * round(house.height * shape / 2)), house.height


def _matrix(picture: Picture) -> Any:
    """The colour matrix of a picture's samples; RGB gets that of the film at once."""
    # H.273 numbers: 0 is RGB, 1 BT.709, 5 and 6 are BT.601, 9 and 10 BT.2020, 2 is unsaid.
    known = {0: "bt709", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc", 10: "bt2020nc"}
    lines = min(picture.coded_width, picture.coded_height)
    return known.get(picture.matrix, "bt709" if lines >= HD_LINES else "bt470bg")


def _to_size(stream: VideoStream, picture: Picture, width: int, height: int) -> VideoStream:
    """Scale to limited range, still in the picture's own matrix."""
    return stream.scale(
        w=str(width),
        h=str(height),
        flags="bicubic",
        in_color_matrix=_matrix(picture),
        out_color_matrix=_matrix(picture),
        in_range="pc" if picture.full_range else "tv",
        out_range="tv",
    )


def _to_bt709(stream: VideoStream, picture: Picture) -> VideoStream:
    """From the picture's own matrix to BT.709: the scaler does that too, but loses up to two levels."""
    if picture.hdr or _matrix(picture) == "bt709":
        return stream
    return stream.colorspace(
        ispace=_matrix(picture), iprimaries="bt709", itrc="bt709", irange="tv", all="bt709", range="tv", fast=True
    )


def _opaque(stream: VideoStream, picture: Picture) -> VideoStream:
    """Black of what is transparent, whatever colour is stored there."""
    if not picture.alpha:
        return stream
    planes = stream.scale(in_color_matrix=_matrix(picture)).format(pix_fmts="gbrap")
    return planes.vfilter(name="premultiply", inplace=1).format(pix_fmts="gbrp")


def _tone_map(stream: VideoStream, picture: Picture, width: int, height: int) -> VideoStream:
    """HDR (PQ or HLG, BT.2020) to BT.709: scaled first, so that 4K costs little more than HD."""
    transfer: Any = {"pq": "smpte2084", "hlg": "arib-std-b67"}[picture.hdr or ""]
    linear = stream.zscale(
        w=str(width),
        h=str(height),
        filter="bicubic",
        transferin=transfer,
        matrixin="2020_ncl",
        primariesin="2020",
        in_range="tv",
        transfer="linear",
        npl=HDR_WHITE,
    )
    return (
        linear.format(pix_fmts="gbrpf32le")
        .zscale(primaries="709")
        .tonemap(tonemap="mobius", param=HDR_KNEE, peak=round(HDR_PEAK / HDR_WHITE, 3), desat=0)
        .zscale(transfer="709", matrix="709", out_range="tv")
    )
