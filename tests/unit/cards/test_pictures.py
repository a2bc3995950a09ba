"""Pictures from strangers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lesson_cards import PLACE
from PIL import Image

from pipeline.cards import pictures
from pipeline.cards.pictures import Picture, take_in
from pipeline.errors import LessonError

Make = Callable[..., Path]


def opened(picture: Picture, root: Path) -> Image.Image:
    with Image.open(root / picture.path.lstrip("/")) as image:
        return image.copy()


def code_of(file: Path, root: Path) -> str:
    with pytest.raises(LessonError) as caught:
        take_in(file, root, PLACE)
    (problem,) = caught.value.problems
    assert problem.place == PLACE
    assert problem.fields["name"] == file.name
    return problem.code


def test_large_picture_is_scaled_to_the_screen(make_picture: Make, tmp_path: Path) -> None:
    picture = take_in(make_picture(size=(4000, 1000)), tmp_path, PLACE)
    assert (picture.width, picture.height) == (1920, 480)


def test_small_picture_keeps_its_size_and_is_called_soft(make_picture: Make, tmp_path: Path) -> None:
    picture = take_in(make_picture(size=(200, 150)), tmp_path, PLACE)
    assert (picture.width, picture.height, picture.is_soft) == (200, 150, True)


def test_picture_is_named_by_its_pixels(make_picture: Make, tmp_path: Path) -> None:
    one = take_in(make_picture("one.png"), tmp_path, PLACE)
    same = take_in(make_picture("two.png", compress_level=0), tmp_path, PLACE)
    other = take_in(make_picture("three.png", mode="L"), tmp_path, PLACE)
    assert one.path == same.path != other.path


def test_exif_turn_is_applied(make_picture: Make, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = take_in(make_picture("turned.jpg", (300, 200), exif=exif), tmp_path, PLACE)
    assert (picture.width, picture.height) == (200, 300)


def test_see_through_picture_is_known(make_picture: Make, tmp_path: Path) -> None:
    assert take_in(make_picture(mode="RGBA"), tmp_path, PLACE).clear
    assert not take_in(make_picture(mode="RGB"), tmp_path, PLACE).clear


@pytest.mark.parametrize(("name", "mode"), [("a.jpg", "CMYK"), ("a.gif", "L"), ("a.png", "L"), ("a.webp", "RGBA")])
def test_every_kind_becomes_srgb(make_picture: Make, tmp_path: Path, name: str, mode: str) -> None:
    picture = take_in(make_picture(name, mode=mode), tmp_path, PLACE)
    assert opened(picture, tmp_path).mode in {"RGB", "RGBA"}


def test_sixteen_bit_greys_keep_their_tones(tmp_path: Path) -> None:
    file = tmp_path / "deep.png"
    Image.new("I;16", (64, 64), 32768).save(file)
    assert abs(opened(take_in(file, tmp_path, PLACE), tmp_path).getpixel((5, 5))[0] - 128) <= 1  # type: ignore[index]


def test_drawing_grows_to_the_screen(tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    file.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"/>', encoding="utf-8")
    picture = take_in(file, tmp_path, PLACE)
    assert (picture.width, picture.height, picture.drawn, picture.is_soft) == (1920, 1440, True, False)


def test_unsafe_drawing_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    file.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3" onload="x"/>', encoding="utf-8")
    assert code_of(file, tmp_path) == "cards.svg-refused"


def test_missing_file_is_unreadable(tmp_path: Path) -> None:
    assert code_of(tmp_path / "no.png", tmp_path) == "cards.picture-unreadable"


def test_cut_off_file_is_unreadable(make_picture: Make, tmp_path: Path) -> None:
    file = make_picture("cut.jpg")
    file.write_bytes(file.read_bytes()[:-200])
    assert code_of(file, tmp_path) == "cards.picture-unreadable"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "cards.picture-is-other"),
        (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "cards.picture-is-other"),
        (b"\x89\x01\x02\x03" * 9, "cards.picture-unknown"),
    ],
)
def test_file_of_another_kind_is_told_as_what_it_is(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "fake.png"
    file.write_bytes(content)
    assert code_of(file, tmp_path) == code


def test_more_pixels_than_the_limit_are_refused_before_decoding(
    make_picture: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1_000_000)
    monkeypatch.setattr(pictures, "_upright_srgb", lambda _: pytest.fail("decoded"))
    assert code_of(make_picture(size=(1001, 1000)), tmp_path) == "cards.picture-too-large"


def test_more_bytes_than_the_limit_are_refused(
    make_picture: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MAX_BYTES", 10)
    assert code_of(make_picture(), tmp_path) == "cards.picture-too-large"
