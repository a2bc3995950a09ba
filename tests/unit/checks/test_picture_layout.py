"""Walking and unpacking rasters: compared with Pillow, an independent reader, and cut off anywhere."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from pipeline.media.pictures.decode import decode_frames, decode_jpeg
from pipeline.media.pictures.gif import walk_gif
from pipeline.media.pictures.jpeg import coefficients, walk_jpeg
from pipeline.media.pictures.layout import Flaw
from pipeline.media.pictures.png import PngWalk, walk_png
from tests.unit.checks.corpus import CORPUS
from tests.unit.checks.pictures import png, sun, with_segment


def noise(mode: str, width: int, height: int) -> Image.Image:
    picture = Image.frombytes("RGBA", (width, height), np.random.default_rng(7).bytes(4 * width * height))
    return picture.quantize(16) if mode == "P" else picture.convert(mode)


def written(picture: Image.Image, sort: str, **options: object) -> bytes:
    raw = io.BytesIO()
    picture.save(raw, sort, **options)
    return raw.getvalue()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (33, 70), (257, 129)])
def test_whole_png_of_any_mode_and_size_has_no_flaw(mode: str, size: tuple[int, int]) -> None:
    walk = PngWalk(written(noise(mode, *size), "PNG"))
    assert (walk.layout.width, walk.layout.height) == size
    assert walk.unpack() is None


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 5), (8, 8), (645, 363)])
def test_interlaced_rows_are_counted_as_pillow_counts_them(size: tuple[int, int]) -> None:
    # Adam7 by hand: Pillow reads interlaced files and writes none.
    width, height = size
    pixels = np.random.default_rng(1).bytes(width * height)
    rows = bytearray()
    for left, top, across, down in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        for y in range(top, height, down):
            row = pixels[y * width + left : (y + 1) * width : across]
            rows += b"\0" + row if row else b""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 1)
    raw = png((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))))
    with Image.open(io.BytesIO(raw)) as picture:
        assert picture.tobytes() == pixels
    assert PngWalk(raw).unpack() is None
    short = png((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows[:-1]))))
    assert PngWalk(short).unpack() == Flaw("cut-off", "IDAT")


def test_rows_in_many_small_pieces_are_put_together() -> None:
    packed = zlib.compress(b"".join(b"\0" + bytes(64) for _ in range(64)))
    header = (b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0))
    pieces = [(b"IDAT", packed[at : at + 1]) for at in range(len(packed))]
    assert PngWalk(png(header, *pieces)).unpack() is None


def test_picture_that_unpacks_to_more_than_its_rows_is_whole() -> None:
    header = (b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0))
    assert PngWalk(png(header, (b"IDAT", zlib.compress(bytes(5 * 4 + 100))))).unpack() is None


def whole(raw: bytes) -> bool:
    """Whether a file is whole, by its first bytes."""
    if raw.startswith(b"\xff\xd8"):
        layout = walk_jpeg(raw)
        return layout.flaw is None and decode_jpeg(raw, layout) is None
    if raw.startswith(b"GIF"):
        layout = walk_gif(raw)
        return layout.flaw is None and decode_frames(raw, "GIF", layout.frames, []) is None
    return PngWalk(raw).unpack() is None


@pytest.mark.parametrize(
    "name",
    [
        "PIC-001/pass-photograph.jpg",
        "PIC-001/pass-diagram.png",
        "PIC-001/pass-map.gif",
        "PIC-004/pass-animation.gif",
        "PIC-004/pass-animation.png",
        "PIC-004/pass-progressive.jpg",
    ],
)
def test_file_cut_off_anywhere_is_not_whole(name: str) -> None:
    raw = (CORPUS / name).read_bytes()
    assert whole(raw)
    assert [at for at in range(12, len(raw), 37) if whole(raw[:at])] == []


@pytest.mark.parametrize("seed", range(60))
def test_png_with_any_bit_turned_is_not_whole(seed: int) -> None:
    raw = bytearray(written(noise("RGB", 20, 20), "PNG"))
    chance = np.random.default_rng(seed)
    raw[chance.integers(8, len(raw))] ^= 1 << int(chance.integers(8))
    assert PngWalk(bytes(raw)).unpack() is not None


def test_end_of_a_picture_is_where_the_next_byte_is_no_longer_its_own() -> None:
    for sort, walk in (("JPEG", walk_jpeg), ("PNG", walk_png), ("GIF", walk_gif)):
        raw = sun(sort)
        assert walk(raw + b"behind").end == len(raw)


def test_end_marker_within_a_segment_does_not_end_the_picture() -> None:
    raw = with_segment(sun("JPEG"), 0xE5, b"\xff\xd8 a small picture inside \xff\xd9")
    assert walk_jpeg(raw).end == len(raw)


def test_frame_times_are_those_that_browsers_show() -> None:
    frames = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (0, 80, 160, 240)]
    raw = written(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=[0, 10, 20, 500], loop=0)
    layout = walk_gif(raw)
    assert layout.durations == [100, 100, 20, 500]
    assert (layout.frames, layout.plays) == (4, 0)


def test_animated_png_tells_its_frames() -> None:
    layout = walk_png((CORPUS / "PIC-004/pass-animation.png").read_bytes())
    assert (layout.frames, layout.durations, layout.plays) == (3, [600, 600, 600], 0)


def test_sun_needs_six_bytes_a_pixel_when_progressive_and_not_subsampled() -> None:
    raw = written(noise("RGB", 160, 80), "JPEG", progressive=True, subsampling=0)
    assert coefficients(raw) == 160 * 80 * 3 * 2
    halved = written(noise("RGB", 160, 80), "JPEG", progressive=True, subsampling=2)
    assert coefficients(halved) == 160 * 80 * 3
    assert coefficients(sun("JPEG")) == 0


@pytest.mark.parametrize("walk", [walk_jpeg, walk_png, walk_gif])
def test_noise_behind_a_signature_is_a_flaw_and_never_an_exception(walk: object) -> None:
    heads = {walk_jpeg: b"\xff\xd8\xff", walk_png: b"\x89PNG\r\n\x1a\n", walk_gif: b"GIF89a"}
    for seed in range(300):
        raw = heads[walk] + np.random.default_rng(seed).bytes(200)  # type: ignore[index]  # one of the three
        assert walk(raw).flaw is not None  # type: ignore[operator]


def test_notes_of_a_hostile_file_do_not_pile_up() -> None:
    segment = b"\xff\xe5" + struct.pack(">H", 60_002) + bytes(60_000)
    raw = b"\xff\xd8" + segment * 400 + sun("JPEG")[2:]
    layout = walk_jpeg(raw)
    assert layout.flaw is None
    assert layout.note_bytes <= 16_000_000
