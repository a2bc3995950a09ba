"""Findings in words: numbers as people write them, names that cannot harm, nothing said twice or falsely."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from numbers import Real

import pytest

from pipeline.errors import Place, Problem
from pipeline.reports.digest import Where, is_named, listed, where_in
from pipeline.reports.model import Finding
from pipeline.reports.wording import (
    clause_in_full,
    clause_in_words,
    clock,
    filled,
    plain,
    rule_of,
    shown,
    tell,
    term,
    visible,
    writable,
)
from pipeline.rulebook import Wording, rulebook
from tests.unit.reports.by_hand import AGE, MARKUP, PACKAGE, PLACE, SCRIPT, SIZE, everything, rule, texts


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        (2020, "ru", "2020"),
        (123456789, "kk", "123\u00a0456\u00a0789"),
        (-12345, "en", "\u221212,345"),
        (-60, "kk", "\u221260"),
        (12.5, "kk", "12,5"),
        (12.0, "en", "12"),
        (600.04, "en", "600"),
        (0.03125, "ru", "0,031"),
        (-0.0001, "en", "\u22120.0001"),
        (-12345.5, "ru", "\u221212\u00a0345,5"),
        (float("-inf"), "ru", "\u2212∞"),
        (Fraction(1, 3), "en", "0.333"),
        (float("nan"), "ru", "nan"),
        (True, "ru", "True"),
        (date(2027, 5, 1), "ru", "01.05.2027"),
        (date(2027, 5, 1), "en", "2027-05-01"),
        (["a", 1.5], "kk", "a, 1,5"),
        ({"b", "a"}, "en", "a, b"),
        ("x" * 1000, "en", "x" * 299 + "…"),
    ],
)
def test_values_are_shown_as_people_write_them(value: object, language: str, text: str) -> None:
    assert shown(value, language) == text


@pytest.mark.parametrize(
    ("measured", "expected", "message"),
    [
        (100.0004, 100, "100.0004 > 100"),
        (100.5, 100, "100.5 > 100"),
        (612.4, 600.0, "612.4 > 600"),
        (44.01, 44, "44.01 > 44"),
        (4.4961, 4.5, "4.496 > 4.5"),
    ],
)
def test_what_was_measured_never_reads_the_same_as_what_was_expected(
    measured: float, expected: float, message: str
) -> None:
    told = rule("PIC-999", "policy", "error", texts(*["{measured} > {expected}"] * 3))
    assert tell(Finding(measured=measured, expected=expected), told, "en").message == message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.png", "a.png"),
        ("Сурет — ұя.png", "Сурет — ұя.png"),
        ("a\u202egnp.exe", r"a\u202egnp.exe"),
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\r\nb", r"a\r\nb"),
        ("a\u200bb\u2028c\x85", r"a\u200bb\u2028c\x85"),
        ("a\udcff", r"a\udcff"),
    ],
)
def test_hidden_characters_of_a_name_are_written_out(name: str, text: str) -> None:
    assert visible(name) == text
    assert visible(text).isprintable()


@pytest.mark.parametrize(
    ("seconds", "language", "text"),
    [
        (600, "en", "10:00"),
        (665.0, "kk", "11:05"),
        (600.04, "en", "10:00.04"),
        (600.04, "ru", "10:00,04"),
        (7.5, "kk", "0:07,5"),
        (59.9996, "en", "1:00"),
        (-1.25, "ru", "\u22120:01,25"),
        (Fraction(1001, 30), "en", "0:33.367"),
    ],
)
def test_a_time_is_told_in_minutes_and_seconds(seconds: Real, language: str, text: str) -> None:
    assert clock(seconds, language) == text


def test_a_message_tells_seconds_as_its_rule_says() -> None:
    told = rulebook()["VID-004"]
    finding = Finding(variant="header", measured=665.0, expected=600, fields={"stated": 599.5})
    assert tell(finding, told, "ru").message == (
        "В заголовке файла указано 9:59,5, но на деле изображение или звук длится 11:05 (минуты:секунды); "
        "допускается не больше 10:00."
    )


@pytest.mark.parametrize(
    ("word", "language", "text"),
    [
        ("mismatched tag", "kk", "тег басқа тегпен жабылған"),
        ("frame 3", "ru", "кадр 3"),
        ("IDAT", "ru", "IDAT"),
        ("a word of\nno list", "kk", r"a word of\nno list"),
    ],
)
def test_a_word_of_somebody_elses_parser_is_told_in_the_language(word: str, language: str, text: str) -> None:
    assert term(word, language) == text


def test_only_placeholders_that_hold_such_words_are_translated() -> None:
    assert "mismatched" not in tell(Finding(measured="mismatched tag"), rulebook()["PIC-011"], "ru").message
    named_like_one = Finding(measured="trailer", fields={"where": "trailer"})
    assert tell(named_like_one, PLACE, "ru").message == "В снимке записано место: trailer."


def test_braces_in_a_name_are_not_filled_again() -> None:
    finding = Finding(measured=5, fields={"where": MARKUP})
    assert tell(finding, PLACE, "en").message == f"The photo tells where: {MARKUP}."


def test_a_placeholder_nobody_filled_stays() -> None:
    assert filled("{known} {unknown} { } {0}", {"known": "a"}) == "a {unknown} { } {0}"


def test_limits_of_the_profile_fill_the_message() -> None:
    told = tell(Finding(measured=7), replace(SIZE, limits={"megabytes": 5}), "kk")
    assert told.message == "Сурет 7 МБ орын алады, ал 5 МБ-тан аспауы керек."


def test_a_variant_has_its_own_words_and_the_rules_remedy() -> None:
    varied = replace(SIZE, variants={"huge": Wording(texts("Huge.", "Огромная.", "Алып."), SIZE.wording.remedy)})
    told = tell(Finding(variant="huge"), varied, "ru")
    assert (told.message, told.remedy) == ("Огромная.", "Исправьте.")


def test_a_problem_of_the_lesson_brings_its_own_words() -> None:
    finding = Finding(problem=Problem("lesson.grade", Place("lesson.yaml", 4, 8), {"found": "12\x1b[2J"}))
    told = tell(finding, SCRIPT, "kk")
    assert told.message == r"12\x1b[2J-сынып жоқ."
    assert told.remedy == "Сыныптар 1-ден 11-ге дейін."


def test_a_question_is_asked_in_the_language() -> None:
    assert tell(Finding(outcome="needs-human"), AGE, "kk").message == "Жасына сай ма?"


def test_a_rule_that_nobody_wrote_is_told_by_its_id() -> None:
    assert rule_of("NIL-000", everything().profile) is None
    assert tell(Finding(rule="NIL-000"), None, "en").message == "NIL-000"


@pytest.mark.parametrize(
    ("basis", "clause", "words"),
    [
        ("order", "order-121 §45 1), C3", "Құжат талабы: № 121 бұйрық, 45-т. 1)"),
        ("order", "order-121 §41-45", "Құжат талабы: № 121 бұйрық, 41–45-т."),
        ("order", "order-121 §45 4), E1 E6", "Құжат талабы: № 121 бұйрық, 45-т. 4)"),
        ("order", "order-121 §42, D; concept, A4, A5", "Құжат талабы: № 121 бұйрық, 42-т.; ТВ-сабақтар тұжырымдамасы"),
        (
            "order",
            "concept, structure of a TV lesson, A4-A7",
            "Құжат талабы: ТВ-сабақтар тұжырымдамасы, «ТВ-сабақтың құрылымы»",
        ),
        ("policy", "project policy", "Жоба ережесі"),
        ("policy", "project policy (H)", "Жоба ережесі"),
        ("policy", "project policy (A6, A7)", "Жоба ережесі"),
        ("policy", "project policy, ITU-R BT.1702", "Жоба ережесі; қараңыз: ITU-R BT.1702"),
        ("policy", "project policy (WCAG 2.2)", "Жоба ережесі; қараңыз: WCAG 2.2"),
        ("policy", "project policy; order-121 §45 4)", "Жоба ережесі; қараңыз: № 121 бұйрық, 45-т. 4)"),
        ("policy", "project policy, after order-121 §45 4), E6", "Жоба ережесі; қараңыз: № 121 бұйрық, 45-т. 4)"),
    ],
)
def test_what_the_documents_ask_and_what_the_project_wants_are_told_apart(basis, clause, words) -> None:
    assert clause_in_words(replace(SIZE, basis=basis, clause=clause), "kk") == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Required by the documents: Order No 121, paragraph 45, 1)"),
        ("ru", "Требование документов: приказ № 121, п. 45, подп. 1)"),
        ("kk", "Құжат талабы: № 121 бұйрық, 45-т. 1)"),
    ],
)
def test_a_paragraph_of_the_order_is_said_as_its_readers_say_it(language: str, words: str) -> None:
    assert clause_in_words(SIZE, language) == words


def test_machines_and_the_catalogue_keep_the_letters_of_a_clause() -> None:
    assert clause_in_full(SIZE, "kk") == "Құжат талабы: № 121 бұйрық §45 1), C1"
    ours = replace(SIZE, basis="policy", clause="project policy (order-121 §45 4), E3, E4)")
    assert clause_in_full(ours, "ru") == "Правило проекта (приказ № 121 §45 4), E3, E4)"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (None, ""),
        (Place("app.zip"), ""),
        (Place("app.zip", 4), "строка 4"),
        (Place("app.zip", 4, 8), "строка 4, знак 8"),
        (Place("app.zip!js/a.js", 3), "js/a.js, строка 3"),
        (Place("app.zip!js/a.js", 3, 5), "js/a.js, строка 3, знак 5"),
        (Place("app.zip/b"), "b"),
        (Place("elsewhere.png"), "elsewhere.png"),
        (Place("app.zip!a\nb"), r"a\nb"),
    ],
)
def test_a_place_leaves_out_what_the_heading_says(place: Place | None, words: str) -> None:
    assert str(where_in(place, PACKAGE, "ru")) == words


def test_a_point_is_told_alike_in_every_file_and_language() -> None:
    place = Place("app.zip!index.html", 4, 143)
    assert [str(where_in(place, PACKAGE, language)) for language in ("kk", "ru", "en")] == [
        "index.html, 4-жол, 143-таңба",
        "index.html, строка 4, знак 143",
        "index.html, line 4, character 143",
    ]


def test_places_in_one_file_name_it_once() -> None:
    places = [Where("a.js", "строка 3"), Where("a.js", "строка 9"), Where("b.js"), Where("", "строка 4")]
    assert listed(places) == "a.js, строка 3; строка 9; b.js; строка 4"
    assert listed([Where("b.js"), Where("b.js", "строка 2"), Where("a.js", "строка 2")]) == (
        "b.js; строка 2; a.js, строка 2"
    )


@pytest.mark.parametrize(
    ("where", "message", "named"),
    [
        (Where("a.png"), "Файл «a.png» не назван.", True),
        (Where("a.png"), "Nothing names “a.png”.", True),
        (Where("a.png"), "Файл «media/a.png» не назван.", False),
        (Where("a.js", "строка 4"), "Скрипт «a.js» обрывается.", False),
        (Where(), "Файл «» пуст.", True),
    ],
)
def test_a_place_that_the_message_names_is_not_told_twice(where: Where, message: str, named: bool) -> None:
    assert is_named(where, message) == named


def test_values_for_json_are_plain() -> None:
    value = {
        "a": Fraction(1, 2),
        "b": float("inf"),
        "c": {2, 1},
        "d": date(2027, 5, 1),
        "e": "a\udcff",
        "f": (None, True),
    }
    assert plain(value) == {"a": 0.5, "b": "inf", "c": [1, 2], "d": "2027-05-01", "e": r"a\udcff", "f": [None, True]}
    assert writable("Ә\udcff").encode() == "Ә\\udcff".encode()
