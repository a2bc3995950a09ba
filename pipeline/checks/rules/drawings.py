"""Drawings: pictures in SVG (order-121 §45 1), C1), which a browser runs like a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.checks.picture import PictureSubject
from pipeline.checks.registry import Limits, rule
from pipeline.errors import Place
from pipeline.media.pictures.svg import Feature
from pipeline.reports.model import Finding

_HOST = re.compile(r"(?:xml:base=)?(?:(?:https?|ftp|wss?):|//|\\\\)", re.IGNORECASE)


@rule("PIC-011")
def well_formed(picture: PictureSubject, _: Limits) -> Iterator[Finding]:
    """Project policy: the drawing is XML that a browser reads to the end, with <svg> of the SVG namespace on top."""
    drawing = picture.read_drawing
    if drawing.error:
        yield Finding(
            variant="" if drawing.fault == "markup" else drawing.fault,
            measured=drawing.error,
            place=Place(picture.task.file.shown, drawing.line, drawing.column),
            fields={"line": drawing.line, "column": drawing.column},
        )


@rule("PIC-012")
def runs_nothing(picture: PictureSubject, _: Limits) -> Iterator[Finding]:
    """Project policy: no script, event handler, page or address that runs code in a drawing, nor anything packed in
    it that is no picture or font.
    """
    for each in picture.read_drawing.having("program", "page", "smuggled"):
        yield _told(picture, each, "" if each.sort == "program" else each.sort)


@rule("PIC-013")
def needs_nothing_from_outside(picture: PictureSubject, _: Limits) -> Iterator[Finding]:
    """Project policy: a drawing holds all it shows. Links to click on are named, not judged."""
    for each in picture.read_drawing.having("outside", "link"):
        if each.sort == "link":
            yield Finding(variant="link", severity="note", measured=each.what, fields={"line": each.line})
        else:
            yield _told(picture, each, "" if _HOST.match(each.what) else "file")


@rule("PIC-014")
def no_entity_tricks(picture: PictureSubject, _: Limits) -> Iterator[Finding]:
    """Project policy: no entity that names a file, grows into others, or hides markup. The short names for namespaces
    that old drawing programs declare are none.
    """
    for each in picture.drawing.having("entity"):
        yield _told(picture, each)


def _told(picture: PictureSubject, feature: Feature, variant: str = "") -> Finding:
    return Finding(
        variant=variant,
        measured=feature.what,
        place=Place(picture.task.file.shown, feature.line, feature.column),
        fields={"line": feature.line, "column": feature.column},
    )
