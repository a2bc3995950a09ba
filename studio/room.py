"""The classroom: wall, ornament, board frame, and what stands on the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from studio.typeset import Pixels, draw, typeset

WIDTH, HEIGHT = 1920, 1080
BOARD = (111, 84, 1209, 765)
"""Writing area: left, top, right, bottom. It ends above the zone of the name caption.

All multiples of three, so that the edges fall on whole pixels at 720 lines too."""


@dataclass(frozen=True, slots=True)
class Surface:
    """Colours of a board: ground, frame, writing, emphasis."""

    ground: str
    frame: str
    ink: str
    accent: str


SURFACES: Mapping[str, Surface] = {
    "chalk": Surface("#1d4a3c", "#a9774a", "#f2f2ea", "#ffd885"),
    "panel": Surface("#f4f5f1", "#39434d", "#14284f", "#a33a12"),
}


@cache
def empty_room(surface: str, scale: float) -> Pixels:
    """RGB pixels of the room with an empty board."""
    colours = SURFACES[surface]
    left, top, right, bottom = BOARD
    frieze = "".join(_horns(60 + 120 * step, 32) for step in range(16))
    body = (
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#dfe8e4"/>'
        f'<rect width="{WIDTH}" height="64" fill="#cfdeda"/><rect y="64" width="{WIDTH}" height="4" fill="#b9cdc8"/>'
        f"{frieze}"
        f'<rect y="856" width="{WIDTH}" height="224" fill="#c8d6d2"/>'
        f'<rect y="846" width="{WIDTH}" height="14" fill="#eef2ee"/>'
        f'<rect y="860" width="{WIDTH}" height="4" fill="#b0c3be"/>'
        f'<rect x="{left - 12}" y="{top + 2}" width="{right - left + 40}" height="{bottom - top + 36}" rx="10" '
        'fill="#00000018"/>'
        f'<rect x="{left - 20}" y="{top - 20}" width="{right - left + 40}" height="{bottom - top + 40}" rx="10" '
        f'fill="{colours.frame}"/>'
        f'<rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" fill="{colours.ground}"/>'
        f'<rect x="{left - 4}" y="{bottom + 20}" width="{right - left + 8}" height="14" rx="6" fill="{colours.frame}"/>'
    )
    return draw(body, WIDTH, HEIGHT, scale)[..., :3]


def board(markup: str, shown: int, surface: str, font: str, drawings: Mapping[str, str], scale: float) -> Pixels:
    """RGB pixels of the writing area with everything up to step `shown` on it.

    In the markup `#at(n)[...]` appears at step n and keeps its place before that;
    `#mark[...]` is emphasis.
    """
    colours = SURFACES[surface]
    left, top, right, bottom = BOARD
    prelude = f"""
#set page(width: {right - left}pt, height: {bottom - top}pt, margin: (x: 44pt, y: 30pt), fill: rgb("{colours.ground}"))
#set text(font: ("{font}", "Noto Sans Math"), size: 54pt, fill: rgb("{colours.ink}"), fallback: true)
#set par(leading: 0.5em, spacing: 0.72em)
#show math.equation: set text(font: "Noto Sans Math", size: 1.2em)
#let accent = rgb("{colours.accent}")
#let ink = rgb("{colours.ink}")
#let mark(body) = text(fill: accent, weight: "bold", body)
#let title(body) = block(below: 0.75em, text(fill: accent, weight: "bold", size: 60pt, body))
#let at(step, body) = if step <= {shown} {{ body }} else {{ hide(body) }}
"""
    return typeset(prelude + markup, scale, drawings)[..., :3]


def _horns(x: int, y: int) -> str:
    """A ram's-horn curl, the commonest figure of Kazakh ornament."""
    curls = "".join(
        f'<path d="M{x},{y + 18} c{side * 22},0 {side * 34},-18 {side * 34},-22 '
        f'c0,-16 {-side * 20},-16 {-side * 20},0" '
        'fill="none" stroke="#7fa39b" stroke-width="5" stroke-linecap="round"/>'
        for side in (-1, 1)
    )
    return curls + f'<path d="M{x},{y + 2} l7,-9 l-7,-9 l-7,9Z" fill="#7fa39b"/>'
