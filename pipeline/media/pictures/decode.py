"""Decodes a picture to its last row, strictly: what a viewer would quietly patch up is a flaw here."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipeline.media.pictures.formats import Format
from pipeline.media.pictures.jpeg import coefficients
from pipeline.media.pictures.layout import Flaw, Layout, Raw

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

GRID = (48, 36)
"""Pixels of a frame as the screening for flashes needs it."""

_COLOURS = {"grey": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
_STRAY = re.compile(r"(\d+) extraneous bytes before marker")
_MOST_STRAY = 16
"""Bytes between segments: cameras pad, and every decoder steps over it."""


def decode_jpeg(raw: Raw, layout: Layout) -> Flaw | None:
    """The flaw of a JPEG's packed data; None when it is whole. All of it is read, at an eighth of the size drawn.

    A layout whose only flaw is its missing end is judged as if the end were there.
    """
    import simplejpeg

    def draw(*, strict: bool) -> str:
        try:
            simplejpeg.decode_jpeg(
                data, _COLOURS[layout.mode], min_height=1, min_width=1, min_factor=8, strict=strict, fastdct=True
            )
        except ValueError as error:
            return str(error)
        return ""

    data: Any = raw if isinstance(raw, bytes) else memoryview(raw)
    if layout.flaw is not None:
        data = raw[:] + b"\xff\xd9"
    complaint = draw(strict=True)
    stray = _STRAY.search(complaint)
    if layout.flaw is not None and coefficients(raw):
        # A progressive JPEG shows all its rows from the first; what is missing is how sharp they are.
        return Flaw("cut-off", layout.flaw.what)
    if not complaint or (stray and int(stray[1]) <= _MOST_STRAY):
        return layout.flaw
    if layout.flaw is not None:
        return Flaw("cut-off", layout.flaw.what)
    if "remature end of JPEG" in complaint:
        return Flaw("cut-off", "scan")
    # A complaint that only the strict reading has is a warning; most of them are about harmless oddities.
    if complaint.startswith("Corrupt JPEG data") or draw(strict=False):
        return Flaw("damaged", complaint.removeprefix("Corrupt JPEG data: "))
    return None


def decode_frames(raw: Raw, sort: Format, count: int, grids: list[NDArray[np.uint8]]) -> Flaw | None:
    """The flaw of an animation's frames; None when all `count` are whole. Puts a small copy of each into `grids`."""
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        # Pillow warns of large pictures and odd metadata; the limits of the rules decide.
        warnings.simplefilter("ignore")
        try:
            with Image.open(_opened(raw), formats=[sort]) as picture:
                for each in _frames(picture, count):
                    grids.append(_grid(each))  # noqa: PERF401  # what was drawn before a flaw is kept
        except EOFError:
            return Flaw("cut-off", f"frame {len(grids) + 1}")
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, IndexError, KeyError, TypeError) as error:
            # Pillow's readers raise all of these for broken files.
            cut = "truncated" in str(error)
            return Flaw("cut-off" if cut else "damaged", f"frame {len(grids) + 1}" if count > 1 else "LZW")
    return None


def thumbnail(raw: Raw, sort: Format, box: tuple[int, int]) -> bytes:
    """A small JPEG of a picture's first frame, on white. Raises what Pillow raises for broken files."""
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(_opened(raw), formats=[sort]) as picture:
            picture.draft("RGB", box)
            picture.load()
            small = _on_white(picture)
            small.thumbnail(box, Image.Resampling.BILINEAR)
            small = ImageOps.exif_transpose(small)
            small.thumbnail(box)
    small.info.clear()
    written = io.BytesIO()
    small.save(written, "JPEG", quality=70, optimize=True)
    return written.getvalue()


def _opened(raw: Raw) -> Any:
    if isinstance(raw, bytes):
        return io.BytesIO(raw)
    raw.seek(0)
    return raw


def _frames(picture: Image.Image, count: int) -> Iterator[Image.Image]:
    for number in range(count):
        picture.seek(number)
        picture.load()
        yield picture


def _grid(frame: Image.Image) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import Image

    if frame.mode not in {"RGB", "RGBA"}:
        frame = frame.convert("RGBA" if "transparency" in frame.info else "RGB")
    # Made small first: paper under few pixels costs nothing.
    return np.asarray(_on_white(frame.resize(GRID, Image.Resampling.BOX, reducing_gap=1.0)), dtype=np.uint8)


def _on_white(picture: Image.Image) -> Image.Image:
    """As RGB, on the paper that a page or a card puts under it."""
    from PIL import Image

    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda level: level / 257).convert("L")
    if picture.mode not in {"RGBA", "LA", "PA"} and "transparency" not in picture.info:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    paper = Image.new("RGB", clear.size, "white")
    paper.paste(clear, mask=clear.getchannel("A"))
    return paper
