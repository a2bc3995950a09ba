"""Upright, undistorted, whole and without black bars, whatever the raster of the footage."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from . import eye
from .conforming import HOUSE, Bench
from .footage import CORNERS, X264, clock_picture, ffmpeg, raw_clip, scene_clip, times

WIDTH, HEIGHT = 1920, 1080
FINE = (*X264, "-crf", "4")
ODD = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "4", "-pix_fmt", "yuv444p")


def seen(clip: Path, bench: Bench) -> np.ndarray:
    """The second frame of the clip's film, as a viewer sees it."""
    return eye.rgb(bench.film(clip, 3, house=HOUSE), 1)


def disc(picture: np.ndarray) -> tuple[int, int, int, int]:
    """(left, top, width, height) of the scene's white disc."""
    rows, columns = np.nonzero(picture.min(axis=2) > 225)
    return columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1


def assert_corners(
    picture: np.ndarray, width: int, height: int, colours: tuple[tuple[int, ...], ...] = CORNERS
) -> None:
    """The scene stands in the middle, `width` x `height` pixels large, with these corners clockwise."""
    left, top, inside = (WIDTH - width) // 2, (HEIGHT - height) // 2, 12
    right, low = left + width - 1, top + height - 1
    points = ((left, top, 1, 1), (right, top, -1, 1), (right, low, -1, -1), (left, low, 1, -1))
    for (x, y, to_right, down), colour in zip(points, colours, strict=True):
        found = picture[y + inside * down, x + inside * to_right].astype(int)
        assert np.abs(found - colour).max() < 40, f"corner at {x},{y} is {found}, not {colour}"


def assert_edges_at(picture: np.ndarray, width: int, height: int) -> None:
    """The sharp picture begins exactly where it should: the ground beside it is another colour."""
    colours = picture.astype(int)
    left, top = (WIDTH - width) // 2, (HEIGHT - height) // 2
    if width < WIDTH:
        for inside, outside in ((left + 2, left - 2), (WIDTH - left - 3, WIDTH - left + 1)):
            assert np.abs(colours[:, inside] - colours[:, outside]).max() > 60, f"no edge at column {inside}"
    if height < HEIGHT:
        for inside, outside in ((top + 2, top - 2), (HEIGHT - top - 3, HEIGHT - top + 1)):
            assert np.abs(colours[inside] - colours[outside]).max() > 60, f"no edge at row {inside}"


def assert_no_black_bars(picture: np.ndarray) -> None:
    edges = {"left": picture[:, :8], "right": picture[:, -8:], "top": picture[:8], "low": picture[-8:]}
    for name, edge in edges.items():
        assert np.median(edge.max(axis=2)) > 24, f"the {name} edge is black"


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotated_by_its_display_matrix_stands_upright(rotation: int, bench: Bench, tmp_path: Path) -> None:
    """A phone stores what it sees and how it was held: `rotation` degrees counter-clockwise to upright."""
    stored = scene_clip(tmp_path / "stored.mp4", (1280, 720), *FINE, shape=(1280, 720))
    clip = tmp_path / "clip.mp4"
    ffmpeg("-display_rotation:v:0", str(rotation), "-i", stored, "-c", "copy", clip)
    turned = [each["rotation"] for each in eye.picture_track(clip)["side_data_list"]]
    assert turned[0] % 360 == rotation
    quarters = rotation // 90
    # What was clockwise from the upper left is so again, beginning `quarters` corners further on.
    upright = CORNERS[quarters:] + CORNERS[:quarters]
    width = WIDTH if rotation == 180 else 608
    picture = seen(clip, bench)
    assert_corners(picture, width, HEIGHT, upright)
    assert abs(disc(picture)[2] - disc(picture)[3]) <= 4


def test_film_of_a_rotated_clip_says_nothing_of_a_rotation(bench: Bench, tmp_path: Path) -> None:
    stored = scene_clip(tmp_path / "stored.mp4", (320, 180), *FINE, shape=(320, 180))
    ffmpeg("-display_rotation:v:0", "90", "-i", stored, "-c", "copy", tmp_path / "clip.mp4")
    film = bench.film(tmp_path / "clip.mp4", 3)
    assert "side_data_list" not in eye.picture_track(film)


SHAPES = {
    "portrait": ((540, 960), (540, 960), (608, 1080)),
    "portrait, longer": ((450, 1000), (450, 1000), (486, 1080)),
    "square": ((480, 480), (480, 480), (1080, 1080)),
    "4:3, 720x576 at 16:15": ((720, 576), (768, 576), (1440, 1080)),
    "4:3, 720x576 at 12:11": ((720, 576), (785, 576), (1472, 1080)),
    "4:3, 720x480 at 8:9": ((720, 480), (640, 480), (1440, 1080)),
    "16:9, 720x576 at 64:45": ((720, 576), (1024, 576), (1920, 1080)),
    "16:9, 1440x1080 at 4:3": ((1440, 1080), (1920, 1080), (1920, 1080)),
    "cinema": ((1280, 536), (1280, 536), (1920, 804)),
    "odd": ((425, 239), (425, 239), (1920, 1080)),
    "tiny": ((176, 144), (176, 144), (1320, 1080)),
    "tiny and tall": ((16, 640), (16, 640), (28, 1080)),
}


@pytest.mark.parametrize(("stored", "shape", "fitted"), SHAPES.values(), ids=SHAPES)
def test_picture_keeps_its_shape(
    stored: tuple[int, int], shape: tuple[int, int], fitted: tuple[int, int], bench: Bench, tmp_path: Path
) -> None:
    """`shape` is what a viewer of the file sees, in square pixels; `fitted` its place in the film."""
    pixel = {(720, 785): Fraction(12, 11)}.get((stored[0], shape[0]), Fraction(shape[0], stored[0]))
    codec = ODD if stored[0] % 2 else FINE
    graph = f"setsar={pixel.numerator}/{pixel.denominator}"
    clip = scene_clip(tmp_path / "clip.mp4", stored, *codec, shape=shape, graph=graph)
    film = bench.film(clip, 3, house=HOUSE)
    assert eye.picture_track(film)["sample_aspect_ratio"] == "1:1"
    picture = eye.rgb(film, 1)
    assert_edges_at(picture, *fitted)
    assert_no_black_bars(picture)
    if min(shape) > 100:
        assert_corners(picture, *fitted)
        left, top, wide, high = disc(picture)
        assert abs(wide / high - 1) < 0.01, f"the disc is {wide} x {high}"
        assert abs(left + wide / 2 - WIDTH / 2) < 3
        assert abs(top + high / 2 - HEIGHT / 2) < 3
        assert abs(wide - 0.7 * min(fitted)) < 10


def test_ground_beside_a_portrait_picture_is_soft_and_darker(bench: Bench, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=540x960:r=25", "-frames:v", "4", *FINE, clip)
    picture = eye.luma(bench.film(clip, 3, house=HOUSE), 1).astype(float)
    left = (WIDTH - 608) // 2
    ground, sharp = picture[:, : left - 4], picture[:, left + 4 : -left - 4]
    assert np.abs(np.diff(ground, axis=1)).max() <= 4, "the ground has edges of its own"
    assert np.abs(np.diff(sharp, axis=1)).max() > 60, "the picture itself is blurred"
    assert ground.mean() < 0.7 * sharp.mean()
    assert ground.min() > 16, "the ground is black"


COMB = 4.0
"""Mean step between neighbouring lines and their mean: woven fields of a moving bar give ten times this."""


def combing(picture: np.ndarray) -> float:
    """How far each line stands out from the two around it, where the picture moves (luma codes)."""
    rows = picture.astype(float)
    return float(np.abs(rows[1:-1] - (rows[:-2] + rows[2:]) / 2).mean(axis=0).max())


@pytest.mark.parametrize(("order", "codec"), [("tff", "mpeg2video"), ("bff", "mpeg2video"), ("tff", "libx264")])
def test_interlaced_pictures_show_no_combing(order: str, codec: str, bench: Bench, tmp_path: Path) -> None:
    """576i: a bar moves 14 pixels from field to field."""
    size, clip = (720, 576), tmp_path / "clip.ts"
    pictures = (clock_picture(each, *size).tobytes() for each in times(24, 50))
    flags = ("-flags", "+ildct+ilme", "-g", "12")
    codec_options = ("-c:v", codec, *flags, *(("-q:v", "2") if codec == "mpeg2video" else ("-crf", "8")))
    graph = f"interlace=scan={order}:lowpass=0,setsar=16/15"
    raw_clip(clip, pictures, times(24, 50), *codec_options, "-pix_fmt", "yuv420p", size=size, graph=graph)
    half = slice(300, 560)
    assert combing(eye.grey(clip, size)[5][half]) > 10 * COMB, "the clip itself is not interlaced"
    film = bench.film(clip, 10, house=HOUSE)
    assert eye.picture_track(film).get("field_order", "progressive") == "progressive"
    frames = eye.grey(film, (1440, 576))
    worst = max(combing(frame[half]) for frame in frames[1:])
    assert worst < COMB, f"combing of {worst:.1f}"


def test_interlacing_that_begins_after_some_frames_is_seen(bench: Bench, tmp_path: Path) -> None:
    """An archive tape that starts on two progressive pictures."""
    size, parts = (720, 576), []
    mpeg2 = ("-c:v", "mpeg2video", "-q:v", "2", "-g", "12", "-pix_fmt", "yuv420p")
    pieces = ((2, 25, (), "null"), (40, 50, ("-flags", "+ildct+ilme"), "interlace=scan=tff:lowpass=0"))
    for number, (count, rate, flags, graph) in enumerate(pieces):
        part = tmp_path / f"{number}.ts"
        pictures = (clock_picture(each, *size).tobytes() for each in times(count, rate))
        late = ("-output_ts_offset", str(number * 0.08))
        raw_clip(part, pictures, times(count, rate), *mpeg2, *flags, *late, size=size, graph=graph)
        parts.append(part.read_bytes())
    clip = tmp_path / "clip.ts"
    clip.write_bytes(b"".join(parts))
    first = eye.probe(clip, "-show_frames", "-select_streams", "v")["frames"]
    assert [each["interlaced_frame"] for each in first[:4]] == [0, 0, 1, 1]
    frames = eye.grey(bench.film(clip, 12, house=HOUSE), (1440, 576))
    assert combing(frames[8][300:560]) < COMB


ALPHA = {
    "PNG in MOV": ("mov", ("-c:v", "png")),
    "ProRes 4444": ("mov", ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le")),
    "QuickTime animation": ("mov", ("-c:v", "qtrle", "-pix_fmt", "argb")),
}


@pytest.mark.parametrize(("container", "codec"), ALPHA.values(), ids=ALPHA)
def test_what_is_transparent_is_black(container: str, codec: tuple[str, ...], bench: Bench, tmp_path: Path) -> None:
    """Left third: red that nobody should see; middle: green at half strength; right: white."""
    size = (480, 270)
    picture = np.zeros((size[1], size[0], 4), np.uint8)
    picture[:, :160] = (200, 40, 40, 0)
    picture[:, 160:320] = (40, 200, 40, 128)
    picture[:, 320:] = (235, 235, 235, 255)
    clip = tmp_path / f"clip.{container}"
    raw_clip(clip, [picture.tobytes()] * 4, times(4, 25), *codec, size=size, pixels="rgba", graph="null")
    found = eye.rgb(bench.film(clip, 3), 1)[135].astype(int)
    for column, colour in ((80, (0, 0, 0)), (240, (20, 100, 20)), (400, (235, 235, 235))):
        assert np.abs(found[column] - colour).max() <= 6, f"{found[column]} instead of {colour}"


def test_cover_picture_is_not_the_video(bench: Bench, tmp_path: Path) -> None:
    """Downloaded videos carry a cover picture as a video track of its own."""
    clip = tmp_path / "clip.mp4"
    cover = tmp_path / "cover.png"
    ffmpeg("-f", "lavfi", "-i", "color=red:s=200x200", "-frames:v", "1", cover)
    scene_clip(tmp_path / "video.mp4", (320, 180), *FINE, shape=(320, 180))
    tracks = ("-map", "0", "-map", "1", "-c", "copy", "-disposition:v:0", "attached_pic", "-disposition:v:1", "default")
    ffmpeg("-i", cover, "-i", tmp_path / "video.mp4", *tracks, clip)
    covers = [each["disposition"]["attached_pic"] for each in eye.probe(clip)["streams"]]
    assert sorted(covers) == [0, 1]
    assert_corners(seen(clip, bench), WIDTH, HEIGHT)
