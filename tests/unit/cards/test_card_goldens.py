"""How each kind of card looks, against small pictures in tests/golden/cards.

After a change that is meant to be seen, look at the new pictures and refresh them:

    pytest tests/unit/cards/test_card_goldens.py --refresh-goldens
"""

from __future__ import annotations

import io
from collections.abc import Set
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from lesson_cards import (
    closing,
    exercise,
    link,
    math,
    picture_card,
    quadratic,
    question,
    reference,
    rel,
    resource,
    roots_formula,
    said,
    slide,
    title,
    var,
    words,
)
from PIL import Image, ImageChops, ImageDraw, ImageStat

from pipeline.cards.theme import load_theme
from pipeline.cards.typeset import Typesetter
from pipeline.timeline.model import Card

FOLDER = Path(__file__).parents[2] / "golden" / "cards"
SCALE = 0.25
TOLERANCE = 0.5
"""Mean absolute difference of 8-bit levels: rounding passes, a moved or recoloured word does not."""

SHARED = {"base", "words", "fit", "ornament", "task", "reference", "card"}
"""Templates that several kinds share."""

PLATES = {"caption", "credit"}
"""Templates of plates over footage."""


def graph(folder: Path) -> Path:
    """A parabola on a see-through ground."""
    file = folder / "graph.png"
    picture = Image.new("RGBA", (1200, 900), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.line([(60, 840), (1140, 840)], fill="black", width=8)
    pen.line([(x, 800 - ((x - 600) / 22) ** 2) for x in range(120, 1081, 4)], fill="#B03020", width=14)
    picture.save(file)
    return file


def cards(folder: Path) -> dict[str, tuple[Card, int, int]]:
    """The golden card of every kind, with the state of its time bar."""
    greater = math(var("a"), rel(">"), {"k": "num", "t": "0"})
    text = said([words("Парабола", True), words(" тармақтары "), greater, words(" болғанда жоғары қарайды.")])
    slide_card = slide(said("Парабола"), text, said([roots_formula()]), graph(folder), "Дереккөз: сурет қоры")
    first = reference("Қазақстан картасы", "https://www.qazmap.kz/kk/maps", "Бейнесабақ және тест")
    return {
        "title": (title(said("Квадрат теңдеудің түбірлері")), 0, 0),
        "slide": (slide_card, 0, 0),
        "picture": (picture_card(graph(folder), "Дереккөз: сурет қоры", family="geography"), 0, 0),
        "question": (question(said([quadratic(), words(" теңдеуінің неше түбірі бар?")])), 2, 6),
        "exercise": (exercise(said("Үш сөйлем құрап жаз."), grade=2, subject="Қазақ тілі", family="language"), 5, 6),
        "resource": (resource(first, family="biology", subject="Биология"), 0, 0),
        "link": (link(first, reference("Оқулық", "https://okulyk.kz/8"), family="history", subject="Тарих"), 0, 0),
        "closing": (closing("ru", family="physics", subject="Физика"), 0, 0),
    }


def kinds() -> set[str]:
    return set(get_args(get_type_hints(Card)["kind"]))


def strangers(kinds: Set[str], templates: Set[str], goldens: Set[str]) -> dict[str, set[str]]:
    """What has no partner: kinds without a template or a golden, and the other way round."""
    found = {
        "kind without template": kinds - templates,
        "template without kind": templates - kinds,
        "kind without golden": kinds - goldens,
        "golden without kind": goldens - kinds,
    }
    return {what: names for what, names in found.items() if names}


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_card_looks_as_it_did(
    typesetter: Typesetter, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    card, step, steps = cards(tmp_path)[kind]
    png = typesetter.png(card, step, steps, scale=SCALE)
    file = FOLDER / f"{kind}.png"
    if request.config.getoption("--refresh-goldens", default=False):
        Image.open(io.BytesIO(png)).convert("RGB").save(file, optimize=True)
    with Image.open(file) as golden, Image.open(io.BytesIO(png)) as drawn:
        difference = ImageChops.difference(golden.convert("RGB"), drawn.convert("RGB"))
    assert max(ImageStat.Stat(difference).mean) <= TOLERANCE


def test_tolerance_notices_another_word(typesetter: Typesetter) -> None:
    one, other = (
        Image.open(io.BytesIO(typesetter.png(title(said(topic)), scale=SCALE))).convert("RGB")
        for topic in ("Квадрат теңдеудің түбірлері", "Квадрат теңдеудің шешімдері")
    )
    assert max(ImageStat.Stat(ImageChops.difference(one, other)).mean) > TOLERANCE


def test_kinds_templates_and_goldens_belong_together(tmp_path: Path) -> None:
    templates = {path.stem for path in load_theme().templates}
    assert templates >= SHARED | PLATES
    goldens = {path.stem for path in FOLDER.glob("*")}
    assert strangers(kinds(), templates - SHARED - PLATES, goldens) == {}
    assert set(cards(tmp_path)) == kinds()


def test_strangers_are_found_both_ways() -> None:
    assert strangers({"title", "poem"}, {"title", "song"}, {"title", "dance"}) == {
        "kind without template": {"poem"},
        "template without kind": {"song"},
        "kind without golden": {"poem"},
        "golden without kind": {"dance"},
    }
