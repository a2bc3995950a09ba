"""Character sets as browsers tell them."""

from __future__ import annotations

import pytest

from pipeline.package.charset import declaration, decode, is_utf8


@pytest.mark.parametrize(
    ("data", "codec", "how"),
    [
        (b"\xef\xbb\xbf<p>", "utf-8", "bom"),
        (b"\xff\xfe<\0", "utf-16-le", "bom"),
        (b'<meta charset="utf-8">', "utf-8", "meta"),
        (b"<META CHARSET=Windows-1251 >", "cp1251", "meta"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">', "koi8-r", "meta"),
        (b'<?xml version="1.0" encoding="windows-1251"?>', "cp1251", "xml"),
        (b'@charset "windows-1251";', "cp1251", "css"),
        (b'<meta charset="iso-8859-1">', "cp1252", "meta"),
        (b'<meta charset="utf-16">', "utf-8", "meta"),
        (b'<meta charset="unicode-8">', "", "meta"),
    ],
)
def test_a_declaration_is_read(data: bytes, codec: str, how: str) -> None:
    found = declaration(data)
    assert found is not None
    assert (found.codec, found.how) == (codec, how)


@pytest.mark.parametrize(
    "data", [b"", b"<p>charset=utf-8</p>", b'<!-- <meta charset="utf-8"> -->', b" " * 1024 + b"<meta charset=utf-8>"]
)
def test_no_declaration_is_none(data: bytes) -> None:
    assert declaration(data) is None


@pytest.mark.parametrize(
    "data",
    ["Дәріс".encode(), "Дәріс".encode("utf-16"), b"\xef\xbb\xbf" + "Дәріс".encode()],
    ids=["utf-8", "utf-16 with mark", "utf-8 with mark"],
)
def test_text_is_decoded(data: bytes) -> None:
    assert decode(data, declaration(data)) == "Дәріс"


def test_russian_without_a_declaration_is_taken_for_windows_letters() -> None:
    assert decode("Урок".encode("cp1251"), None) == "Урок"


def test_line_ends_are_made_one_kind() -> None:
    assert decode(b"a\r\nb\rc", None) == "a\nb\nc"


def test_a_letter_cut_off_at_the_end_is_forgiven() -> None:
    assert is_utf8("Дәріс".encode()[:-1])
    assert not is_utf8("Урок".encode("cp1251") + b" ")
