"""Card -> sheet: exactly the data that shapes a card's pixels, ready for the templates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.cards.letters import can_show
from pipeline.cards.links import QrCode, qr_code, readable
from pipeline.cards.pictures import Picture
from pipeline.cards.theme import Theme
from pipeline.errors import LessonError, Place
from pipeline.timeline.model import Card

TakeIn = Callable[[Path, Place], Picture]
MakeCode = Callable[[str, int], QrCode | None]
"""The QR code of an address with so many pixels a side at the most."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_GREETING = re.compile(r"(?P<greeting>[^.!?…]{1,40}!)\s+(?P<rest>\S.*)", re.DOTALL)


def sheet_of(
    card: Card, theme: Theme, take_in: TakeIn, step: int, steps: int, *, drawn: bool = False
) -> dict[str, Any]:
    """Everything a template reads. `step` of `steps` stretches of the part's time are over (0: none yet).

    QR codes have their squares only in a sheet that is to be `drawn`; a key and a layout need address and size.
    Raises LessonError for a picture that cannot be shown or an address too long for a QR code.
    """
    data = normal(card.data)
    sheet = _frame(theme, data["grade"], data["subject"]["family"]) | {
        "kind": card.kind,
        "language": data["language"],
        "grade_text": data["grade_text"],
        "subject": data["subject"]["name"],
        "part": data["part"],
        "item": data["item"],
        "step": step,
        "steps": steps,
    }
    return sheet | _content(card, data, theme, take_in, partial(_code, theme, drawn=drawn))


def plate_sheet(theme: Theme, said: Mapping[str, str | None], grade: int, family: str) -> dict[str, Any]:
    """What the templates of plates over footage read: the name caption, the source of a clip."""
    return _frame(theme, grade, family) | {"language": "kk"} | {key: normal(words) for key, words in said.items()}


def shown_words(sheet: dict[str, Any]) -> Any:
    """The part of a sheet that is letters on screen."""
    keys = (
        "grade_text",
        "subject",
        "topic",
        "teacher",
        "title",
        "text",
        "formula",
        "credit",
        "greeting",
        "name",
        "post",
    )
    shown = [sheet.get(key) for key in keys]
    shown += [sheet["part"]["name"]] if "part" in sheet else []
    return shown + [[item["title"], item["note"], item["shown"]] for item in sheet.get("items", [])]


def families_of(theme: Theme, grade: int) -> tuple[str, ...]:
    """The fonts tried in turn for a grade."""
    return (theme.body_font(grade), str(theme.fonts["math"]))


def normal(data: Any) -> Any:
    """Data with every string in composed form (NFC), the form in which fonts have letters."""
    if isinstance(data, str):
        return unicodedata.normalize("NFC", data)
    if isinstance(data, list):
        return [normal(each) for each in data]
    if isinstance(data, dict):
        return {key: normal(value) for key, value in data.items()}
    return data


def _frame(theme: Theme, grade: int, family: str) -> dict[str, Any]:
    look = {
        "canvas": theme.canvas,
        "safe": theme.safe,
        "fonts": theme.fonts,
        "sizes": theme.sizes,
        "palette": theme.palette(family),
    }
    return {"theme": look, "font": theme.body_font(grade), "early": theme.is_early(grade)}


def _content(card: Card, data: dict[str, Any], theme: Theme, take_in: TakeIn, make_code: MakeCode) -> dict[str, Any]:
    if card.kind == "title":
        return {"topic": data["topic"], "teacher": data.get("teacher")}
    if card.kind in {"slide", "picture"}:
        picture = data.get("picture")
        shown = take_in(card.pictures[picture], card.place).data(theme.picture["enlarge"]) if picture else None
        texts = {key: data.get(key) for key in ("title", "text", "formula")} if card.kind == "slide" else {}
        return texts | {"picture": shown, "credit": data.get("credit")}
    if card.kind in {"question", "exercise"}:
        return {"text": data["text"]}
    if card.kind == "closing":
        return _greeted(data["text"])
    return _references(data, theme, card.place, make_code)


def _greeted(text: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """The closing message with its first short exclamation apart ("Dear children!"), a sentence a paragraph."""
    first = text[0][0].get("t", "")
    match = _GREETING.fullmatch(first)
    if match is None:
        return {"greeting": None, "text": text}
    sentences = [[text[0][0] | {"t": sentence}] for sentence in _SENTENCE_END.split(match["rest"])]
    sentences[-1] += text[0][1:]
    return {"greeting": match["greeting"], "text": sentences + text[1:]}


def _references(data: dict[str, Any], theme: Theme, place: Place, make_code: MakeCode) -> dict[str, Any]:
    families = families_of(theme, data["grade"])
    items = data["items"]
    urls = [item["url"] for item in items]
    arrangement, codes = _arranged(urls, theme, make_code)
    shown = []
    for item, code in zip(items, codes, strict=True):
        if code is None:
            fields = {"url": item["url"], "length": len(item["url"].encode())}
            raise LessonError.of("cards.url-too-long", place, **fields)
        address = readable(item["url"], lambda letter: can_show(letter, families))
        said = {"title": item["title"], "note": item.get("note"), "url": item["url"], "shown": address}
        shown.append(said | {"qr": code.data()})
    return {"items": shown, "arrangement": arrangement}


def _arranged(urls: list[str], theme: Theme, make_code: MakeCode) -> tuple[str, list[QrCode | None]]:
    """Where the codes stand on a card: as usual, or, for long addresses, where they have more room."""
    usual, roomy = ("one", "large") if len(urls) == 1 else ("rows", "columns")
    limits = theme.qr["side"]
    codes = [make_code(url, limits[usual]) for url in urls]
    if None not in codes:
        return usual, codes
    codes = [make_code(url, limits[roomy]) for url in urls]
    if roomy == "columns" and None not in codes:
        # Under each code stand words, which need what room the codes can spare.
        least = max(len(code.rows) for code in codes if code) * int(theme.qr["module"])
        codes = [make_code(url, least) for url in urls]
    return roomy, codes


def _code(theme: Theme, url: str, limit: int, *, drawn: bool) -> QrCode | None:
    return qr_code(url, limit, theme.qr["module"], theme.qr["quiet"], drawn=drawn)
