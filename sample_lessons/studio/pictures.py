"""Drawings of the lessons: SVG sources, also placed on the boards."""

from __future__ import annotations

from pathlib import Path

from studio.typeset import svg_document

SANS = 'font-family="Noto Sans, sans-serif"'
INK = "#14284f"


def parabolas() -> str:
    """Three parabolas against the x axis: two roots, one root, none (lesson kk-8-algebra-quadratic)."""
    cases = (
        ("D &gt; 0", "екі түбір", 2.2, (-1.48, 1.48), "#0b6e4f"),
        ("D = 0", "бір түбір", 0.0, (0.0,), "#8a4b08"),
        ("D &lt; 0", "түбір жоқ", -1.3, (), "#a31d2d"),
    )
    parts = ['<rect width="1920" height="1080" fill="#fbfaf5"/>']
    for number, (sign, roots, depth, crossings, colour) in enumerate(cases):
        parts.append(_parabola(340 + 620 * number, sign, roots, depth, crossings, colour))
    return svg_document("".join(parts), 1920, 1080)


def _parabola(cx: int, sign: str, roots: str, depth: float, crossings: tuple[float, ...], colour: str) -> str:
    unit, axis = 100, 620
    points = [(step / 20, (step / 20) ** 2 - depth) for step in range(-60, 61)]
    path = " ".join(
        f"{cx + unit * x:.1f},{axis - unit * y:.1f}" for x, y in points if -2.6 <= y <= 4.1
    )
    dots = "".join(
        f'<circle cx="{cx + unit * x:.0f}" cy="{axis}" r="15" fill="#fbfaf5" stroke="{colour}" stroke-width="8"/>'
        for x in crossings
    )
    label = f'{SANS} text-anchor="middle" fill="{colour}"'
    return (
        f'<g stroke="{INK}" stroke-width="6" fill="{INK}" stroke-linejoin="round">'
        f'<path d="M{cx - 262},{axis} H{cx + 262}" fill="none"/><path d="M{cx + 270},{axis} l-24,-13 v26Z"/>'
        f'<path d="M{cx},{axis + 262} V{axis - 412}" fill="none"/><path d="M{cx},{axis - 420} l-13,24 h26Z"/></g>'
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="11" stroke-linejoin="round" '
        f'stroke-linecap="round"/>{dots}'
        f'<text x="{cx + 264}" y="{axis + 62}" {SANS} font-size="52" font-style="italic" fill="{INK}" text-anchor="middle">x</text>'
        f'<text x="{cx + 44}" y="{axis - 378}" {SANS} font-size="52" font-style="italic" fill="{INK}" text-anchor="middle">y</text>'
        f'<text x="{cx}" y="130" {label} font-size="84" font-weight="bold">{sign}</text>'
        f'<text x="{cx}" y="980" {label} font-size="64" font-weight="bold">{roots}</text>'
    )


def board_drawings() -> dict[str, str]:
    """File name -> SVG of the small drawings that boards place with `image`."""
    return {}


def write_pictures(lesson: str, media: Path) -> None:
    """The picture files that the lesson's script names."""
    if lesson == "kk-8-algebra-quadratic":
        (media / "parabolas.svg").write_text(parabolas(), encoding="utf-8")
