"""Drawings of the lessons: SVG sources, also placed on the boards."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

from studio.drawings import BOARD_DRAWINGS
from studio.typeset import svg_document, typeset

SANS = 'font-family="Noto Sans, sans-serif"'
INK = "#14284f"


def parabolas() -> str:
    """Three parabolas against the x axis: two roots, one root, none (lesson kk-8-algebra-quadratic)."""
    cases = (
        ("D &gt; 0", "екі түбір", 2.2, (-1.48, 1.48), "#0b6e4f"),
        ("D = 0", "бір түбір", 0.0, (0.0,), "#8a4b08"),
        ("D &lt; 0", "нақты түбір жоқ", -1.3, (), "#a31d2d"),
    )
    parts = ['<rect width="1920" height="1080" fill="#fbfaf5"/>']
    for number, (sign, roots, depth, crossings, colour) in enumerate(cases):
        parts.append(_parabola(340 + 620 * number, sign, roots, depth, crossings, colour))
    return svg_document("".join(parts), 1920, 1080)


def _parabola(cx: int, sign: str, roots: str, depth: float, crossings: tuple[float, ...], colour: str) -> str:
    unit, axis = 100, 620
    points = [(step / 20, (step / 20) ** 2 - depth) for step in range(-60, 61)]
    path = " ".join(f"{cx + unit * x:.1f},{axis - unit * y:.1f}" for x, y in points if -2.6 <= y <= 4.1)
    dots = "".join(
        f'<circle cx="{cx + unit * x:.0f}" cy="{axis}" r="15" fill="#fbfaf5" stroke="{colour}" stroke-width="8"/>'
        for x in crossings
    )
    letter = f'{SANS} font-size="52" font-style="italic" fill="{INK}" text-anchor="middle"'
    label = f'{SANS} text-anchor="middle" fill="{colour}"'
    return (
        f'<g stroke="{INK}" stroke-width="6" fill="{INK}" stroke-linejoin="round">'
        f'<path d="M{cx - 262},{axis} H{cx + 262}" fill="none"/><path d="M{cx + 270},{axis} l-24,-13 v26Z"/>'
        f'<path d="M{cx},{axis + 262} V{axis - 412}" fill="none"/><path d="M{cx},{axis - 420} l-13,24 h26Z"/></g>'
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="11" stroke-linejoin="round" '
        f'stroke-linecap="round"/>{dots}'
        f'<text x="{cx + 264}" y="{axis + 62}" {letter}>x</text>'
        f'<text x="{cx + 44}" y="{axis - 378}" {letter}>y</text>'
        f'<text x="{cx}" y="130" {label} font-size="84" font-weight="bold">{sign}</text>'
        f'<text x="{cx}" y="980" {label} font-size="64" font-weight="bold">{roots}</text>'
    )


_SHEET = """
#set page(width: 1920pt, height: 1080pt, margin: (x: 110pt, y: 70pt), fill: rgb("#fbfaf5"))
#set text(font: ("{font}", "Noto Sans Math"), size: 60pt, fill: rgb("#14284f"), lang: "{language}")
#set par(leading: 0.5em)
"""

_SIGNS = """
#align(center, text(size: 76pt, weight: "bold")[Признаки химических реакций])
#v(20pt)
#let sign(picture, name) = align(center)[#image(picture, width: 262pt) #v(-40pt) #name]
#grid(columns: (1fr, 1fr, 1fr),
  sign("colour.svg")[изменение цвета], sign("sediment.svg")[осадок], sign("gas.svg")[газ])
#v(-6pt)
#grid(columns: (1fr, 1fr), sign("smell.svg")[запах], sign("warm.svg")[тепло и свет])
"""

_HOUSE = """
#let window(ground, ink, number) = rect(width: 100%, height: 150pt, radius: 16pt, fill: rgb(ground),
  align(center + horizon, text(size: 96pt, weight: "bold", fill: rgb(ink))[#number]))
#let apples(red, green) = box(baseline: 30%)[#{
  for _ in range(red) { box(image("apple-red.svg", width: 136pt)) }
  h(44pt)
  for _ in range(green) { box(image("apple-green.svg", width: 136pt)) }
}]
#align(center + horizon)[
  #text(size: 150pt, weight: "bold", fill: rgb("#a33a12"))[7]
  #v(-60pt)
  #grid(columns: (150pt, 150pt, auto), align: (center + horizon, center + horizon, left + horizon), row-gutter: 44pt,
    column-gutter: 20pt,
    ..((6, 1), (5, 2), (4, 3)).map(((red, green)) => (
      window("#fde3df", "#a3211d", red),
      window("#e6f2d3", "#3d6a12", green),
      h(30pt) + apples(red, green),
    )).flatten())
]
"""


def reaction_signs() -> bytes:
    """PNG: five signs of a chemical reaction (lesson ru-7-chemistry-phenomena)."""
    return _sheet(_SIGNS, "Noto Sans", "ru")


def seven_in_two_parts() -> bytes:
    """PNG: seven apples as 6 and 1, 5 and 2, 4 and 3 (lesson kk-1-mathematics-seven)."""
    return _sheet(_HOUSE, "Andika", "kk")


def _sheet(markup: str, font: str, language: str) -> bytes:
    from PIL import Image

    pixels = typeset(_SHEET.format(font=font, language=language) + markup, drawings=BOARD_DRAWINGS)
    out = io.BytesIO()
    Image.fromarray(pixels[..., :3]).quantize(256, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


PICTURES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "kk-8-algebra-quadratic": ("parabolas.svg", lambda: parabolas().encode()),
    "ru-7-chemistry-phenomena": ("reaction-signs.png", reaction_signs),
    "kk-1-mathematics-seven": ("seven.png", seven_in_two_parts),
}
"""Lesson -> its picture file and what draws it."""
