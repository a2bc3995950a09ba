"""Vector drawings and boards to pixels, through Typst: sharp edges, real formulas, the project's own fonts."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

FONTS = Path(__file__).resolve().parents[1] / "assets" / "fonts"

Pixels = npt.NDArray[np.uint8]


def typeset(markup: str, scale: float = 1.0, drawings: Mapping[str, str] | None = None) -> Pixels:
    """RGBA pixels (height, width, 4) of a one-page document, one pixel a point times `scale`.

    `drawings` maps file names to SVG text that the markup may place with `image`.
    Raises ValueError where the text does not fit on one page.
    """
    import typst
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        for name, svg in (drawings or {}).items():
            (Path(folder) / name).write_text(svg, encoding="utf-8")
        page = Path(folder) / "page.typ"
        page.write_text(markup, encoding="utf-8")
        pages = typst.compile(
            str(page), root=folder, font_paths=[str(FONTS)], ignore_system_fonts=True, format="png", ppi=72 * scale
        )
    sheets = [pages] if isinstance(pages, bytes) else pages
    if len(sheets) > 1:
        raise ValueError(f"more than one sheet: {markup[-200:]}")
    return np.asarray(Image.open(io.BytesIO(sheets[0])).convert("RGBA"))


def draw(svg_body: str, width: int, height: int, scale: float = 1.0) -> Pixels:
    """RGBA pixels of SVG elements on a transparent sheet of `width` x `height` units."""
    markup = f'#set page(width: {width}pt, height: {height}pt, margin: 0pt, fill: none)\n#image("d.svg", width: 100%)'
    return typeset(markup, scale, {"d.svg": svg_document(svg_body, width, height)})


def svg_document(body: str, width: int, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{body}</svg>'
    )


def over(top: Pixels, under: Pixels) -> Pixels:
    """`top` (RGBA) laid over `under` (RGB) of the same size."""
    alpha = top[..., 3:].astype(np.uint16)
    mixed = top[..., :3] * alpha + under * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)
