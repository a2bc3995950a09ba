"""Judging a hostile SVG before the typesetter draws it."""

from __future__ import annotations

from pipeline.media.pictures.svg import MOST_STYLES, read_svg

MAX_BYTES = 10_000_000
MAX_SHAPES = 100_000
"""Elements after every <use> is followed: a small file can ask for millions."""
MAX_CHAIN = 100
MAX_RATIO = 100


class UnsafeSvgError(Exception):
    """Carries a short reason: the thing found."""


def judge_svg(raw: bytes) -> tuple[float, float]:
    """The size an SVG asks for (CSS pixels). Raises UnsafeSvgError for programs, outside references, and bombs."""
    if len(raw) > MAX_BYTES:
        raise UnsafeSvgError(f"> {MAX_BYTES // 1_000_000} MB")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnsafeSvgError("not UTF-8") from error
    drawing = read_svg(raw, "utf-8")
    for each in drawing.features:
        # A link is not followed by the typesetter; everything else a film does without.
        if each.sort != "link":
            raise UnsafeSvgError(each.what)
    if drawing.error:
        raise UnsafeSvgError(f"XML: {drawing.error}: {drawing.line}:{drawing.column}")
    if drawing.styles > MOST_STYLES:
        raise UnsafeSvgError(f"> {MOST_STYLES} characters of CSS")
    if drawing.endless:
        raise UnsafeSvgError("<use> of itself")
    if drawing.chain > MAX_CHAIN:
        raise UnsafeSvgError("<use> too deep")
    if drawing.shapes > MAX_SHAPES:
        raise UnsafeSvgError(f"> {MAX_SHAPES} shapes")
    if drawing.size is None or max(drawing.size) > MAX_RATIO * min(drawing.size):
        raise UnsafeSvgError("no size")
    return drawing.size
