"""Sets cards and name captions in type: pixels, the sizes taken, and everything that is wrong with them."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cards.letters import missing_letters
from pipeline.cards.pictures import Picture, take_in
from pipeline.cards.sheet import caption_sheet, families_of, sheet_of, shown_words
from pipeline.cards.theme import load_theme
from pipeline.errors import InternalError, LessonError, Place, Problem
from pipeline.specs import fonts_folder
from pipeline.timeline.model import Card

if TYPE_CHECKING:
    from typst import Compiler

_CARD, _CAPTION = "card.typ", "caption.typ"


@dataclass(frozen=True, slots=True)
class BlockFit:
    """How a block of text came out. All in pixels of a 1920 x 1080 frame.

    `over_width` and `over_height` tell how far it still reaches beyond its room at the floor size.
    """

    name: str
    size_px: int
    floor_px: int
    over_width: int
    over_height: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Fit:
    """The type sizes of a card."""

    blocks: tuple[BlockFit, ...]

    @property
    def size_px(self) -> int | None:
        """The smallest size that a block of text took; None for a card without such text."""
        return min((block.size_px for block in self.blocks), default=None)

    @property
    def overflow_px(self) -> int:
        """The farthest that any block reaches beyond its room; 0 when all fits."""
        return max((max(block.over_width, block.over_height) for block in self.blocks), default=0)


@dataclass(frozen=True, slots=True)
class CaptionPicture:
    """A see-through PNG and where it stands on a 1920 x 1080 frame, in pixels."""

    png: bytes
    x: int
    y: int
    width: int
    height: int


class Typesetter:
    """Typesets with one theme. `work` is a private folder: templates and pictures are laid out in it.

    Safe to call from several threads; they wait for each other.
    """

    def __init__(self, theme: str | None, work: Path) -> None:
        self.theme = load_theme(theme)
        self._root = work
        self._lock = threading.Lock()
        self._pictures: dict[tuple[Path, int, int], Picture] = {}
        self._fits: dict[str, Fit] = {}

    def problems(self, card: Card) -> list[Problem]:
        """Everything that keeps a card from the screen, and soft pictures as warnings; at `card.place`."""
        try:
            sheet = self._sheet(card, 0, 0)
        except LessonError as error:
            return list(error.problems)
        found = missing_letters(shown_words(sheet), families_of(self.theme, card.data["grade"]), card.place)
        try:
            found += _overflows(self._fit(_CARD, sheet), card.place)
        except LessonError as error:
            return found + [Problem(each.code, card.place, each.fields) for each in error.problems]
        return found + [
            self._soft(file, card.place) for file in card.pictures.values() if self._taken(file, card.place).is_soft
        ]

    def fit(self, card: Card) -> Fit:
        """The type sizes a card takes. Raises LessonError for a picture or address that cannot be shown."""
        return self._fit(_CARD, self._sheet(card, 0, 0))

    def key(self, card: Card, step: int = 0, steps: int = 0) -> str:
        """A digest of everything that shapes the pixels of `png` with the same arguments, scale aside."""
        return self._key(_CARD, self._sheet(card, step, steps))

    def png(self, card: Card, step: int = 0, steps: int = 0, scale: float = 1.0) -> bytes:
        """The card, 1920 x 1080 pixels at scale 1; `step` of `steps` stretches of the time bar are over."""
        return self._draw(_CARD, self._sheet(card, step, steps), scale)

    def caption_problems(self, name: str, post: str | None, *, grade: int, family: str, place: Place) -> list[Problem]:
        """Letters the fonts lack, and a name or post too long for its plate."""
        sheet = caption_sheet(self.theme, name, post, grade, family)
        found = missing_letters(shown_words(sheet), families_of(self.theme, grade), place)
        return found + list(_overflows(self._fit(_CAPTION, sheet), place))

    def caption_key(self, name: str, post: str | None, *, grade: int, family: str) -> str:
        """A digest of everything that shapes the pixels of `caption`."""
        return self._key(_CAPTION, caption_sheet(self.theme, name, post, grade, family))

    def caption(self, name: str, post: str | None, *, grade: int, family: str) -> CaptionPicture:
        """The teacher's name (concept A3) on a plate at the lower left of the graphics-safe area."""
        from PIL import Image

        png = self._draw(_CAPTION, caption_sheet(self.theme, name, post, grade, family), 1.0)
        with Image.open(io.BytesIO(png)) as picture:
            width, height = picture.size
        return CaptionPicture(png, self.theme.safe["left"], self.theme.caption_bottom - height, width, height)

    # The typesetting engine ----------------------------------------------------------------------

    @cached_property
    def _compilers(self) -> dict[str, Compiler]:
        import typst

        self._root.mkdir(parents=True, exist_ok=True)
        for template in self.theme.templates:
            shutil.copyfile(template, self._root / template.name)
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts_folder())])
        return {
            entry: typst.Compiler(str(self._root / entry), root=str(self._root), font_paths=fonts)
            for entry in (_CARD, _CAPTION)
        }

    def _draw(self, entry: str, sheet: dict[str, Any], scale: float) -> bytes:
        drawn = self._compile(entry, sheet, 72 * scale)
        if not isinstance(drawn, bytes):
            raise InternalError.of("cards.pages", kind=sheet.get("kind", entry))
        return drawn

    def _fit(self, entry: str, sheet: dict[str, Any]) -> Fit:
        key = self._key(entry, sheet)
        if key not in self._fits:
            with self._lock:
                # The coarsest raster: only the layout is wanted, and the query below finds it made already.
                self._compile_unlocked(entry, sheet, 1)
                notes = json.loads(self._compilers[entry].query("<fit>", field="value"))
            self._fits[key] = Fit(tuple(_block(each) for each in notes))
        return self._fits[key]

    def _compile(self, entry: str, sheet: dict[str, Any], ppi: float) -> bytes | list[bytes] | None:
        with self._lock:
            return self._compile_unlocked(entry, sheet, ppi)

    def _compile_unlocked(self, entry: str, sheet: dict[str, Any], ppi: float) -> bytes | list[bytes] | None:
        import typst

        try:
            return self._compilers[entry].compile(
                format="png", ppi=ppi, sys_inputs={"sheet": json.dumps(sheet, ensure_ascii=False)}
            )
        except typst.TypstError as error:
            picture = sheet.get("picture")
            if picture is not None and picture["path"] in error.diagnostic + error.message:
                raise LessonError.of("cards.picture-unreadable", name="", reason=error.message) from error
            raise InternalError.of("cards.typesetting", reason=error.diagnostic or error.message) from error

    def _sheet(self, card: Card, step: int, steps: int) -> dict[str, Any]:
        return sheet_of(card, self.theme, self._taken, step, steps)

    def _key(self, entry: str, sheet: dict[str, Any]) -> str:
        said = json.dumps([self.theme.digest, entry, sheet], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    def _taken(self, file: Path, place: Place) -> Picture:
        try:
            facts = file.stat()
        except OSError:
            return take_in(file, self._root, place)
        known = (file, facts.st_size, facts.st_mtime_ns)
        if known not in self._pictures:
            self._pictures[known] = take_in(file, self._root, place)
        return self._pictures[known]

    def _soft(self, file: Path, place: Place) -> Problem:
        picture = self._taken(file, place)
        fields = {"name": file.name, "width": picture.width, "height": picture.height}
        return Problem("cards.picture-small", place, fields, "warning")


def _block(note: dict[str, Any]) -> BlockFit:
    return BlockFit(
        name=note["name"],
        size_px=int(note["size"]),
        floor_px=int(note["floor"]),
        over_width=int(note["over_width"]),
        over_height=int(note["over_height"]),
        width=int(note["width"]),
        height=int(note["height"]),
    )


def _overflows(fit: Fit, place: Place) -> Iterator[Problem]:
    for block in fit.blocks:
        if block.over_height:
            percent = -(-100 * block.over_height // block.height)
            fields = {"size": block.floor_px, "over": block.over_height, "percent": percent}
            yield Problem("cards.text-too-long", place, fields)
        if block.over_width:
            percent = -(-100 * block.over_width // block.width)
            fields = {"size": block.floor_px, "over": block.over_width, "percent": percent}
            yield Problem("cards.word-too-wide", place, fields)
