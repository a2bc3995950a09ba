"""The scanner of style sheets, held against a full tokenizer."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time
from typing import Any

import pytest
import tinycss2
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.package.css import read_css

PIECES = [
    "a{b:url(x.png)}", '@import url("z.css") print;', "/* url(no.png) */", "url( q.gif )",
    "c::before{content:'url(no.png)'}", "\\75rl(u.png)", "url('it\\'s.png')", "@font-face{src:url(f.woff),url(g.ttf)}",
    ".md\\:w{color:red}", "{", "}", "(", ")", ";", " ", "\n", "calc(1px + 2px)", "url(a b)", "d{e:f}", "/*", "*/",
]  # fmt: skip


def by_tinycss2(css: str) -> list[str]:
    """The values of url(a) and url("a"), in order."""
    return [url for url in _urls(tinycss2.parse_component_value_list(css)) if url]


def _urls(tokens: list[Any]) -> Iterator[str]:
    for token in tokens:
        if token.type == "url":
            yield token.value
        elif token.type == "function" and token.lower_name == "url":
            yield from (each.value for each in token.arguments if each.type == "string")
        elif token.type == "function":
            yield from _urls(token.arguments)
        elif token.type.endswith("block"):
            yield from _urls(token.content)


def urls(css: str) -> list[str]:
    return [each.url for each in read_css(css)]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@settings(max_examples=300, deadline=None)
def test_bare_urls_are_those_a_full_tokenizer_finds(css: str) -> None:
    # Which strings belong to @import is a matter of the grammar above tokens, so only url() is compared.
    assert urls(css) == by_tinycss2(css)


@pytest.mark.parametrize(
    ("css", "url", "use"),
    [
        ("@import 'a.css';", "a.css", "style"),
        ("@IMPORT/**/url(a.css) screen;", "a.css", "style"),
        ('@\\69mport "a.css"', "a.css", "style"),
        ("x{y:u\\72 l(a.png)}", "a.png", "media"),
        ("x{y:url('a\\20 b.png')}", "a b.png", "media"),
        ("x{y:url(a\\)b.png)}", "a)b.png", "media"),
        ("x{y:image-set('a.png' 1x)}", "a.png", "media"),
        ("@namespace svg url(http://www.w3.org/2000/svg);", "http://www.w3.org/2000/svg", "namespace"),
        ("@font-face{font-family:A;src:url(a.woff)}", "a.woff", "media"),
    ],
)
def test_every_way_to_write_a_url_is_found(css: str, url: str, use: str) -> None:
    assert [(each.url, each.use) for each in read_css(css)] == [(url, use)]


@pytest.mark.parametrize(
    "css",
    [
        "/* url(a.png) */",
        "x::after{content:'url(a.png)'}",
        "x{y:myurl(a.png)}",
        "x{filter:url()}",
        "x{y:image-set(url() type('image/png'))}",
        "@font-face{src:local('Arial.ttf')}",
        "@font-face{src:url(a.woff) format('woff')}"[:14],
    ],
)
def test_text_that_only_looks_like_a_url_is_none(css: str) -> None:
    assert read_css(css) == ()


def test_both_src_of_an_old_font_face_belong_to_the_font() -> None:
    css = "@font-face{src:url(a.eot);src:url('a.eot?#x') format('eot'),url(a.woff)} b{c:url(d.png)}"
    assert [each.how for each in read_css(css)] == ["@font-face", "@font-face", "@font-face", "url()"]


def test_a_bad_url_swallows_only_itself() -> None:
    assert urls("a{b:url(c'd.png)} e{f:url(g.png)}") == ["g.png"]


def test_places_count_from_where_the_text_begins() -> None:
    inner = read_css("b{c:url(d)}\ne{f:url(g)}", line=5, column=10)
    assert [(each.line, each.column) for each in inner] == [(5, 17), (6, 8)]


@pytest.mark.parametrize(
    "evil", ["(", "'", '"\\a', "/*", "url(", "url(\\", "@import ", "-", "\\", "url(a ", "image-set("]
)
def test_hostile_style_sheets_take_time_in_proportion(evil: str) -> None:
    start = process_time()
    read_css("url(x)" + evil * 100_000)
    assert process_time() - start < 5
