"""The drawn teacher: a calm, flat figure whose mouth, eyes and pointing arm move.

Units are pixels at 1080 lines, edges in multiples of three: whole pixels at 720 lines too.
The sheet is WIDTH x HEIGHT, its lower edge is the frame's lower edge.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 759, 900
HEAD_BOX = (291, 42, 609, 420)
"""Where the head is drawn: left, top, right, bottom. The pointing arm never enters it."""

CENTRE = 450
_HEAD_DROP = 34


@dataclass(frozen=True, slots=True)
class Look:
    """How one teacher looks. Colours as #rrggbb."""

    hair: str = "#2b211f"
    hair_style: str = "bun"
    skin: str = "#e9b992"
    skin_shade: str = "#d49c74"
    jacket: str = "#1f4e79"
    jacket_shade: str = "#173b5c"
    shirt: str = "#f3efe6"
    accent: str = "#d9a441"
    glasses: bool = False
    lips: str = "#b5544f"
    tie: str | None = None


def body(look: Look, raised: float) -> str:
    """SVG of torso and arms; `raised` runs from 0 (arm at rest) to 1 (hand at the board)."""
    behind = f'<g transform="translate(0 {_HEAD_DROP})">{_hair_behind(look)}</g>'
    return "".join([behind, _neck(look), _torso(look), _book_arm(look), _pointing_arm(look, raised)])


def head(look: Look, mouth: int, lids: int, aside: bool) -> str:
    """SVG of the head: `mouth` from closed (0) to wide open (3), `lids` from open (0) to shut (2).

    `aside` turns the eyes to the board.
    """
    cx = CENTRE
    face = (
        f'<path d="M{cx - 98},210 C{cx - 104},70 {cx + 104},70 {cx + 98},210 C{cx + 98},300 {cx + 62},362 {cx},366 '
        f'C{cx - 62},362 {cx - 98},300 {cx - 98},210Z" fill="{look.skin}"/>'
    )
    ears = "".join(
        f'<ellipse cx="{cx + side * 99}" cy="238" rx="17" ry="27" fill="{look.skin}"/>'
        f'<path d="M{cx + side * 103},226 q{side * 6},12 {-side * 4},24" stroke="{look.skin_shade}" '
        'stroke-width="4" fill="none" stroke-linecap="round"/>'
        for side in (-1, 1)
    )
    cheeks = "".join(
        f'<ellipse cx="{cx + side * 62}" cy="278" rx="21" ry="13" fill="#df8a74" opacity="0.32"/>' for side in (-1, 1)
    )
    nose = (
        f'<path d="M{cx - 4},232 q-9,26 -11,32 q4,8 17,6" stroke="{look.skin_shade}" stroke-width="5" '
        'fill="none" stroke-linecap="round" stroke-linejoin="round"/>'
    )
    brows = "".join(
        f'<path d="M{cx + side * 68},190 q{-side * 24},-15 {-side * 48},-4" stroke="{look.hair}" '
        f'stroke-width="{8 if look.hair_style == "short" else 6}" fill="none" stroke-linecap="round"/>'
        for side in (-1, 1)
    )
    eyes = "".join(_eye(look, cx + side * 43, lids, aside) for side in (-1, 1))
    features = ears + face + cheeks + nose + brows + eyes + _glasses(look) + _mouth(look, mouth) + _hair_in_front(look)
    return f'<g transform="translate(0 {_HEAD_DROP})">{features}</g>'


def _eye(look: Look, cx: int, lids: int, aside: bool) -> str:
    cy = 224
    if lids == 2:
        return (
            f'<path d="M{cx - 19},{cy + 3} q19,10 38,0" stroke="#3a2a26" stroke-width="5" fill="none" '
            'stroke-linecap="round"/>'
        )
    opening = 15 if lids == 0 else 8
    shift = -6 if aside else 0
    return (
        f'<clipPath id="e{cx}"><ellipse cx="{cx}" cy="{cy}" rx="20" ry="{opening}"/></clipPath>'
        f'<ellipse cx="{cx}" cy="{cy}" rx="20" ry="{opening}" fill="#fbf8f3"/>'
        f'<g clip-path="url(#e{cx})"><circle cx="{cx + shift}" cy="{cy}" r="13" fill="#4a2f22"/>'
        f'<circle cx="{cx + shift}" cy="{cy}" r="6.5" fill="#1c1210"/>'
        f'<circle cx="{cx + shift + 5}" cy="{cy - 5}" r="3.6" fill="#fbf8f3"/></g>'
        f'<path d="M{cx - 21},{cy - opening + 9} Q{cx},{cy - opening - 7} {cx + 21},{cy - opening + 9}" '
        'stroke="#2f221f" stroke-width="5.5" fill="none" stroke-linecap="round"/>'
    )


def _mouth(look: Look, shape: int) -> str:
    cx, cy = CENTRE, 312
    if shape == 0:
        return (
            f'<path d="M{cx - 30},{cy - 3} Q{cx},{cy + 17} {cx + 30},{cy - 3}" stroke="{look.lips}" '
            'stroke-width="6.5" fill="none" stroke-linecap="round"/>'
        )
    half, drop = ((27, 13), (28, 22), (25, 32))[shape - 1]
    outline = (
        f"M{cx - half},{cy - 3} Q{cx},{cy - 7} {cx + half},{cy - 3} Q{cx + half - 4},{cy + drop} {cx},{cy + drop} "
        f"Q{cx - half + 4},{cy + drop} {cx - half},{cy - 3}Z"
    )
    return (
        f'<clipPath id="m"><path d="{outline}"/></clipPath><path d="{outline}" fill="#6b2426"/>'
        f'<g clip-path="url(#m)"><rect x="{cx - half}" y="{cy - 9}" width="{2 * half}" height="12" fill="#f6f1ea"/>'
        f'<ellipse cx="{cx}" cy="{cy + drop + 4}" rx="{half - 9}" ry="{max(7, drop // 2)}" fill="#c8665f"/></g>'
        f'<path d="{outline}" fill="none" stroke="{look.lips}" stroke-width="5" stroke-linejoin="round"/>'
    )


def _glasses(look: Look) -> str:
    if not look.glasses:
        return ""
    frames = "".join(
        f'<rect x="{CENTRE + side * 44 - 35}" y="197" width="70" height="54" rx="20" fill="#ffffff" '
        'fill-opacity="0.13" stroke="#3b3b45" stroke-width="5"/>'
        for side in (-1, 1)
    )
    bridge = f'<path d="M{CENTRE - 9},214 q9,-8 18,0" stroke="#3b3b45" stroke-width="5" fill="none"/>'
    temples = "".join(
        f'<path d="M{CENTRE + side * 79},214 L{CENTRE + side * 98},208" stroke="#3b3b45" stroke-width="5"/>'
        for side in (-1, 1)
    )
    return frames + bridge + temples


def _hair_behind(look: Look) -> str:
    cx = CENTRE
    if look.hair_style == "short":
        return ""
    if look.hair_style == "bob":
        return (
            f'<path d="M{cx},78 C{cx - 150},70 {cx - 158},230 {cx - 128},392 Q{cx},412 {cx + 128},392 '
            f'C{cx + 158},230 {cx + 150},70 {cx},78Z" fill="{look.hair}"/>'
        )
    return f'<circle cx="{cx}" cy="84" r="56" fill="{look.hair}"/>'


def _hair_in_front(look: Look) -> str:
    cx = CENTRE
    if look.hair_style == "short":
        return (
            f'<path d="M{cx - 107},222 C{cx - 128},92 {cx - 40},72 {cx + 8},80 C{cx + 96},74 {cx + 124},130 '
            f"{cx + 107},222 Q{cx + 98},178 {cx + 78},160 Q{cx + 6},168 {cx - 52},138 Q{cx - 92},168 "
            f'{cx - 107},222Z" fill="{look.hair}"/>'
        )
    sheen = (
        f'<path d="M{cx - 64},124 Q{cx - 20},96 {cx + 30},98" stroke="#ffffff" stroke-opacity="0.13" '
        'stroke-width="9" fill="none" stroke-linecap="round"/>'
    )
    if look.hair_style == "bob":
        fringe = (
            f"M{cx - 122},300 C{cx - 148},120 {cx - 90},78 {cx},78 C{cx + 90},78 {cx + 148},120 {cx + 122},300 "
            f"Q{cx + 112},210 {cx + 84},168 Q{cx + 10},170 {cx - 34},136 Q{cx - 62},170 {cx - 88},180 "
            f"Q{cx - 112},220 {cx - 122},300Z"
        )
        return f'<path d="{fringe}" fill="{look.hair}"/>' + sheen
    parting = (
        f"M{cx - 108},232 C{cx - 122},110 {cx - 62},82 {cx},82 C{cx + 62},82 {cx + 122},110 {cx + 108},232 "
        f"Q{cx + 92},150 {cx - 22},126 Q{cx - 92},152 {cx - 108},232Z"
    )
    studs = "".join(f'<circle cx="{cx + side * 101}" cy="271" r="6.5" fill="{look.accent}"/>' for side in (-1, 1))
    return f'<path d="{parting}" fill="{look.hair}"/>' + sheen + studs


def _neck(look: Look) -> str:
    cx = CENTRE
    return (
        f'<path d="M{cx - 42},330 L{cx - 46},436 Q{cx},500 {cx + 46},436 L{cx + 42},330Z" fill="{look.skin}"/>'
        f'<path d="M{cx - 43},360 Q{cx},420 {cx + 43},360 L{cx + 44},392 Q{cx},450 {cx - 44},392Z" '
        f'fill="{look.skin_shade}" opacity="0.75"/>'
    )


def _torso(look: Look) -> str:
    cx = CENTRE
    jacket = (
        f"M{cx - 46},420 C{cx - 120},440 {cx - 176},452 {cx - 190},520 L{cx - 168},900 L{cx + 168},900 "
        f"L{cx + 190},520 C{cx + 176},452 {cx + 120},440 {cx + 46},420 L{cx},470Z"
    )
    shirt = f"M{cx - 48},418 L{cx},486 L{cx + 48},418 L{cx + 66},470 L{cx},690 L{cx - 66},470Z"
    lapels = "".join(
        f'<path d="M{cx + side * 50},414 L{cx + side * 96},456 L{cx + side * 92},540 L{cx + side * 58},534 '
        f'L{cx},700 L{cx},660 L{cx + side * 30},520Z" fill="{look.jacket_shade}"/>'
        for side in (-1, 1)
    )
    collar = "".join(
        f'<path d="M{cx},484 L{cx + side * 50},412 L{cx + side * 66},446 L{cx + side * 26},512Z" fill="{look.shirt}" '
        'stroke="#cfc8ba" stroke-width="3" stroke-linejoin="round"/>'
        for side in (-1, 1)
    )
    front = f'<path d="M{cx},690 L{cx},900" stroke="{look.jacket_shade}" stroke-width="5"/>'
    buttons = "".join(f'<circle cx="{cx + 15}" cy="{y}" r="8" fill="{look.accent}"/>' for y in (724, 804))
    return (
        f'<path d="{jacket}" fill="{look.jacket}"/><path d="{shirt}" fill="{look.shirt}"/>'
        + _tie(look)
        + lapels
        + collar
        + front
        + buttons
        + _brooch(look)
    )


def _tie(look: Look) -> str:
    if look.tie is None:
        return ""
    cx = CENTRE
    return (
        f'<path d="M{cx - 15},486 L{cx + 15},486 L{cx + 11},514 L{cx + 17},600 L{cx},640 L{cx - 17},600 '
        f'L{cx - 11},514Z" fill="{look.tie}"/>'
    )


def _brooch(look: Look) -> str:
    if look.hair_style == "short":
        return ""
    x, y = CENTRE - 72, 496
    petals = "".join(
        f'<circle cx="{x + dx}" cy="{y + dy}" r="9" fill="{look.accent}"/>'
        for dx, dy in ((0, -11), (11, 0), (0, 11), (-11, 0))
    )
    return petals + f'<circle cx="{x}" cy="{y}" r="7" fill="#fbf4df"/>'


def _book_arm(look: Look) -> str:
    cx = CENTRE
    shoulder, elbow, wrist = (cx + 152, 522), (cx + 186, 742), (cx + 62, 792)
    book = (
        f'<g transform="rotate(-8 {cx + 30} 790)"><rect x="{cx - 44}" y="716" width="118" height="152" rx="8" '
        f'fill="{look.accent}"/><rect x="{cx - 44}" y="716" width="18" height="152" rx="8" fill="#00000028"/>'
        f'<rect x="{cx - 10}" y="744" width="64" height="12" rx="6" fill="#ffffff" opacity="0.75"/>'
        f'<rect x="{cx - 10}" y="766" width="44" height="9" rx="4" fill="#ffffff" opacity="0.55"/></g>'
    )
    fingers = "".join(
        f'<path d="M{cx + 52},{776 + 15 * step} l-34,{-4 + step}" stroke="{look.skin}" stroke-width="17" '
        'stroke-linecap="round"/>'
        for step in range(4)
    )
    palm = f'<ellipse cx="{cx + 64}" cy="798" rx="30" ry="35" fill="{look.skin}"/>'
    return book + _sleeve(look, shoulder, elbow, wrist) + _cuff(look, elbow, wrist) + palm + fingers


def _pointing_arm(look: Look, raised: float) -> str:
    """Shoulder stays; elbow and wrist travel from rest (beside the body) to the board."""
    cx = CENTRE
    shoulder = (cx - 152, 522)
    elbow = _between((cx - 188, 730), (cx - 246, 662), raised)
    wrist = _between((cx - 158, 900), (cx - 352, 556), raised)
    reach_x, reach_y = wrist[0] - elbow[0], wrist[1] - elbow[1]
    length = (reach_x**2 + reach_y**2) ** 0.5
    ux, uy = reach_x / length, reach_y / length
    px, py = wrist[0] + 26 * ux, wrist[1] + 26 * uy
    palm = f'<circle cx="{px:.1f}" cy="{py:.1f}" r="31" fill="{look.skin}"/>'
    tip_x, tip_y = px + 76 * ux, py + 76 * uy
    index = (
        f'<path d="M{px:.1f},{py:.1f} L{tip_x:.1f},{tip_y:.1f}" stroke="{look.skin}" stroke-width="18" '
        'stroke-linecap="round"/>'
    )
    folded = "".join(
        f'<circle cx="{px + 20 * ux + across * -uy:.1f}" cy="{py + 20 * uy + across * ux:.1f}" r="10.5" '
        f'fill="{look.skin_shade}"/>'
        for across in (16, 0)
    )
    thumb = (
        f'<path d="M{px + 8 * uy:.1f},{py - 8 * ux:.1f} l{18 * ux + 24 * uy:.1f},{18 * uy - 24 * ux:.1f}" '
        f'stroke="{look.skin}" stroke-width="17" stroke-linecap="round"/>'
    )
    return _sleeve(look, shoulder, elbow, wrist) + _cuff(look, elbow, wrist) + thumb + index + palm + folded


Point = tuple[float, float]


def _between(rest: Point, reach: Point, part: float) -> Point:
    return (rest[0] + (reach[0] - rest[0]) * part, rest[1] + (reach[1] - rest[1]) * part)


def _sleeve(look: Look, shoulder: Point, elbow: Point, wrist: Point) -> str:
    line = f"M{shoulder[0]:.1f},{shoulder[1]:.1f} L{elbow[0]:.1f},{elbow[1]:.1f} L{wrist[0]:.1f},{wrist[1]:.1f}"
    common = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
    return (
        f'<path d="{line}" stroke="{look.jacket_shade}" stroke-width="86" {common}/>'
        f'<path d="{line}" stroke="{look.jacket}" stroke-width="76" {common}/>'
    )


def _cuff(look: Look, elbow: Point, wrist: Point) -> str:
    reach_x, reach_y = wrist[0] - elbow[0], wrist[1] - elbow[1]
    length = (reach_x**2 + reach_y**2) ** 0.5
    ux, uy = reach_x / length, reach_y / length
    return (
        f'<path d="M{wrist[0] - 8 * ux:.1f},{wrist[1] - 8 * uy:.1f} l{22 * ux:.1f},{22 * uy:.1f}" '
        f'stroke="{look.shirt}" stroke-width="62" stroke-linecap="butt"/>'
    )
