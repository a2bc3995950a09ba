"""Names of entries: their letters, and whether they may be used as paths."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.package.zip_names import TIDIED, UTF8_FLAG, decoded, path_trouble, tidy


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("index.html", ""),
        ("img/apple 1.png", ""),
        ("a..b/c...txt", ""),
        (".htaccess", ""),
        ("../a", "traversal"),
        ("a/../../b", "traversal"),
        ("a/.. /b", "traversal"),
        ("..\\a", "traversal"),
        ("/a", "absolute"),
        ("\\a", "absolute"),
        ("C:\\a", "drive"),
        ("c:a", "drive"),
        ("\\\\server\\a", "share"),
        ("//server/a", "share"),
        ("a\\b", "backslash"),
        ("a\0b", "control"),
        ("a\x85b", "control"),
        ("./a", "dots"),
        ("a//b", "dots"),
        ("", "empty"),
        ("қ" * 128, "too-long"),
        ("a/" * 600 + "a", "too-long"),
    ],
)
def test_a_name_has_the_trouble_it_has(name: str, trouble: str) -> None:
    assert path_trouble(name) == trouble


@given(st.text(alphabet="ab./\\:қ\0 ", max_size=12))
def test_what_may_be_used_stays_inside(name: str) -> None:
    if path_trouble(name) in TIDIED:
        parts = tidy(name).split("/")
        assert not {"", ".", ".."} & set(parts) or not tidy(name)


@pytest.mark.parametrize(
    ("raw", "flags", "name", "letters"),
    [
        (b"a.txt", 0, "a.txt", ""),
        ("Қ.txt".encode(), UTF8_FLAG, "Қ.txt", ""),
        ("Қ.txt".encode(), 0, "Қ.txt", "unmarked"),
        ("урок.txt".encode("cp866"), 0, "урок.txt", "unmarked"),
        ("π²".encode("cp437"), 0, "π²", "unmarked"),
        ("урок".encode("cp866"), UTF8_FLAG, "урок", "not-utf-8"),
    ],
)
def test_letters_are_read_as_they_were_meant(raw: bytes, flags: int, name: str, letters: str) -> None:
    assert decoded(raw, flags, b"") == (name, letters)


def unicode_path(raw: bytes, name: str, checksum: int | None = None) -> bytes:
    crc = zlib.crc32(raw) if checksum is None else checksum
    body = b"\1" + crc.to_bytes(4, "little") + name.encode()
    return b"\x75\x70" + len(body).to_bytes(2, "little") + body


def test_the_second_name_in_unicode_is_the_right_one() -> None:
    raw = "урок".encode("cp866")
    assert decoded(raw, 0, unicode_path(raw, "урок ә")) == ("урок ә", "")


def test_a_second_name_of_another_file_is_passed_over() -> None:
    raw = "урок".encode("cp866")
    assert decoded(raw, 0, unicode_path(raw, "вирус", checksum=7)) == ("урок", "unmarked")


def test_a_second_name_that_contradicts_is_told() -> None:
    assert decoded(b"a.png", 0, unicode_path(b"a.png", "a.exe")) == ("a.png", "two-names")
