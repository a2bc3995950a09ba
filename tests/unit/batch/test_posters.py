"""Thumbnails: small, made once for each poster, and never in the way of a page."""

from __future__ import annotations

import io
from base64 import b64decode
from pathlib import Path

import pytest
from PIL import Image

from pipeline.batch.posters import SIZE, thumbnails
from pipeline.errors import UsageError
from pipeline.render.cache import Cache
from tests.unit.batch.season import Folder, film


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def poster(width: int = 1920, height: int = 1080, form: str = "JPEG", mode: str = "RGB") -> bytes:
    written = io.BytesIO()
    Image.linear_gradient("L").convert(mode).resize((width, height)).save(written, form)
    return written.getvalue()


@pytest.mark.parametrize(("width", "height", "mode"), [(1920, 1080, "RGB"), (640, 640, "L"), (5, 3, "CMYK")])
def test_a_poster_becomes_a_small_picture(cache: Cache, width: int, height: int, mode: str) -> None:
    raw = poster(width, height, mode=mode)
    small = thumbnails(Folder({"a/poster.jpg": raw}), [film("a", raw)], cache)["a"]
    picture = Image.open(io.BytesIO(b64decode(small)))
    assert (picture.format, picture.size) == ("WEBP", SIZE)
    assert len(small) < 6000


def test_a_poster_is_read_once_whoever_shows_it_again(cache: Cache, tmp_path: Path) -> None:
    raw = poster()
    folder = Folder({"a/poster.jpg": raw})
    first = thumbnails(folder, [film("a", raw)], cache)
    assert thumbnails(folder, [film("a", raw)], Cache(tmp_path / "cache")) == first
    assert thumbnails(folder, [film("b", raw)], cache) == {"b": first["a"]}
    assert folder.reads == ["a/poster.jpg"]


def test_another_poster_is_another_picture(cache: Cache) -> None:
    one, other = poster(), poster(400, 900)
    folder = Folder({"a/poster.jpg": one, "b/poster.jpg": other})
    made = thumbnails(folder, [film("a", one), film("b", other)], cache)
    assert made["a"] != made["b"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"?" * 500, poster()[:3000], poster(form="PNG"), b"\xff\xd8\xff" + b"\0" * 100, b"\xff\xd8" * 11_000_000],
    ids=["empty", "noise", "cut off", "no JPEG", "only a beginning", "huge"],
)
def test_a_damaged_poster_is_no_picture_and_no_error(cache: Cache, raw: bytes) -> None:
    folder = Folder({"a/poster.jpg": raw})
    assert thumbnails(folder, [film("a", raw or b"x")], cache) == {"a": ""}


def test_a_poster_of_enormous_dimensions_is_not_unpacked(cache: Cache) -> None:
    raw = bytearray(poster(64, 64))
    frame = raw.index(b"\xff\xc0")
    raw[frame + 5 : frame + 9] = (60_000).to_bytes(2, "big") * 2
    assert thumbnails(Folder({"a/poster.jpg": bytes(raw)}), [film("a", bytes(raw))], cache) == {"a": ""}


def test_a_poster_that_cannot_be_read_today_is_tried_again_tomorrow(cache: Cache) -> None:
    class Broken(Folder):
        def read(self, name: str) -> bytes | None:
            raise UsageError.of("build.cannot-write", folder=name, reason="no answer")

    raw = poster()
    assert thumbnails(Broken(), [film("a", raw)], cache) == {"a": ""}
    assert thumbnails(Folder(), [film("a", raw)], cache) == {"a": ""}
    assert thumbnails(Folder({"a/poster.jpg": raw}), [film("a", raw)], cache)["a"]


def test_a_poster_that_is_not_the_one_promised_is_shown_but_not_remembered(cache: Cache) -> None:
    old, new = poster(), poster(300, 300)
    folder = Folder({"a/poster.jpg": new})
    changed = thumbnails(folder, [film("a", old)], cache)["a"]
    folder.files["a/poster.jpg"] = old
    assert thumbnails(folder, [film("a", old)], cache)["a"] not in {"", changed}


def test_a_film_without_a_poster_is_not_looked_into(cache: Cache) -> None:
    folder = Folder()
    assert thumbnails(folder, [film("a")], cache) == {"a": ""}
    assert folder.reads == []
