"""What a card's data becomes before it is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lesson_cards import PLACE, closing, link, question, reference, said, title

from pipeline.cards.pictures import Picture
from pipeline.cards.sheet import normal, sheet_of
from pipeline.cards.theme import load_theme
from pipeline.errors import LessonError, Place
from pipeline.timeline.model import Card


def sheet(card: Card) -> dict[str, Any]:
    def no_pictures(file: Path, place: Place) -> Picture:
        raise AssertionError(file, place)

    return sheet_of(card, load_theme(), no_pictures, 0, 0)


def test_letters_are_composed() -> None:
    assert normal([["и\u0306", {"t": "е\u0308"}], 3, None]) == [["й", {"t": "ё"}], 3, None]


@pytest.mark.parametrize(("grade", "font"), [(1, "Andika"), (4, "Andika"), (5, "Noto Sans"), (11, "Noto Sans")])
def test_first_grades_read_their_own_letters(grade: int, font: str) -> None:
    assert sheet(title(grade=grade))["font"] == font


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_closing_message_keeps_every_word(language: str) -> None:
    card = closing(language)
    drawn = sheet(card)
    sentences = [line[0]["t"] for line in drawn["text"]]
    assert " ".join([str(drawn["greeting"]), *sentences]) == card.data["text"][0][0]["t"]
    assert len(sentences) == 3


def test_message_without_a_greeting_stays_in_one_piece() -> None:
    card = closing()
    card.data["text"] = said("Сау болыңыздар. Келесі сабақта кездескенше!")
    assert (sheet(card)["greeting"], sheet(card)["text"]) == (None, card.data["text"])


def long_link(length: int) -> dict[str, object]:
    return reference("Кітапхана", "https://kitap.kz/" + "a" * length)


@pytest.mark.parametrize(
    ("lengths", "arrangement"),
    [((60,), "one"), ((450,), "large"), ((60, 60), "rows"), ((60, 150), "columns"), ((250, 250), "columns")],
)
def test_codes_get_the_room_they_need(lengths: tuple[int, ...], arrangement: str) -> None:
    assert sheet(link(*(long_link(length) for length in lengths)))["arrangement"] == arrangement


@pytest.mark.parametrize("lengths", [(900,), (20, 400)])
def test_address_that_no_phone_could_read_is_an_error(lengths: tuple[int, ...]) -> None:
    with pytest.raises(LessonError) as caught:
        sheet(link(*(long_link(length) for length in lengths)))
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("cards.url-too-long", PLACE)
    assert problem.fields["length"] == max(lengths) + len("https://kitap.kz/")


def test_what_is_only_spoken_is_no_part_of_the_sheet() -> None:
    card = question(said("Неге?"))
    silent = sheet(card)
    card.data["spoken"] = "Неге олай?"
    assert sheet(card) == silent


def test_addresses_that_look_alike_have_sheets_of_their_own() -> None:
    secure, plain = (sheet(link(reference("Кітапхана", f"{scheme}://kitap.kz/a"))) for scheme in ("https", "http"))
    assert secure["items"][0]["shown"] == plain["items"][0]["shown"]
    assert secure != plain
