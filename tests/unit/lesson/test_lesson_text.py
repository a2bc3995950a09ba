"""Text of cards: strong words, formulas, lines, and the place of every error in whatever way YAML wrote it."""

from __future__ import annotations

import pytest

from pipeline.lesson.model import Run


def text_of(lesson, yaml: str):
    read, problems = lesson.load("    text: Мәтін", yaml)
    assert problems == []
    return read.explanation[1].text


def test_strong_words_formulas_and_signs(lesson):
    text = text_of(lesson, r"    text: Бұл *өте маңызды* $x^2$, \*жұлдызша\* мен 5 \$ және a\b")
    runs = text.lines[0]
    assert runs[:3] == (Run("Бұл "), Run("өте маңызды", strong=True), Run(" "))
    assert runs[3].formula == {
        "k": "script",
        "b": {"k": "var", "t": "x"},
        "sub": None,
        "sup": {"k": "num", "t": "2"},
    }
    assert runs[4] == Run(r", *жұлдызша* мен 5 $ және a\b")
    assert text.plain == r"Бұл өте маңызды x², *жұлдызша* мен 5 $ және a\b"


def test_a_formula_may_stand_in_strong_words(lesson):
    text = text_of(lesson, "    text: '*Жауабы: $x=5$ см*'")
    assert [run.strong for run in text.lines[0]] == [True, False, True]
    assert text.plain == "Жауабы: x = 5 см"


def test_lines_of_a_block_are_lines_of_the_card(lesson):
    text = text_of(lesson, "    text: |\n\n      Бір  екі \n\n      үш\n\n")
    assert [[run.text for run in line] for line in text.lines] == [["Бір екі"], [], ["үш"]]
    assert text.plain == "Бір екі\n\nүш"


def test_folded_and_broken_lines_are_one_line(lesson):
    for yaml in ("    text: >\n      Бір\n      екі", "    text: Бір\n      екі", '    text: "Бір\n      екі"'):
        assert text_of(lesson, yaml).plain == "Бір екі"


def test_letters_and_their_accents_become_one_character(lesson):
    assert text_of(lesson, "    text: и\u0306од").plain == "йод"


def test_data_is_what_card_templates_read(lesson):
    text = text_of(lesson, "    text: '*a* $1$'")
    assert text.data() == [[{"t": "a", "s": True}, {"t": " ", "s": False}, {"m": {"k": "num", "t": "1"}}]]


def test_a_formula_line_needs_no_dollar_signs(lesson):
    read, problems = lesson.load("formula: $D = b^2 - 4ac$", "formula: D = b^2 - 4ac")
    assert problems == []
    assert read.explanation[0].formula.data() == lesson.load()[0].explanation[0].formula.data()


def test_formulas_of_a_block_stand_one_a_line(lesson):
    read, problems = lesson.load("formula: $D = b^2 - 4ac$", "formula: |\n      x_1 = 2\n      x_2 = 3")
    assert problems == []
    assert read.explanation[0].formula.plain == "x₁ = 2\nx₂ = 3"


ERRORS = [
    ("    text: Бұл *сөз", (20, 15, "text.open-star")),
    ("    text: 2 * 3 = 6", (20, 13, "text.stray-star")),
    ("    text: Бұл *сөз * екен", (20, 20, "text.stray-star")),
    ("    text: Бұл **сөз** екен", (20, 15, "text.double-star")),
    ("    text: Бағасы 5$", (20, 19, "text.open-dollar")),
    ("    text: $$ бос", (20, 12, "formula.empty")),
    ("    text: абв $a+$ гд $b^$", (20, 26, "formula.expected-script")),
    ("    text: 'It''s $a/$'", (20, 21, "formula.expected-denominator")),
    ('    text: "А\\u0301 \\"б\\" $a/$"', (20, 29, "formula.expected-denominator")),
    ("    text: |\n      бір\n        екі $a/$", (22, 16, "formula.expected-denominator")),
    ("    text: |-\n\n      бір\n\n      екі $a/$", (24, 14, "formula.expected-denominator")),
    ("    text: >\n      бір\n      екі $a/$", (22, 14, "formula.expected-denominator")),
    ("    text: бір\n      екі $a/$", (21, 14, "formula.expected-denominator")),
    ('    text: "бір\n      екі $a/$"', (21, 14, "formula.expected-denominator")),
    ("    text: и\u0306 и\u0306 $a/$", (20, 20, "formula.expected-denominator")),
    ("    formula: a + @", (20, 18, "formula.unknown-sign")),
    ("    formula: |\n      a\n      b^", (22, 9, "formula.expected-script")),
]


@pytest.mark.parametrize(("yaml", "expected"), ERRORS)
def test_an_error_is_named_at_its_own_line_and_column(lesson, found, yaml, expected):
    _, problems = lesson.load("    text: Мәтін", yaml)
    assert found(problems) == [expected]


def test_several_errors_of_one_text_are_all_named(lesson, found):
    _, problems = lesson.load("    text: Мәтін", "    text: $a/$ және 2 * 3 және $b^$")
    assert found(problems) == [
        (20, 14, "formula.expected-denominator"),
        (20, 23, "text.stray-star"),
        (20, 35, "formula.expected-script"),
    ]


def test_strong_words_end_on_their_line(lesson, found):
    _, problems = lesson.load("    text: Мәтін", "    text: |\n      *бір\n      екі*")
    assert found(problems) == [(21, 7, "text.open-star"), (22, 10, "text.stray-star")]
