"""What the fonts can show."""

from __future__ import annotations

import pytest
from lesson_cards import PLACE, accent, frac, math, num, op, paren, row, said, var, words

from pipeline.cards.letters import letters_of, missing_letters, words_in

KAZAKH = "АаӘәБбВвГгҒғДдЕеЁёЖжЗзИиЙйКкҚқЛлМмНнҢңОоӨөПпРрСсТтУуҰұҮүФфХхҺһЦцЧчШшЩщЪъЫыІіЬьЭэЮюЯя"
SIGNS = "−√≈≠≤≥∞→×÷·°²³…—–«»№₸"


@pytest.mark.parametrize("family", ["Noto Sans", "Andika"])
def test_every_kazakh_letter_is_there(family: str) -> None:
    assert not {letter for letter in KAZAKH if ord(letter) not in letters_of(family)}


@pytest.mark.parametrize("family", ["Noto Sans", "Andika"])
def test_signs_come_from_the_body_or_the_math_font(family: str) -> None:
    assert missing_letters(said(KAZAKH + SIGNS), (family, "Noto Sans Math"), PLACE) == []


def test_letter_that_no_font_has_is_named_once_at_its_place() -> None:
    found = missing_letters(said("中国 中", [words("ok"), math(var("x"))]), ("Noto Sans", "Noto Sans Math"), PLACE)
    assert [(each.code, each.place, each.fields["letter"], each.fields["code"]) for each in found] == [
        ("cards.letter-missing", PLACE, "中", "U+4E2D"),
        ("cards.letter-missing", PLACE, "国", "U+56FD"),
    ]


def test_invisible_letter_is_told_by_its_name() -> None:
    (found,) = missing_letters("a\u0abc", ("Noto Sans",), PLACE)
    assert found.fields["letter"] == "gujarati sign nukta"


def test_letters_inside_formulas_are_looked_at() -> None:
    formula = said([math(paren(frac(num("1"), accent("arrow", row(var("😀"), op("⁂", "rel"))))))])
    assert set("1😀⁂()") <= set("".join(words_in(formula)))
    assert "arrow" not in "".join(words_in(formula))
    assert {each.fields["letter"] for each in missing_letters(formula, ("Andika", "Noto Sans Math"), PLACE)} == {
        "😀",
        "⁂",
    }
