"""The typesetter: sizes, problems, keys, plates."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lesson_cards import (
    PLACE,
    closing,
    exercise,
    link,
    math,
    num,
    op,
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
from PIL import Image

from pipeline.cards.typeset import Typesetter
from pipeline.errors import LessonError
from pipeline.timeline.model import Card

SENTENCE = "Қазақ хандығының құрылуына әсер еткен тарихи алғышарттарды атаңыз. "


def size_of(png: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(png)) as picture:
        return picture.size


# Sizes -----------------------------------------------------------------------------------------


def test_short_question_takes_the_largest_letters(typesetter: Typesetter) -> None:
    fit = typesetter.fit(question(said("Неге?")))
    assert (fit.size_px, fit.overflow_px) == (120, 0)


def test_long_question_shrinks_and_still_fits(typesetter: Typesetter) -> None:
    fit = typesetter.fit(question(said(SENTENCE * 3)))
    assert fit.size_px is not None
    assert 72 <= fit.size_px < 100
    assert fit.overflow_px == 0


def test_fit_is_the_largest_size_that_fits(typesetter: Typesetter) -> None:
    """One more word must never lead to larger letters."""
    sizes = [typesetter.fit(exercise(said("теңдеуді " * count))).size_px for count in range(1, 40, 3)]
    assert sizes == sorted(sizes, key=lambda size: -(size or 0))


def test_longest_kazakh_word_fits_a_question(typesetter: Typesetter) -> None:
    assert typesetter.problems(question(said("Қанағаттандырылмағандықтарыңыздан деген сөз"))) == []


def test_closing_message_fits_in_both_languages_and_all_letters(typesetter: Typesetter) -> None:
    for language in ("kk", "ru"):
        for grade in (1, 9):
            assert typesetter.problems(closing(language, grade=grade)) == []


def test_picture_card_has_no_text_to_fit(typesetter: Typesetter, make_picture: Callable[..., Path]) -> None:
    fit = typesetter.fit(picture_card(make_picture()))
    assert (fit.size_px, fit.overflow_px) == (None, 0)


# Problems --------------------------------------------------------------------------------------


def test_good_cards_have_no_problems(typesetter: Typesetter, make_picture: Callable[..., Path]) -> None:
    picture = make_picture()
    good = [
        title(),
        slide(said("Дискриминант"), said("Егер"), said([roots_formula()]), picture, "Дереккөз: өзіміз"),
        picture_card(picture, "Дереккөз: өзіміз"),
        question(said([quadratic(), words(" теңдеуінің неше түбірі бар?")])),
        resource(reference("BilimLand", "https://bilimland.kz/kk", "Тест")),
        link(reference("A", "https://a.kz"), reference("B", "https://b.kz")),
    ]
    assert [typesetter.problems(card) for card in good] == [[]] * len(good)


def test_text_too_long_says_by_how_much(typesetter: Typesetter) -> None:
    (problem,) = typesetter.problems(question(said(SENTENCE * 8)))
    assert (problem.code, problem.place) == ("cards.text-too-long", PLACE)
    assert problem.fields["size"] == 72
    assert int(str(problem.fields["over"])) > 100
    assert 20 < int(str(problem.fields["percent"])) < 200


def test_word_too_wide_says_by_how_much(typesetter: Typesetter) -> None:
    (problem,) = typesetter.problems(question(said("ұ" * 60)))
    assert (problem.code, problem.place, problem.fields["size"]) == ("cards.word-too-wide", PLACE, 72)
    assert int(str(problem.fields["over"])) > 100


@pytest.mark.parametrize("hyphen", ["-", "\u00ad"])
def test_hyphen_lets_a_long_word_through(typesetter: Typesetter, hyphen: str) -> None:
    assert typesetter.problems(question(said(hyphen.join(["ұзын" * 4] * 4)))) == []


def test_long_formula_breaks_at_its_signs(typesetter: Typesetter) -> None:
    chain = [node for _ in range(14) for node in (num("125"), var("x"), op("+"))]
    assert typesetter.problems(exercise(said([math(*chain, num("1"), rel("="), num("0"))]))) == []
    (problem,) = typesetter.problems(exercise(said([math(*(var("x") for _ in range(60)))])))
    assert problem.code == "cards.word-too-wide"


def test_formula_too_wide_for_its_slide_is_found(typesetter: Typesetter, make_picture: Callable[..., Path]) -> None:
    formula = said([math(*(var("x") for _ in range(60)))])
    assert typesetter.problems(slide(said("А"), None, formula)) == []
    (problem,) = typesetter.problems(slide(said("А"), None, formula, make_picture()))
    assert problem.code == "cards.word-too-wide"


def test_teacher_with_an_endless_name_is_found(typesetter: Typesetter) -> None:
    assert [each.code for each in typesetter.problems(title(teacher="Нұрланова " * 9))] == ["cards.word-too-wide"]


def test_drawing_that_typst_cannot_read_is_a_problem(typesetter: Typesetter, tmp_path: Path) -> None:
    drawing = tmp_path / "a.svg"
    drawing.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3" width="4" height="-3"/>', encoding="utf-8"
    )
    (problem,) = typesetter.problems(picture_card(drawing))
    assert (problem.code, problem.fields["name"], problem.place) == ("cards.picture-unreadable", "a.svg", PLACE)


def test_missing_letter_in_a_topic_is_found(typesetter: Typesetter) -> None:
    (problem,) = typesetter.problems(title(said("Иероглиф 中")))
    assert (problem.code, problem.fields["code"]) == ("cards.letter-missing", "U+4E2D")


def test_broken_picture_is_a_problem_and_not_a_crash(typesetter: Typesetter, tmp_path: Path) -> None:
    broken = tmp_path / "a.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + b"no picture")
    card = picture_card(broken)
    assert [each.code for each in typesetter.problems(card)] == ["cards.picture-unreadable"]
    with pytest.raises(LessonError):
        typesetter.png(card)
    assert len(typesetter.key(card)) == 64


def test_small_picture_is_only_a_warning(typesetter: Typesetter, make_picture: Callable[..., Path]) -> None:
    (problem,) = typesetter.problems(picture_card(make_picture(size=(160, 120))))
    assert (problem.code, problem.severity) == ("cards.picture-small", "warning")


def test_formula_of_any_shape_is_drawn(typesetter: Typesetter) -> None:
    empty = {"k": "row", "a": []}
    odd = [
        empty,
        {"k": "frac", "n": empty, "d": empty},
        {"k": "script", "b": empty, "sub": num("2"), "sup": None},
        {"k": "root", "i": None, "r": empty},
        {"k": "paren", "o": "]", "c": "[", "a": var("a")},
        {"k": "cases", "a": [empty]},
        {"k": "accent", "t": "hat", "b": empty},
        {"k": "fn", "t": "lim"},
        {"k": "chem", "t": "NaOH"},
        {"k": "text", "t": "см"},
    ]
    for strong in (False, True):
        text = said([math(each) | {"s": strong} for each in odd])
        for grade in (2, 9):
            assert size_of(typesetter.png(exercise(text, grade=grade), scale=0.1)) == (192, 108)


def test_text_is_never_run_as_a_program(typesetter: Typesetter) -> None:
    hostile = '#panic("x") $x$ = #read("/etc/passwd") *a* _b_ <fit> @c \\ // [ ] { } "'
    plain = title(said(hostile), teacher=hostile)
    assert typesetter.problems(plain) == []
    assert size_of(typesetter.png(plain, scale=0.1)) == (192, 108)


# Pixels and keys -------------------------------------------------------------------------------


def test_card_is_full_hd_and_scales(typesetter: Typesetter) -> None:
    assert size_of(typesetter.png(title())) == (1920, 1080)
    assert size_of(typesetter.png(title(), scale=0.25)) == (480, 270)


def test_same_card_gives_the_same_bytes(typesetter: Typesetter, tmp_path: Path) -> None:
    again = Typesetter(None, tmp_path / "other")
    card = question(said([quadratic(), words(" шешіңіз.")]))
    assert typesetter.key(card, 1, 6) == again.key(card, 1, 6)
    assert typesetter.png(card, 1, 6) == again.png(card, 1, 6)


def changed(card: Card, **data: object) -> Card:
    return replace(card, data=card.data | data)


def test_key_follows_what_is_seen(typesetter: Typesetter, make_picture: Callable[..., Path]) -> None:
    card = question(said("Неге?"))
    others = [
        typesetter.key(card),
        typesetter.key(card, 1, 6),
        typesetter.key(card, 2, 6),
        typesetter.key(changed(card, text=said("Неліктен?"))),
        typesetter.key(changed(card, grade_text="9-сынып")),
        typesetter.key(changed(card, subject=card.data["subject"] | {"family": "history"})),
        typesetter.key(replace(card, kind="exercise")),
        typesetter.key(picture_card(make_picture("one.png", (900, 700)))),
        typesetter.key(picture_card(make_picture("two.png", (900, 701)))),
    ]
    assert len(set(others)) == len(others)


def test_key_ignores_what_is_not_seen(typesetter: Typesetter, make_picture: Callable[..., Path]) -> None:
    card = question(said("Неге?"))
    assert typesetter.key(changed(card, spoken="Неге?")) == typesetter.key(card)
    one, same = picture_card(make_picture("one.png")), picture_card(make_picture("two.png"))
    assert typesetter.key(one) == typesetter.key(same)


def test_time_bar_goes_down_step_by_step(typesetter: Typesetter) -> None:
    pictures = {typesetter.png(question(said("Неге?")), step, 6) for step in range(6)}
    assert len(pictures) == 6


# Plates over footage ---------------------------------------------------------------------------

LOOK = {"grade": 8, "family": "mathematics"}


@pytest.mark.parametrize("post", [None, "математика пәнінің мұғалімі, Арайлы мектеп-лицейі", "мұғалім " * 14])
def test_caption_stands_inside_the_safe_area(typesetter: Typesetter, post: str | None) -> None:
    caption = typesetter.caption("Айгүл Серікқызы Нұрланова", post, **LOOK)  # type: ignore[arg-type]
    assert size_of(caption.png) == (caption.width, caption.height)
    assert caption.x == 96
    assert caption.x + caption.width <= 1824
    assert caption.y > 540
    assert caption.y + caption.height < 960


def test_caption_and_credit_never_cover_each_other(typesetter: Typesetter) -> None:
    caption = typesetter.caption("Айгүл Серікқызы Нұрланова", "мұғалім", **LOOK)  # type: ignore[arg-type]
    credit = typesetter.credit("Дереккөз: " + "кітапхана " * 14, **LOOK)  # type: ignore[arg-type]
    assert caption.y + caption.height < credit.y
    assert credit.y + credit.height == 1026


def test_plates_have_keys_of_their_own(typesetter: Typesetter) -> None:
    keys = {
        typesetter.caption_key("А", None, grade=8, family="history"),
        typesetter.caption_key("А", "Б", grade=8, family="history"),
        typesetter.caption_key("А", None, grade=3, family="history"),
        typesetter.caption_key("А", None, grade=8, family="physics"),
        typesetter.credit_key("А", grade=8, family="physics"),
    }
    assert len(keys) == 5


def test_plates_tell_their_problems(typesetter: Typesetter) -> None:
    def codes(name: str, post: str | None = None) -> list[str]:
        found = typesetter.caption_problems(name, post, grade=8, family="history", place=PLACE)
        return [problem.code for problem in found]

    assert codes("Айгүл Серікқызы Нұрланова", "мұғалім") == []
    assert codes("中 Нұрланова") == ["cards.letter-missing"]
    assert codes("Нұрланова " * 30) == ["cards.text-too-long"]
    assert codes("ұ" * 90) == ["cards.word-too-wide"]
    found = typesetter.credit_problems("кітапхана " * 40, grade=8, family="history", place=PLACE)
    assert [problem.code for problem in found] == ["cards.text-too-long"]
