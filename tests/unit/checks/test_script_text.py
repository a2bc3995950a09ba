"""Letters of two alphabets that look alike, and which language a text is in."""

from __future__ import annotations

import pytest

from pipeline.checks.script_text import Piece, kazakh_words, letters_of, strangers
from pipeline.errors import Place


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("бiлiм", "i"),  # Latin i twice
        ("Cабақ", "C"),  # Latin C
        ("жəне", "ə"),  # the phonetic schwa
        ("қаhарман", "h"),
        ("РhET", "Р"),  # Cyrillic Р in a Latin name
        ("NаCl", "а"),
        ("AВ", "A"),  # a segment with ends of two alphabets
    ],
)
def test_a_letter_of_the_other_alphabet_is_found(word: str, found: str) -> None:
    assert strangers(word) == found


@pytest.mark.parametrize(
    "word", ["білім", "Сабақ", "және", "PhET", "HTMLде", "ABға", "XVІІІ", "ХІХ", "MgO", "x", "АВС", "Σα", "ДНҚ"]
)
def test_sound_words_have_no_strangers(word: str) -> None:
    assert strangers(word) == ""


@pytest.mark.parametrize("text", ["Daryn.online сайты", "https://okulyk.kz/кітап", "хат: aigul@mektep.kz"])
def test_addresses_are_no_words(text: str) -> None:
    assert not [word for word in Piece(text, Place("lesson.yaml"), "topic").words if word.isascii()]


def test_kazakh_letters_are_counted_among_cyrillic_ones() -> None:
    letters = letters_of(["Қазақ", "тілі", "ХІХ", "ABC"])
    assert (letters.cyrillic, letters.kazakh, letters.latin) == (9, 4, 3)


def test_a_text_without_letters_has_no_share_of_any() -> None:
    letters = letters_of([])
    assert (letters.kazakh_percent, letters.cyrillic_percent) == (0, 0)


def test_names_and_numerals_do_not_make_a_russian_text_kazakh() -> None:
    assert kazakh_words(["Әсел", "Қазақстан", "ХІХ", "хі", "век", "және"]) == ["және"]
