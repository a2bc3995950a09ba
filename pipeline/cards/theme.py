"""A theme: colours by subject family, sizes and places, and the card templates beside them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import Place, SpecError, UsageError
from pipeline.specs import fonts_folder, load_yaml, specs_folder

DEFAULT_THEME = "telesabaq"

COLOURS = ("ground", "panel", "ornament", "ink", "soft", "accent", "paper", "dark")
"""What a palette names. Text is set in ink, soft and accent on ground or panel, in dark on paper."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Theme:
    """One folder of specs/themes. Lengths in pixels of a 1920 x 1080 frame."""

    id: str
    folder: Path
    canvas: Mapping[str, int]
    safe: Mapping[str, int]
    fonts: Mapping[str, Any]
    sizes: Mapping[str, Any]
    picture: Mapping[str, Any]
    qr: Mapping[str, Any]
    caption_bottom: int
    """Where the name caption's plate ends, from the frame's top."""
    palettes: Mapping[str, Mapping[str, str]]
    digest: str
    """Changes with any file of the theme, any font, and the typesetter's version."""

    @property
    def templates(self) -> list[Path]:
        return sorted(self.folder.glob("*.typ"))

    def palette(self, family: str) -> Mapping[str, str]:
        """The colours of a subject family. Raises SpecError for a family the theme does not know."""
        if family not in self.palettes:
            raise SpecError.of("cards.no-palette", Place(f"{self.id}/theme.yaml"), family=family, theme=self.id)
        return self.palettes[family]

    def is_early(self, grade: int) -> bool:
        """Whether a grade reads the letters made for beginners."""
        return grade <= int(self.fonts["early_until"])

    def body_font(self, grade: int) -> str:
        return str(self.fonts["early" if self.is_early(grade) else "body"])


@cache
def load_theme(name: str | None = None) -> Theme:
    """The theme called `name`; templates are programs, so only our own folder is looked in.

    Raises UsageError when there is no such theme, SpecError when its file does not hold together.
    """
    wanted = name or DEFAULT_THEME
    themes = specs_folder() / "themes"
    folder = themes / wanted
    if not _NAME.fullmatch(wanted) or not (folder / "theme.yaml").is_file():
        known = ", ".join(sorted(path.parent.name for path in themes.glob("*/theme.yaml")))
        raise UsageError.of("cards.unknown-theme", name=wanted, known=known)
    raw = load_yaml(folder / "theme.yaml")
    try:
        return Theme(
            id=raw["id"],
            folder=folder,
            canvas=raw["canvas"],
            safe=raw["safe"],
            fonts=raw["fonts"],
            sizes=raw["sizes"],
            picture=raw["picture"],
            qr=raw["qr"],
            caption_bottom=raw["caption_bottom"],
            palettes={
                family: {colour: palette[colour] for colour in COLOURS} for family, palette in raw["palettes"].items()
            },
            digest=_digest(folder),
        )
    except (KeyError, TypeError) as error:
        raise SpecError.of("spec.incomplete", Place(f"{wanted}/theme.yaml"), missing=str(error)) from error


def _digest(folder: Path) -> str:
    running = hashlib.sha256(version("typst").encode())
    for path in [*sorted(folder.iterdir()), *sorted(fonts_folder().glob("*.ttf"))]:
        running.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return running.hexdigest()
