"""Takes an author's picture in: opened with care, turned upright, made sRGB, no larger than the screen."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cards.svg import UnsafeSvgError, judge_svg
from pipeline.errors import LessonError, Place
from pipeline.media.pictures.formats import nature, other_picture, picture_format

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES = 100_000_000
"""order-121 §45 1): a picture file is at most 100 MB."""
MAX_PIXELS = 100_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
SCREEN = (1920, 1080)
SOFT_BELOW = (640, 360)
"""A picture smaller than this both ways looks soft on a TV set."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the templates use it: its path from typst's root and its size in pixels."""

    path: str
    width: int
    height: int
    clear: bool
    """See-through somewhere, so it needs paper under it."""
    drawn: bool
    """Vector: sharp at any size."""

    @property
    def is_soft(self) -> bool:
        return not self.drawn and self.width < SOFT_BELOW[0] and self.height < SOFT_BELOW[1]

    def data(self, enlarge: float) -> dict[str, Any]:
        """What `picture-box` reads; a drawing may grow without limit."""
        grow = max(SCREEN) if self.drawn else enlarge
        return {
            "path": self.path,
            "width": self.width,
            "height": self.height,
            "clear": self.clear,
            "enlarge": grow,
        }


def take_in(file: Path, root: Path, place: Place) -> Picture:
    """Copy a picture under `root` (typst's) in a form that is safe to draw, named by its content.

    Raises LessonError at `place` when it cannot be read, is too large, or is an SVG with more than shapes in it.
    """
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise LessonError.of("cards.picture-too-large", place, name=file.name, limit=f"{MAX_BYTES // 1_000_000} MB")
        raw = file.read_bytes()
    except OSError as error:
        raise _unreadable(file, place, error) from error
    if file.suffix.lower() == ".svg":
        return _take_drawing(raw, file, root, place)
    return _take_raster(raw, file, root, place)


def _take_drawing(raw: bytes, file: Path, root: Path, place: Place) -> Picture:
    try:
        wide, high = judge_svg(raw)
    except UnsafeSvgError as unsafe:
        raise LessonError.of("cards.svg-refused", place, name=file.name, found=str(unsafe)) from unsafe
    path = _keep(raw, "svg", root)
    scale = SCREEN[0] / wide
    return Picture(path, SCREEN[0], max(1, round(high * scale)), clear=True, drawn=True)


def _take_raster(raw: bytes, file: Path, root: Path, place: Place) -> Picture:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures and odd metadata; our own limit below decides.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    limit = f"{MAX_PIXELS // 1_000_000} Mpx"
                    raise LessonError.of("cards.picture-too-large", place, name=file.name, limit=limit)
                picture = _upright_srgb(opened)
    except Image.DecompressionBombError as error:
        limit = f"{MAX_PIXELS // 1_000_000} Mpx"
        raise LessonError.of("cards.picture-too-large", place, name=file.name, limit=limit) from error
    except UnidentifiedImageError as error:
        raise _no_picture(raw, file, place) from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise _unreadable(file, place, error) from error
    width, height = picture.size
    clear = picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] != 255
    if picture.mode == "RGBA" and not clear:
        picture = picture.convert("RGB")
    written = io.BytesIO()
    picture.save(written, "PNG", compress_level=1)
    return Picture(_keep(written.getvalue(), "png", root), width, height, clear=clear, drawn=False)


def _upright_srgb(opened: Image.Image) -> Image.Image:
    from PIL import Image, ImageOps

    opened.draft("RGB", SCREEN)
    opened.load()
    profile = opened.info.get("icc_profile")
    picture = ImageOps.exif_transpose(opened)
    if picture.mode in {"I;16", "I;16L", "I;16B", "I"}:
        picture = picture.convert("I").point(lambda level: level / 257).convert("L")
    see_through = "A" in picture.getbands() or "transparency" in picture.info
    if picture.mode in {"P", "PA", "LA", "1", "F"} or see_through:
        picture = picture.convert("RGBA" if see_through else "RGB")
    picture = _to_srgb(picture, profile)
    if picture.width > SCREEN[0] or picture.height > SCREEN[1]:
        picture.thumbnail(SCREEN, Image.Resampling.LANCZOS)
    picture.info.clear()
    return picture


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    from PIL import ImageCms

    target = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=target)
            if turned is not None:
                return turned
        except (ImageCms.PyCMSError, OSError, ValueError):
            # A profile that does not fit its picture: the plain conversion is what every viewer shows.
            pass
    return picture.convert(target)


def _keep(content: bytes, kind: str, root: Path) -> str:
    name = f"{hashlib.sha256(content).hexdigest()}.{kind}"
    folder = root / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / name
    if not target.exists():
        partial = folder / f"{name}.{os.getpid()}.part"
        partial.write_bytes(content)
        partial.replace(target)
    return f"/pictures/{name}"


def _no_picture(raw: bytes, file: Path, place: Place) -> LessonError:
    """What the library says of such a file is nothing that a teacher could use."""
    head = raw[:65_536]
    found = picture_format(head) or other_picture(head) or nature(head)
    code = "cards.picture-unknown" if found == "?" else "cards.picture-is-other"
    return LessonError.of(code, place, name=file.name, found=found)


def _unreadable(file: Path, place: Place, error: Exception) -> LessonError:
    return LessonError.of("cards.picture-unreadable", place, name=file.name, reason=str(error) or type(error).__name__)
