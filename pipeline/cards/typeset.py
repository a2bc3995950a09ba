"""Sets cards and name captions in type: pixels, the sizes taken, and everything that is wrong with them."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cards.letters import missing_letters
from pipeline.cards.pictures import Picture, take_in
from pipeline.cards.sheet import families_of, plate_sheet, sheet_of, shown_words
from pipeline.cards.theme import load_theme
from pipeline.errors import InternalError, LessonError, Place, Problem
from pipeline.specs import fonts_folder
from pipeline.timeline.model import Card

if TYPE_CHECKING:
    from typst import Compiler, Fonts

_CARD, _CAPTION, _CREDIT = "card.typ", "caption.typ", "credit.typ"
_SHEET = "sheet.json"
"""What the templates read."""


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
            found = self._text_problems(_CARD, sheet, card.data["grade"], card.place)
        except LessonError as error:
            return list(error.problems)
        return found + [
            Problem(
                "cards.picture-small",
                card.place,
                {"name": file.name, "width": picture.width, "height": picture.height},
                "warning",
            )
            for file in card.pictures.values()
            if (picture := self._taken(file, card.place)).is_soft
        ]

    def fit(self, card: Card) -> Fit:
        """The type sizes a card takes. Raises LessonError for a picture or address that cannot be shown."""
        return self._fit(_CARD, self._sheet(card, 0, 0), card.place)

    def key(self, card: Card, step: int = 0, steps: int = 0) -> str:
        """A digest of everything that shapes the pixels of `png` with the same arguments, scale aside.

        A card that `problems` finds unfit for the screen has a key too, of its words.
        """
        try:
            return self._key(_CARD, self._sheet(card, step, steps))
        except LessonError as error:
            codes = [problem.code for problem in error.problems]
            return self._key(_CARD, {"kind": card.kind, "data": card.data, "unfit": codes})

    def png(self, card: Card, step: int = 0, steps: int = 0, scale: float = 1.0) -> bytes:
        """The card, 1920 x 1080 pixels at scale 1; `step` of `steps` stretches of the time bar are over.

        Raises LessonError for a picture or address that cannot be shown.
        """
        return self._draw(_CARD, self._sheet(card, step, steps, drawn=True), scale, card.place)

    def caption_problems(self, name: str, post: str | None, *, grade: int, family: str, place: Place) -> list[Problem]:
        """Letters the fonts lack, and a name or post too long for its plate."""
        return self._text_problems(_CAPTION, self._named(name, post, grade, family), grade, place)

    def caption_key(self, name: str, post: str | None, *, grade: int, family: str) -> str:
        """A digest of everything that shapes the pixels of `caption`."""
        return self._key(_CAPTION, self._named(name, post, grade, family))

    def caption(self, name: str, post: str | None, *, grade: int, family: str) -> CaptionPicture:
        """The teacher's name (concept A3) on a plate at the lower left of the graphics-safe area."""
        return self._plate(_CAPTION, self._named(name, post, grade, family), self.theme.caption_bottom)

    def credit_problems(self, credit: str, *, grade: int, family: str, place: Place) -> list[Problem]:
        """Letters the fonts lack, and a source too long for two lines."""
        return self._text_problems(_CREDIT, self._credited(credit, grade, family), grade, place)

    def credit_key(self, credit: str, *, grade: int, family: str) -> str:
        """A digest of everything that shapes the pixels of `credit`."""
        return self._key(_CREDIT, self._credited(credit, grade, family))

    def credit(self, credit: str, *, grade: int, family: str) -> CaptionPicture:
        """The source of a borrowed clip (order-121 §41) on a plate at the foot of the graphics-safe area."""
        return self._plate(_CREDIT, self._credited(credit, grade, family), self.theme.safe["bottom"])

    # Sheets --------------------------------------------------------------------------------------

    def _sheet(self, card: Card, step: int, steps: int, *, drawn: bool = False) -> dict[str, Any]:
        return sheet_of(card, self.theme, self._taken, step, steps, drawn=drawn)

    def _named(self, name: str, post: str | None, grade: int, family: str) -> dict[str, Any]:
        return plate_sheet(self.theme, {"name": name, "post": post}, grade, family)

    def _credited(self, credit: str, grade: int, family: str) -> dict[str, Any]:
        return plate_sheet(self.theme, {"credit": credit}, grade, family)

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

    def _text_problems(self, entry: str, sheet: dict[str, Any], grade: int, place: Place) -> list[Problem]:
        found = missing_letters(shown_words(sheet), families_of(self.theme, grade), place)
        return found + list(_overflows(self._fit(entry, sheet, place), place))

    # The typesetting engine ----------------------------------------------------------------------

    @cached_property
    def _compilers(self) -> dict[str, Compiler]:
        import typst

        self._root.mkdir(parents=True, exist_ok=True)
        for template in self.theme.templates:
            shutil.copyfile(template, self._root / template.name)
        return {
            entry: typst.Compiler(str(self._root / entry), root=str(self._root), font_paths=_fonts())
            for entry in (_CARD, _CAPTION, _CREDIT)
        }

    def _fit(self, entry: str, sheet: dict[str, Any], place: Place | None) -> Fit:
        key = self._key(entry, sheet)
        if key not in self._fits:
            with self._lock:
                # The coarsest raster: only the layout is wanted, and the query finds it made already.
                self._compile(entry, sheet, 1, place)
                notes = json.loads(self._compilers[entry].query("<fit>", field="value"))
            self._fits[key] = Fit(tuple(_block(each) for each in notes))
        return self._fits[key]

    def _draw(self, entry: str, sheet: dict[str, Any], scale: float, place: Place | None) -> bytes:
        with self._lock:
            drawn = self._compile(entry, sheet, 72 * scale, place)
        if not isinstance(drawn, bytes):
            raise InternalError.of("cards.pages", place, kind=sheet.get("kind", entry))
        return drawn

    def _plate(self, entry: str, sheet: dict[str, Any], bottom: int) -> CaptionPicture:
        from PIL import Image

        png = self._draw(entry, sheet, 1.0, None)
        with Image.open(io.BytesIO(png)) as picture:
            width, height = picture.size
        return CaptionPicture(png, self.theme.safe["left"], bottom - height, width, height)

    def _compile(
        self, entry: str, sheet: dict[str, Any], ppi: float, place: Place | None
    ) -> bytes | list[bytes] | None:
        """Lay out and draw. Call with the lock held. Raises LessonError when typst refuses the sheet's picture."""
        import typst

        compiler = self._compilers[entry]
        # As a file, not as an input of the compiler: with other inputs it would lay out everything anew, also what the
        # last card had as well.
        (self._root / _SHEET).write_text(json.dumps(sheet, ensure_ascii=False), encoding="utf-8")
        try:
            return compiler.compile(format="png", ppi=ppi)
        except typst.TypstError as error:
            picture = sheet.get("picture")
            if picture is not None and any(word in error.message.lower() for word in ("svg", "image")):
                name = next(file.name for (file, *_), taken in self._pictures.items() if taken.path == picture["path"])
                raise LessonError.of("cards.picture-unreadable", place, name=name, reason=error.message) from error
            raise InternalError.of("cards.typesetting", place, reason=error.message) from error


@cache
def _fonts() -> Fonts:
    """Only our own fonts, so that every machine draws the same pixels."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts_folder())])


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
