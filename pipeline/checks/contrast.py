"""How clearly one colour stands on another: the ratio of WCAG 2, from 1 (the same) to 21 (black on white)."""

from __future__ import annotations

import io

_LEAST_PIXELS = 40
"""So many pixels of a picture make a stroke that is seen; fewer are dust."""

_LEAST_PAPER = 0.02
"""The share of paper around a picture under which it covers its place by itself."""


def contrast(one: str, other: str) -> float:
    """The ratio between two colours written as "#RRGGBB"."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else float(((level + 0.055) / 1.055) ** 2.4)


def strongest_contrast_on(png: bytes, paper: str) -> float | None:
    """The strongest contrast that some visible stroke of a drawn picture has to the paper it stands on.

    None where no paper shows: the picture fills its place. `png`: a frame with the picture on its paper.
    """
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(png)) as opened:
        pixels = np.asarray(opened.convert("RGB"))
    ground = np.array([int(paper[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.uint8)
    bare = (pixels == ground).all(axis=2)
    rows, columns = np.flatnonzero(bare.any(axis=1)), np.flatnonzero(bare.any(axis=0))
    if not rows.size or bare.mean() < _LEAST_PAPER:
        return None
    sheet = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].reshape(-1, 3)
    levels = sheet / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    light = linear @ np.array([0.2126, 0.7152, 0.0722])
    own = _luminance(paper)
    ratios = (np.maximum(light, own) + 0.05) / (np.minimum(light, own) + 0.05)
    if ratios.size <= _LEAST_PIXELS:
        return None
    return float(np.partition(ratios, -_LEAST_PIXELS)[-_LEAST_PIXELS])
