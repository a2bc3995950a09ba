"""A picture as a subject: a photograph, a drawing, an animation (C1)."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipeline.checks.subject import Blocked, NotApplicable, NotRun, Subject
from pipeline.media.pictures.decode import decode_frames, decode_jpeg, thumbnail
from pipeline.media.pictures.formats import Format, picture_format
from pipeline.media.pictures.gif import walk_gif
from pipeline.media.pictures.hidden import Hidden, further_pictures, hidden_in
from pipeline.media.pictures.jpeg import coefficients, walk_jpeg
from pipeline.media.pictures.layout import Flaw, Layout, Raw
from pipeline.media.pictures.personal import Personal, personal_data
from pipeline.media.pictures.png import PngWalk
from pipeline.media.pictures.svg import Drawing, read_svg

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT, WHOLE, BOMB, MODE, HIDDEN, ENTITIES = "PIC-001", "PIC-004", "PIC-005", "PIC-008", "PIC-010", "PIC-014"
"""Rules that keep others from being judged."""

MOST_PIXELS = 100_000_000
MOST_CANVAS = 25_000_000
"""Of an animation: three copies of its canvas are at work at once."""
MOST_FRAMES = 2_000
MOST_FRAME_PIXELS = 1_000_000_000
"""What a decoder of ours is ever given. The limits of PIC-005 may ask for less, not for more."""
_MOST_COEFFICIENTS = 380_000_000
_MAPPED_FROM = 8_000_000
_BEFORE_TEXT, _MOST_REMARKS = b"\xef\xbb\xbf \t\r\n", 4_000_000
_THUMBNAIL, _MOST_DRAWN_SMALL = (160, 120), 40_000_000


class PictureSubject(Subject):
    """One picture file; every fact is measured once."""

    @cached_property
    def raw(self) -> Raw:
        """The bytes; a large file is mapped, so that no more of it than needed is in memory."""
        if self.size < _MAPPED_FROM:
            return self.path.read_bytes()
        with self.path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    @cached_property
    def beginning(self) -> bytes:
        """The head; of a text more, since remarks of any length may stand before the drawing."""
        if self.head.lstrip(_BEFORE_TEXT)[:1] != b"<" or self.size <= len(self.head):
            return self.head
        return self.raw[:_MOST_REMARKS]

    @cached_property
    def format(self) -> Format:
        """By content. Raises Blocked for anything else than the four formats of the order."""
        found = picture_format(self.beginning)
        if found is None:
            raise Blocked(FORMAT)
        return found

    @cached_property
    def layout(self) -> Layout:
        """Of a raster picture; drawings have none."""
        if self.format == "SVG":
            raise NotApplicable
        if self.format == "PNG":
            return self._png.layout
        return walk_jpeg(self.raw) if self.format == "JPEG" else walk_gif(self.raw)

    @cached_property
    def _png(self) -> PngWalk:
        return PngWalk(self.raw)

    @property
    def measured(self) -> Layout:
        """The layout of a picture whose header says how large it is."""
        if not (self.layout.width and self.layout.height):
            raise Blocked(WHOLE)
        if self.layout.flaw is not None and self.hidden:
            raise Blocked(HIDDEN)
        return self.layout

    @property
    def animated(self) -> Layout:
        """The layout of a picture that moves."""
        if self.format == "SVG" or self.measured.frames < 2:
            raise NotApplicable
        return self.measured

    @cached_property
    def drawing(self) -> Drawing:
        """Of an SVG. Raises NotApplicable for photographs."""
        if self.format != "SVG":
            raise NotApplicable
        return read_svg(self.raw if isinstance(self.raw, bytes) else self.raw[:])

    @property
    def read_drawing(self) -> Drawing:
        """A drawing that was read on to its end, or to where it is no longer XML."""
        if self.drawing.halted:
            raise Blocked(ENTITIES)
        return self.drawing

    @cached_property
    def flaw(self) -> Flaw | None:
        """What keeps the picture from being whole, decoded to its last row; None when nothing does."""
        layout = self.layout
        if layout.flaw is not None and self.hidden:
            # A script that begins like a picture is told as what it is.
            raise Blocked(HIDDEN)
        if layout.flaw is not None and (layout.flaw.sort != "no-end" or not layout.frame_pixels):
            return layout.flaw
        self._guard(layout)
        if self.format == "JPEG":
            return decode_jpeg(self.raw, layout)
        flaw = self._png.unpack() if self.format == "PNG" else None
        if flaw is None and (layout.frames > 1 or self.format == "GIF"):
            flaw = decode_frames(self.raw, self.format, layout.frames, self._grids)
        return flaw or layout.flaw

    @cached_property
    def _grids(self) -> list[NDArray[np.uint8]]:
        return []

    @property
    def frames(self) -> list[NDArray[np.uint8]]:
        """Every frame of an animation, small. Raises Blocked when they do not all decode."""
        if self.flaw is not None:
            raise Blocked(WHOLE)
        return self._grids

    def _guard(self, layout: Layout) -> None:
        """Raises Blocked or NotRun before a decoder is given more than it should hold."""
        moving = layout.frames > 1
        if (
            layout.width * layout.height > (MOST_CANVAS if moving else MOST_PIXELS)
            or layout.frames > MOST_FRAMES
            or (moving and layout.frame_pixels > MOST_FRAME_PIXELS)
        ):
            raise Blocked(BOMB)
        if self.format == "JPEG":
            if layout.exotic or layout.bits != 8:
                raise Blocked(MODE)
            if coefficients(self.raw) > _MOST_COEFFICIENTS:
                raise NotRun("too-large")
        elif layout.exotic:
            raise Blocked(MODE)

    @cached_property
    def _further(self) -> list[Layout]:
        """The pictures behind the first one of a JPEG."""
        return further_pictures(self.raw, self.layout)

    @cached_property
    def hidden(self) -> list[Hidden]:
        """What the file holds that is no picture."""
        if self.format == "SVG":
            return hidden_in(self.raw, None)
        return hidden_in(self.raw, self.layout, self._further)

    @cached_property
    def personal(self) -> list[Personal]:
        """What the file tells about people in its metadata."""
        return personal_data([note for each in (self.layout, *self._further) for note in each.notes or ()])

    def thumbnail(self) -> bytes:
        """A JPEG of at most 160 x 120 pixels; empty for drawings and for pictures too large to draw in passing."""
        if self.format == "SVG" or not 0 < self.layout.width * self.layout.height <= _MOST_DRAWN_SMALL:
            return b""
        return thumbnail(self.raw, self.format, _THUMBNAIL)

    def facts(self) -> Mapping[str, Any]:
        """Format, and what is known of width, height, mode, bits, frames and seconds."""
        known = vars(self)
        if "format" not in known:
            return {}
        facts: dict[str, Any] = {"format": self.format}
        drawing: Drawing | None = known.get("drawing")
        if drawing is not None and drawing.size:
            facts |= {"width": round(drawing.size[0], 2), "height": round(drawing.size[1], 2)}
        layout: Layout | None = known.get("layout")
        if layout is not None and layout.width and layout.height:
            facts |= {"width": layout.width, "height": layout.height, "mode": layout.mode, "bits": layout.bits}
            if layout.durations:
                facts |= {"frames": layout.frames, "seconds": round(sum(layout.durations) / 1000, 2)}
        return facts
