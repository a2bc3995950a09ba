"""Small drawings for boards and pictures, each on its own sheet of 300 x 300 units."""

from __future__ import annotations

from studio.typeset import svg_document

SIDE = 300
OUTLINE = "#39434d"
_LINE = f'stroke="{OUTLINE}" stroke-width="7" stroke-linecap="round" stroke-linejoin="round"'


def apple(skin: str, shade: str) -> str:
    return (
        f'<path d="M150,92 C112,58 32,78 34,164 C36,238 94,282 128,276 Q150,268 172,276 C206,282 264,238 266,164 '
        f'C268,78 188,58 150,92Z" fill="{skin}"/>'
        f'<path d="M222,98 C262,132 258,214 196,268 C240,242 264,206 266,164 C267,132 248,106 222,98Z" fill="{shade}"/>'
        '<path d="M76,124 q-20,24 -12,62" stroke="#ffffff" stroke-opacity="0.6" stroke-width="13" fill="none" '
        'stroke-linecap="round"/>'
        '<path d="M150,96 q-2,-40 16,-58" stroke="#6a4528" stroke-width="11" fill="none" stroke-linecap="round"/>'
        '<path d="M158,62 q34,-46 84,-30 q-30,44 -84,30Z" fill="#5b9a3f"/>'
    )


def ice() -> str:
    """A cube of ice in its own puddle."""
    return (
        '<ellipse cx="150" cy="246" rx="132" ry="30" fill="#7fb9de"/>'
        f'<path d="M70,110 L150,76 L230,110 L230,214 L150,252 L70,214Z" fill="#d9eefb" {_LINE}/>'
        '<path d="M70,110 L150,146 L150,252 L70,214Z" fill="#b4daf2"/>'
        f'<path d="M70,110 L150,146 L230,110 M150,146 V252" fill="none" {_LINE}/>'
        '<path d="M178,160 v40 M98,138 v30" stroke="#ffffff" stroke-width="9" stroke-linecap="round"/>'
    )


def steam() -> str:
    """Boiling water: a pot with vapour."""
    vapour = "".join(
        f'<path d="M{x},96 q-18,-22 0,-42 q18,-20 0,-40" fill="none" stroke="#8aa5b5" stroke-width="10" '
        'stroke-linecap="round"/>'
        for x in (100, 150, 200)
    )
    return (
        vapour
        + f'<path d="M58,130 H242 V232 Q242,262 212,262 H88 Q58,262 58,232Z" fill="#e6eef2" {_LINE}/>'
        + '<path d="M62,172 Q105,156 150,172 T238,172 V230 Q238,258 210,258 H90 Q62,258 62,230Z" fill="#7fb9de"/>'
        + f'<path d="M40,130 H260 M242,170 h26 v26 h-26 M58,170 h-26 v26 h26" fill="none" {_LINE}/>'
    )


def candle() -> str:
    return (
        '<circle cx="150" cy="80" r="66" fill="#ffe3a0" opacity="0.7"/>'
        f'<path d="M112,142 H188 V256 H112Z" fill="#f3ead3" {_LINE}/>'
        '<path d="M116,146 H184 V164 Q176,196 168,164 Q150,150 142,178 Q134,192 128,162 L116,160Z" fill="#ffffff"/>'
        f'<path d="M150,142 V112" fill="none" {_LINE}/>'
        '<path d="M150,18 C182,62 186,84 176,104 Q150,130 124,104 C114,84 126,60 150,18Z" fill="#f08a24"/>'
        '<path d="M150,58 C166,82 168,94 160,106 Q150,116 140,106 C132,94 138,80 150,58Z" fill="#ffd95e"/>'
        f'<path d="M70,258 H230" fill="none" {_LINE}/>'
    )


def nail() -> str:
    """An iron nail, half of it rusty."""
    return (
        '<g transform="rotate(38 150 150)">'
        f'<path d="M136,60 H164 V232 L150,272 L136,232Z" fill="#aeb8c1" {_LINE}/>'
        '<path d="M139,138 q13,-12 22,2 V230 L150,266 L139,230Z" fill="#b5632b"/>'
        '<circle cx="146" cy="178" r="5" fill="#8a4216"/><circle cx="155" cy="206" r="5" fill="#8a4216"/>'
        f'<rect x="104" y="34" width="92" height="28" rx="8" fill="#aeb8c1" {_LINE}/></g>'
    )


def beaker(liquid: str, *, sediment: str = "", gas: bool = False, smell: bool = False, warm: bool = False) -> str:
    """A glass with a liquid, and one sign of a reaction in it."""
    inside = f'<path d="M80,150 H220 V246 Q220,264 202,264 H98 Q80,264 80,246Z" fill="{liquid}"/>'
    if sediment:
        inside += (
            f'<path d="M80,226 Q115,208 150,224 T220,222 V246 Q220,264 202,264 H98 Q80,264 80,246Z" fill="{sediment}"/>'
        )
        inside += "".join(
            f'<circle cx="{x}" cy="{y}" r="6" fill="{sediment}"/>'
            for x, y in ((110, 182), (146, 196), (188, 176), (168, 206))
        )
    if gas:
        inside += "".join(
            f'<circle cx="{x}" cy="{y}" r="{r}" fill="#ffffff" stroke="#5f8fb0" stroke-width="4"/>'
            for x, y, r in (
                (112, 236, 9),
                (150, 212, 11),
                (186, 238, 9),
                (126, 182, 12),
                (176, 172, 12),
                (150, 120, 13),
                (116, 92, 11),
                (184, 88, 12),
                (150, 52, 13),
            )
        )
    if smell:
        inside += "".join(
            f'<path d="M{x},124 q-16,-18 0,-36 q16,-18 0,-36" fill="none" stroke="#7c6aa8" stroke-width="9" '
            'stroke-linecap="round"/>'
            for x in (112, 150, 188)
        )
    glass = f'<path d="M66,96 H80 V246 Q80,264 98,264 H202 Q220,264 220,246 V96 H234" fill="none" {_LINE}/>'
    if not warm:
        return inside + glass
    rays = "".join(
        f'<path d="M{x1},{y1} L{x2},{y2}" stroke="#e0761b" stroke-width="10" stroke-linecap="round"/>'
        for x1, y1, x2, y2 in (
            (150, 76, 150, 34),
            (106, 84, 82, 46),
            (194, 84, 218, 46),
            (52, 170, 22, 160),
            (248, 170, 278, 160),
        )
    )
    return inside + glass + rays


_BODIES = {
    "apple-red.svg": apple("#d7352f", "#b4231f"),
    "apple-green.svg": apple("#86b93a", "#6a9a25"),
    "ice.svg": ice(),
    "steam.svg": steam(),
    "candle.svg": candle(),
    "nail.svg": nail(),
    "still.svg": beaker("#e9eef0", sediment="#ffffff"),
    "gas.svg": beaker("#bfe0f2", gas=True),
    "sediment.svg": beaker("#bfe0f2", sediment="#2f6fb3"),
    "colour.svg": beaker("#c2427a"),
    "smell.svg": beaker("#e6dca6", smell=True),
    "warm.svg": beaker("#f4c48a", warm=True),
}

BOARD_DRAWINGS = {name: svg_document(body, SIDE, SIDE) for name, body in _BODIES.items()}
"""File name -> SVG, for boards and pictures to place with `image`."""
