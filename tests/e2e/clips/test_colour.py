"""Colours and levels of the footage arrive as a viewer would have seen them, in BT.709 limited range."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from . import eye
from .conforming import HOUSE, Bench
from .footage import UNTAGGED, ffmpeg, raw_clip, times

BARS = (
    *((235, 235, 235), (180, 180, 16), (16, 180, 180), (16, 180, 16), (180, 16, 180), (180, 16, 16), (16, 16, 180)),
    *((128, 128, 128), (255, 255, 255), (0, 0, 0)),
)
"""Colour bars at 75 %, then grey, white and black, as sRGB codes from left to right."""

SD, HD = (720, 400), (1280, 720)
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "4")
MJPEG = ("-c:v", "mjpeg", "-q:v", "1")


def _matrix(name: str, span: str = "tv", pixels: str = "yuv420p") -> str:
    return f"scale=out_color_matrix={name}:out_range={span}:flags=accurate_rnd+full_chroma_int,format={pixels}"


def _tagged(name: str) -> str:
    return f"setparams=colorspace={name}"


FOOTAGE = {
    "SD, tagged BT.601": ("mp4", SD, f"{_matrix('bt601')},{_tagged('smpte170m')}", H264),
    "SD, tagged PAL BT.601": ("mp4", SD, f"{_matrix('bt601')},{_tagged('bt470bg')}", H264),
    "SD, tagged BT.709": ("mp4", SD, f"{_matrix('bt709')},{_tagged('bt709')}", H264),
    "SD, untagged": ("mp4", SD, f"{_matrix('bt601')},{UNTAGGED}", H264),
    "SD MPEG-2, untagged": ("mpg", SD, f"{_matrix('bt601')},{UNTAGGED}", ("-c:v", "mpeg2video", "-q:v", "1")),
    "HD, untagged": ("mp4", HD, f"{_matrix('bt709')},{UNTAGGED}", H264),
    "HD, tagged BT.601": ("mp4", HD, f"{_matrix('bt601')},{_tagged('smpte170m')}", H264),
    "HD, wide gamut matrix": ("mp4", HD, f"{_matrix('bt2020')},{_tagged('bt2020nc')}", H264),
    "HD ProRes": ("mov", HD, _matrix("bt709", pixels="yuv422p10"), ("-c:v", "prores_ks")),
    "HD VP9": ("webm", HD, _matrix("bt709"), ("-c:v", "libvpx-vp9", "-crf", "4", "-b:v", "0", "-deadline", "realtime")),
    "full range, tagged": ("mp4", SD, _matrix("bt601", "pc"), (*H264, "-color_range", "pc")),
    "full range by its pixel format": ("avi", SD, _matrix("bt601", "pc", "yuvj420p"), MJPEG),
    "RGB, screen recording": ("mkv", SD, "format=bgr0", ("-c:v", "ffv1")),
    "RGB, H.264": ("mp4", SD, "format=rgb24", ("-c:v", "libx264rgb", "-crf", "4")),
}


@pytest.mark.parametrize(("container", "size", "graph", "codec"), FOOTAGE.values(), ids=FOOTAGE)
def test_colours_and_levels_stay(
    container: str, size: tuple[int, int], graph: str, codec: tuple[str, ...], bench: Bench, tmp_path: Path
) -> None:
    bars = np.repeat(np.array(BARS, np.uint8), size[0] // len(BARS), axis=0)[None].repeat(size[1], 0)
    clip = tmp_path / f"clip.{container}"
    raw_clip(clip, [bars.tobytes()] * 4, times(4, 25), *codec, size=size, pixels="rgb24", graph=graph)
    if "unknown" in graph:
        assert eye.picture_track(clip).get("color_space", "unknown") in {"unknown", "gbr"}
    film = bench.film(clip, 3)
    frame, levels = eye.rgb(film, 1), eye.luma(film, 1)
    for number, colour in enumerate(BARS):
        patch = np.s_[100:170, _columns(number, len(BARS), frame.shape[1])]
        found = frame[patch].reshape(-1, 3).mean(axis=0)
        assert np.abs(found - colour).max() <= 5, f"{found.round()} instead of {colour}"
    assert abs(levels[135, _columns(9, 10, frame.shape[1])].mean() - 16) <= 1
    assert abs(levels[135, _columns(8, 10, frame.shape[1])].mean() - 235) <= 1


def _columns(number: int, count: int, width: int) -> slice:
    """The middle third of a bar."""
    return slice(round((number + 1 / 3) * width / count), round((number + 2 / 3) * width / count))


def assert_tagged_as_sdr(film: Path) -> None:
    facts = eye.picture_track(film)
    assert facts["pix_fmt"] == "yuv420p"
    assert facts["color_range"] == "tv"
    assert {facts[key] for key in ("color_space", "color_transfer", "color_primaries")} == {"bt709"}
    first = eye.probe(film, "-show_frames", "-select_streams", "v", "-read_intervals", "%+#1")["frames"][0]
    told = {each["side_data_type"] for each in first.get("side_data_list", ())}
    assert not any("light" in each.lower() or "mastering" in each.lower() for each in told), told


def test_full_range_film_is_tagged_limited(bench: Bench, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    graph = f"{_matrix('bt601', 'pc')},setparams=colorspace=bt470bg:color_primaries=bt470bg"
    codec, size = (*H264, "-color_range", "pc"), (320, 180)
    raw_clip(clip, [bytes(320 * 180 * 3)] * 3, times(3, 25), *codec, size=size, pixels="rgb24", graph=graph)
    assert eye.picture_track(clip)["color_range"] == "pc"
    assert_tagged_as_sdr(bench.film(clip, 3))


# HDR ---------------------------------------------------------------------------------------------

UHD = (3840, 2160)
NITS = (0, 1, 5, 26, 50, 100, 203, 400, 600, 1000)
"""Light of the PQ patches. 26 nits is a grey card, 203 white paper, 1000 a lamp (ITU-R BT.2408)."""

SIGNALS = (0, 0.1, 0.2, 0.38, 0.5, 0.6, 0.75, 0.85, 0.95, 1.0)
"""HLG patches. 38 % is a grey card, 75 % white paper (ITU-R BT.2408)."""

MASTERED = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,203"


def pq(nits: Sequence[float]) -> np.ndarray:
    """SMPTE ST 2084: light to signal."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (np.asarray(nits, float) / 10_000) ** m1
    return ((c1 + c2 * power) / (1 + c3 * power)) ** m2


def hdr_clip(path: Path, transfer: str, signals: Sequence[float], frames: int = 2) -> Path:
    """4K 10-bit HEVC of grey patches from left to right; ten patches give 384 columns each."""
    line = np.repeat(np.round(64 + 876 * np.asarray(signals, float)).astype("<u2"), UHD[0] // len(signals))
    luma = np.broadcast_to(line, (UHD[1], UHD[0])).tobytes()
    chroma = np.full(UHD[0] * UHD[1] // 2, 512, "<u2").tobytes()
    tags = f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc:range=tv"
    x265 = f"log-level=none:pools=2:{MASTERED}" if transfer == "smpte2084" else "log-level=none:pools=2"
    codec = ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "12", "-x265-params", x265, "-tag:v", "hvc1")
    raw_clip(path, [luma, chroma] * frames, times(frames, 30), *codec, size=UHD, pixels="yuv420p10le", graph=tags)
    return path


def levels_of(film: Path, patches: int) -> list[float]:
    frame = eye.luma(film, 1)
    return [float(frame[80:190, _columns(number, patches, frame.shape[1])].mean()) for number in range(patches)]


@pytest.mark.parametrize("curve", ["smpte2084", "arib-std-b67"])
def test_4k_hdr_is_brought_to_sdr(curve: str, bench: Bench, tmp_path: Path) -> None:
    signals = pq(NITS) if curve == "smpte2084" else SIGNALS
    clip = hdr_clip(tmp_path / "clip.mp4", curve, signals)
    facts = eye.picture_track(clip)
    assert (facts["codec_name"], facts["pix_fmt"], facts["color_transfer"]) == ("hevc", "yuv420p10le", curve)
    film = bench.film(clip, 2)
    assert_tagged_as_sdr(film)
    levels = levels_of(film, 10)
    grey, paper, bright = levels[3], levels[6], levels[7:]
    assert abs(levels[0] - 16) <= 1
    # A grey card is exposed at 40 to 45 % of an SDR signal, white paper just under the top.
    assert 100 <= grey <= 116, f"grey card at {grey:.0f}"
    assert 205 <= paper <= 225, f"white paper at {paper:.0f}"
    assert all(second - first >= 2 for first, second in pairwise(levels)), f"clipped: {levels}"
    assert bright[-1] <= 236, f"the brightest light is at {bright[-1]:.0f}"


BT709_TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
"""Linear light (ITU-R BT.2087)."""

FACES_AND_BOARDS = ((0.25, 0.14, 0.10), (0.45, 0.30, 0.23), (0.02, 0.10, 0.05), (0.30, 0.02, 0.02), (0.02, 0.04, 0.28))
"""Linear BT.709 colours, 1.0 is white paper: dark and light skin, a school board, a red and a blue dress."""


def test_colours_of_hdr_below_white_paper_stay_as_they_are(bench: Bench, tmp_path: Path) -> None:
    width, height = 640, 360
    light = pq(np.array(FACES_AND_BOARDS) @ BT709_TO_BT2020.T * 203)
    y = light @ (0.2627, 0.6780, 0.0593)
    blue, red = (light[:, 2] - y) / 1.8814, (light[:, 0] - y) / 1.4746
    planes = [
        np.repeat(np.round(offset + scale * plane), columns)[None].repeat(rows, 0).astype("<u2").tobytes()
        for plane, offset, scale, columns, rows in (
            (y, 64, 876, width // 5, height),
            (blue, 512, 896, width // 10, height // 2),
            (red, 512, 896, width // 10, height // 2),
        )
    ]
    tags = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
    codec = ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "4", "-x265-params", "log-level=none")
    clip = tmp_path / "clip.mp4"
    raw_clip(clip, planes * 3, times(3, 25), *codec, size=(width, height), pixels="yuv420p10le", graph=tags)
    frame = eye.rgb(bench.film(clip, 3), 1)
    for number, colour in enumerate(FACES_AND_BOARDS):
        found = frame[100:170, _columns(number, 5, frame.shape[1])].reshape(-1, 3).mean(axis=0)
        # What a television of BT.1886 turns back into that light.
        expected = np.array(colour) ** (1 / 2.4) * 255
        assert np.abs(found - expected).max() <= 8, f"{found.round()} instead of {expected.round()}"


@pytest.mark.slow
def test_4k_hdr_is_converted_at_a_sane_speed(bench: Bench, tmp_path: Path) -> None:
    """Two seconds of 4K HLG in at most 15 s of one core: a six-minute clip stays under an hour on the worst machine."""
    few = hdr_clip(tmp_path / "few.mp4", "arib-std-b67", SIGNALS, frames=6)
    clip = tmp_path / "clip.mp4"
    ffmpeg("-stream_loop", "9", "-i", few, "-c", "copy", clip)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    bench.film(clip, 50, house=HOUSE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert spent < 15, f"{spent:.1f} s of CPU for two seconds of film"
