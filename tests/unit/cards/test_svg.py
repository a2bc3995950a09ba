"""Drawings from strangers."""

from __future__ import annotations

import pytest

from pipeline.cards.svg import MAX_BYTES, UnsafeSvgError, judge_svg

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inside: str = "", attributes: str = 'viewBox="0 0 40 30"') -> bytes:
    return f"<svg {NS} {attributes}>{inside}</svg>".encode()


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('viewBox="0 0 40 30"', (40, 30)),
        ('width="200" height="100px"', (200, 100)),
        ('width="1in" viewBox="0 0 10 5"', (96, 48)),
        ('width="100%" viewBox="0,0,10,5"', (10, 5)),
    ],
)
def test_size_is_read(attributes: str, size: tuple[float, float]) -> None:
    assert judge_svg(svg(attributes=attributes)) == pytest.approx(size)


@pytest.mark.parametrize(
    "inside",
    [
        "<path d='M0 0 L10 10' style='fill:url(#blue)'/>",
        "<defs><g id='a'><path/></g></defs><use xlink:href='#a'/>",
        "<style>path { fill: url(#a); }</style>",
        "<a href='https://example.kz'><path/></a>",
    ],
)
def test_plain_drawing_passes(inside: str) -> None:
    judge_svg(svg(inside))


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<g onclick='go()'/>",
        "<foreignObject/>",
        "<image href='file:///etc/passwd'/>",
        "<image xlink:href='https://example.kz/a.png'/>",
        "<image href='data:image/png;base64,AAAA'/>",
        "<use href='other.svg#a'/>",
        "<path style='fill:url(https://example.kz/a)'/>",
        "<path fill='url(&quot;other.svg#a&quot;)'/>",
        "<style>@import 'a.css';</style>",
        "<style>path { fill: url(http://example.kz) }</style>",
        "<style>path { fill: u\\72l(http://example.kz) }</style>",
        "<g xml:base='https://example.kz/'/>",
    ],
)
def test_program_or_outside_reference_is_refused(inside: str) -> None:
    with pytest.raises(UnsafeSvgError):
        judge_svg(svg(inside))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_doctype_is_refused_in_any_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE svg [<!ENTITY a "b">]><svg {NS}/>'
    with pytest.raises(UnsafeSvgError):
        judge_svg(text.encode(encoding))


def test_stylesheet_instruction_is_refused() -> None:
    with pytest.raises(UnsafeSvgError):
        judge_svg(b'<?xml-stylesheet href="a.css"?>' + svg())


def test_drawing_that_multiplies_itself_is_refused() -> None:
    def layer(level: int) -> str:
        return f"<g id='l{level}'>" + f"<use href='#l{level - 1}'/>" * 10 + "</g>"

    layers = "".join(layer(level) for level in range(1, 10))
    with pytest.raises(UnsafeSvgError, match="shapes"):
        judge_svg(svg(f"<defs><g id='l0'><path/></g>{layers}</defs><use href='#l9'/>"))


def test_drawing_that_uses_itself_is_refused() -> None:
    with pytest.raises(UnsafeSvgError, match="itself"):
        judge_svg(svg("<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>"))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not xml",
        b"<html/>",
        b'<svg viewBox="0 0 4 3"/>',
        svg()[:-3],
        svg(attributes=""),
        svg(attributes='width="-5" height="nan"'),
        svg(attributes='width="1e400" height="1e400"'),
        svg(attributes='viewBox="0 0 1.2.3 4"'),
        svg(attributes='viewBox="0 0 -4 -3"'),
        svg(attributes='viewBox="0 0 100000 1"'),
        b" " * (MAX_BYTES + 1),
        "<svg>\udcff</svg>".encode("utf-8", "surrogateescape"),
    ],
)
def test_broken_drawing_is_refused(raw: bytes) -> None:
    with pytest.raises(UnsafeSvgError):
        judge_svg(raw)
