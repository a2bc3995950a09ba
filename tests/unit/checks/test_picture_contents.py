"""What a picture hides and what it tells about people; flashes with a known rate; drawings."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest

from pipeline.media.flashes import most_flashes
from pipeline.media.pictures.formats import nature, other_picture, picture_format
from pipeline.media.pictures.hidden import Hidden, further_pictures, hidden_in
from pipeline.media.pictures.jpeg import walk_jpeg
from pipeline.media.pictures.layout import Note
from pipeline.media.pictures.personal import personal_data
from pipeline.media.pictures.style import style_references
from pipeline.media.pictures.svg import read_svg
from tests.unit.checks.pictures import sun, windows_program, with_segment

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def found_in(raw: bytes) -> list[Hidden]:
    layout = walk_jpeg(raw)
    return hidden_in(raw, layout, further_pictures(raw, layout))


def sorts(raw: bytes) -> list[str]:
    return [each.sort for each in found_in(raw)]


def archive(comment: bytes = b"") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        made.writestr("a.txt", "hello")
        made.comment = comment
    return written.getvalue()


@pytest.mark.parametrize("between", [b"", b"\r\n", bytes(700), b"noise" * 50])
@pytest.mark.parametrize("comment", [b"", b"a comment of the archive" * 20])
def test_whatever_an_unpacker_opens_is_found(between: bytes, comment: bytes) -> None:
    raw = sun("JPEG") + between + archive(comment)
    assert zipfile.is_zipfile(io.BytesIO(raw))
    assert sorts(raw) == ["archive"]


def test_program_is_found_within_a_segment_too() -> None:
    assert sorts(with_segment(sun("JPEG"), 0xE9, windows_program())) == ["program"]


@pytest.mark.parametrize("padding", [bytes(30_000_000), b"\xff" * 30_000_000, b"\0\xff" * 15_000_000])
def test_padding_of_any_length_is_passed_over_in_little_memory(padding: bytes) -> None:
    raw = sun("JPEG") + padding + sun("JPEG", 160, 90)
    tracemalloc.start()
    began = time.process_time()
    assert sorts(raw) == []
    assert time.process_time() - began < 3
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def blocks(content: bytes, *, sort: bytes = b"\0\0\x30\x0a", lie: int = 0) -> bytes:
    """A block and its directory, as Samsung's phones write them."""
    block = sort + len(b"MotionPhoto_Data").to_bytes(4, "little") + b"MotionPhoto_Data" + content
    entry = sort + (len(block) + lie).to_bytes(4, "little") + len(block).to_bytes(4, "little")
    directory = b"SEFH" + (107).to_bytes(4, "little") + (1).to_bytes(4, "little") + entry
    return block + directory + len(directory).to_bytes(4, "little") + b"SEFT"


def boxes(*sizes: int) -> bytes:
    types = (b"ftyp", b"mdat", b"moov")
    return b"".join(
        (size + 8).to_bytes(4, "big") + type_ + bytes(size) for size, type_ in zip(sizes, types, strict=False)
    )


@pytest.mark.parametrize(
    ("behind", "sort"),
    [
        (blocks(boxes(16, 90_000, 50)), "film"),
        (boxes(16, 90_000, 50), "film"),
        (blocks(b"no film" * 20_000), "maker"),
        (b"x" * 90_000 + b"SEFT", "unknown"),
        (b"x" * 90_000 + blocks(boxes(16, 10)), "unknown"),
        (blocks(b"x" * 90_000, lie=3), "unknown"),
        (b"x" * 90_000 + b"MotionPhoto_Data", "unknown"),
        (b"MotionPhoto_Data" + boxes(16) + b"x" * 90_000, "unknown"),
        (boxes(16, 10) + b"x" * 90_000, "unknown"),
        (b"vivo{" + b"x" * 90_000, "unknown"),
        (b"vivo{}", "maker"),
    ],
)
def test_what_a_phone_adds_is_known_by_how_it_is_built(behind: bytes, sort: str) -> None:
    assert sorts(sun("JPEG") + behind) == [sort]


@pytest.mark.parametrize("seed", range(4))
def test_noise_is_taken_for_nothing_but_noise(seed: int) -> None:
    chance = np.random.default_rng(seed)
    raw = sun("JPEG")
    for _ in range(40):
        raw = with_segment(raw, 0xEA, chance.bytes(60_000))
    assert sorts(raw) == ["blob"]
    assert sorts(with_segment(sun("JPEG"), 0xEA, chance.bytes(60_000))) == []


def test_bytes_behind_are_counted_from_the_last_picture() -> None:
    first, second = sun("JPEG"), sun("JPEG", 160, 90)
    (found,) = found_in(first + bytes(10) + second + b"x" * 99)
    assert (found.sort, found.at, found.size) == ("unknown", len(first) + 10 + len(second), 99)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"RIFF\x00\x10\x00\x00WEBPVP8 ", "WebP"),
        (struct.pack(">I", 28) + b"ftypavif", "AVIF"),
        (struct.pack(">I", 24) + b"ftypheic", "HEIC"),
        (b"II*\x00\x08\x00\x00\x00", "TIFF"),
        (b"BM\x36\x00\x00\x00\x00\x00\x00\x00\x36", "BMP"),
        (b"8BPS\x00\x01", "PSD"),
        (b"\xff\x0a\xfa", "JPEG XL"),
    ],
)
def test_other_pictures_are_called_by_name(head: bytes, name: str) -> None:
    assert picture_format(head) is None
    assert other_picture(head) == name


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"<html><body>", "HTML"),
        (b"RIFF\x00\x10\x00\x00WAVEfmt ", "WAV"),
        (struct.pack(">I", 24) + b"ftypisom", "MP4/MOV"),
        ("Сәлем".encode(), "text"),
        (bytes(range(200, 256)), "?"),
    ],
)
def test_what_is_no_picture_is_named(head: bytes, word: str) -> None:
    assert picture_format(head) is None
    assert other_picture(head) == ""
    assert nature(head) == word


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"dana@oqu.example", True),
        (b"8 (705) 555 01 23", True),
        ("тел. +7-777-555-01-23".encode(), True),
        (b"2020:04:06 09:00:00", False),
        (b"ISBN 978-601-00-0000-1, 87015550123456", False),
        (b"CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90", False),
        (b"@2x", False),
    ],
)
def test_addresses_and_telephones_are_told_from_other_numbers(text: bytes, found: bool) -> None:
    assert bool(personal_data([Note("text", "Comment", text)])) is found


@pytest.mark.parametrize("data", [b"", b"II*\x00", b"\xff" * 500, b"MM\x00*\x00\x00\x00\x08\xff\xff" + bytes(99)])
def test_broken_metadata_tells_nothing(data: bytes) -> None:
    assert personal_data([Note("exif", "APP1", data), Note("xmp", "APP1", data), Note("iptc", "APP13", data)]) == []


def grey(level: int, share: float = 1.0) -> np.ndarray:
    picture = np.full((36, 48, 3), 128, dtype=np.uint8)
    picture[:, : round(48 * share)] = level
    return picture


def blinking(
    milliseconds: int, *, dark: int = 0, light: int = 255, share: float = 1.0
) -> Iterator[tuple[int, np.ndarray]]:
    for number in range(4000 // milliseconds):
        yield milliseconds, grey((dark, light)[number % 2], share)


@pytest.mark.parametrize(("milliseconds", "flashes"), [(500, 1), (250, 2), (167, 3), (150, 4), (100, 5), (40, 13)])
def test_flashes_of_a_known_rate_are_counted(milliseconds: int, flashes: int) -> None:
    # Two changes make a flash: 1000 / (2 x milliseconds), and the second it is counted in may begin with one more.
    assert most_flashes(blinking(milliseconds), area=0.25) == flashes


def test_flash_on_a_fifth_of_the_picture_does_not_count_and_on_a_third_does() -> None:
    assert most_flashes(blinking(100, share=0.2), area=0.25) == 0
    assert most_flashes(blinking(100, share=0.34), area=0.25) == 5


def test_change_between_two_bright_states_does_not_count() -> None:
    assert most_flashes(blinking(100, dark=232), area=0.25) == 0


def test_slow_rise_and_fall_is_one_flash_and_not_one_a_frame() -> None:
    levels = [*range(0, 256, 15), *range(255, -1, -15)]
    assert most_flashes(((25, grey(level)) for level in levels), area=0.25) == 1


def test_saturated_red_counts_where_its_lightness_hardly_changes() -> None:
    red, as_light = np.zeros((4, 4, 3), dtype=np.uint8), np.full((4, 4, 3), 127, dtype=np.uint8)
    red[..., 0] = 255
    frames = [(100, (red, as_light)[number % 2]) for number in range(20)]
    assert most_flashes(frames, area=0.25) == 5


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("fill:url(#a)", []),
        ("fill:url( '#a' ); stroke:url(#b)", []),
        ("fill:url(#a),url(x)", ["#a", "x"]),
        ("fill:url( 'a.svg#b' )", ["a.svg#b"]),
        ("fill:u\\72l(http://example.kz)", ["http://example.kz"]),
        ("@import 'a.css'; b{c:d}", ["a.css"]),
        ("@import url(a.css) screen;", ["a.css"]),
        ("@namespace url(http://www.w3.org/2000/svg); a{b:url(c)}", ["c"]),
        ("/* url(a) */ content:'url(b)'", []),
        ("a{b:image-set('c.png' 1x, url(d.png) 2x)}", ["c.png", "d.png"]),
        ("@media screen { a { b: url(c) } }", ["c"]),
    ],
)
def test_addresses_of_a_style_are_those_a_browser_sees(text: str, addresses: list[str]) -> None:
    assert sorted(style_references(text)) == addresses


def test_deeply_nested_style_is_read_without_recursion() -> None:
    assert list(style_references("a{" * 3000 + "b:url(c)" + "}" * 3000)) == ["c"]


@pytest.mark.parametrize(
    ("inside", "shapes"),
    [
        ("<path/><path/>", 3),
        ("<g id='a'><path/></g><use href='#a'/><use href='#a'/>", 9),
        ("<pattern id='p'><path/></pattern><rect fill='url(#p)'/>", 6),
        ("<use href='#nothing'/>", 2),
        ("<g id='a'><path/></g><g id='a'><path/><path/></g><use href='#a'/>", 9),
    ],
)
def test_shapes_are_counted_through_every_repetition(inside: str, shapes: int) -> None:
    drawing = read_svg(f"<svg {NS}>{inside}</svg>".encode())
    assert (drawing.error, drawing.shapes, drawing.endless) == ("", shapes, False)


def test_long_chain_of_repetitions_is_counted_without_recursion() -> None:
    chain = "".join(f"<g id='l{number}'><use href='#l{number + 1}'/></g>" for number in range(5000))
    drawing = read_svg(f"<svg {NS}>{chain}</svg>".encode())
    assert drawing.chain == 5001
    assert not drawing.endless


def test_entity_that_would_grow_is_never_expanded() -> None:
    layers = "".join(f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, 12))
    drawing = read_svg(f'<!DOCTYPE svg [<!ENTITY e0 "ha">{layers}]><svg {NS}><text>&e11;</text></svg>'.encode())
    assert drawing.halted
    assert [each.sort for each in drawing.having("entity")] == ["entity"]


def test_short_entity_repeated_past_measure_is_a_trick() -> None:
    body = "&a;" * 40_000
    drawing = read_svg(f'<!DOCTYPE svg [<!ENTITY a "{"x" * 150}">]><svg {NS}><text>{body}</text></svg>'.encode())
    assert drawing.halted


@pytest.mark.parametrize("seed", range(200))
def test_broken_drawing_gives_an_error_and_never_an_exception(seed: int) -> None:
    chance = np.random.default_rng(seed)
    raw = bytearray(f"<svg {NS}><style>a{{b:url(#c)}}</style><a href='data:,x'/><use href='#d'/></svg>".encode())
    for _ in range(5):
        raw[chance.integers(len(raw))] = chance.integers(256)
    read_svg(bytes(raw))
