"""Addresses for eyes and for phones."""

from __future__ import annotations

import pytest

from pipeline.cards.links import LONGEST_SHOWN, qr_code, readable


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.bilimland.kz/kk/", "bilimland.kz/kk"),
        ("http://kundelik.kz", "kundelik.kz"),
        ("https://okulyk.kz:8443/a?b=c#d", "okulyk.kz:8443/a?b=c#d"),
        ("https://kk.wikipedia.org/wiki/%D0%90%D2%9B", "kk.wikipedia.org/wiki/Ақ"),
        ("https://xn--80ak6aa92e.com/", "аррӏе.com"),
        ("https://site.kz/a%2Fb%20c%3Fd", "site.kz/a%2Fb%20c%3Fd"),
        ("https://site.kz/%FF%FE", "site.kz/%FF%FE"),
        ("https://site.kz/%E2%80%AEabc", "site.kz/%E2%80%AEabc"),
    ],
)
def test_address_is_readable(url: str, shown: str) -> None:
    assert readable(url) == shown


def test_letters_without_a_glyph_stay_encoded() -> None:
    assert readable("https://site.kz/%E4%B8%AD%D0%B0", lambda letter: letter != "中") == "site.kz/%E4%B8%ADа"


def test_long_address_keeps_its_host_and_its_end() -> None:
    shown = readable("https://www.example.kz/" + "folder/" * 20 + "page-17.html")
    assert len(shown) == LONGEST_SHOWN
    assert shown.startswith("example.kz/folder/")
    assert shown.endswith("page-17.html")
    assert shown.count("…") == 1


def test_squares_are_as_large_as_fit() -> None:
    code = qr_code("https://kundelik.kz", limit=660, module=8, quiet=4)
    assert code is not None
    assert code.side <= 660 < (code.module + 1) * len(code.rows)
    assert len(code.rows) == len(code.rows[0])


def test_quiet_zone_is_four_squares() -> None:
    code = qr_code("https://kundelik.kz", limit=660, module=8, quiet=4)
    assert code is not None
    edges = [*code.rows[:4], *code.rows[-4:], *(row[:4] + row[-4:] for row in code.rows)]
    assert not any("1" in edge for edge in edges)
    assert code.rows[4][4] == "1"


@pytest.mark.parametrize("length", [600, 5000])
def test_address_too_long_for_the_patch_has_no_code(length: int) -> None:
    assert qr_code("https://site.kz/" + "x" * length, limit=408, module=8, quiet=4) is None


@pytest.mark.parametrize("length", [1, 60, 150, 340, 5000])
def test_code_that_is_not_drawn_is_as_large_as_the_drawn_one(length: int) -> None:
    drawn, laid_out = (
        qr_code("https://site.kz/" + "x" * length, limit=660, module=8, quiet=4, drawn=drawn) for drawn in (True, False)
    )
    assert (drawn is None) == (laid_out is None) == (length == 5000)
    if drawn is not None and laid_out is not None:
        assert (drawn.side, drawn.module) == (laid_out.side, laid_out.module)
