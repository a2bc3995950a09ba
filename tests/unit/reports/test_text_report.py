"""The report on a terminal: by file, the most serious first, and nothing that a file's name could break."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pipeline.errors import Place
from pipeline.reports.model import Finding, SubjectReport
from pipeline.reports.text import MOST_ALIKE, text
from tests.unit.reports.by_hand import CLEAN, HOST, HOSTILE, NAMED_TO_HARM, PACKAGE, PHOTO, SHOWN, everything, report

WHOLE = """\
work/photo.jpg  (картинка)
  ошибка: Картинка занимает 123,5 МБ, а можно не больше 100 МБ.
    → Исправьте.
    PIC-903 · Требование документов: приказ № 121, п. 45, подп. 1)
  предупреждение: В снимке записано место: 1.
    → Исправьте.
    В этом профиле строгость изменена: Личные данные важнее.
    PIC-910 · Правило проекта

Что может оценить только человек
  work/photo.jpg
    [ ] Подходит ли по возрасту?
        HUM-901 · Требование документов: приказ № 121, п. 41

Есть ошибки: исправьте их и проверьте ещё раз.
файлов: 2 · ошибок: 1 · предупреждений: 1 · вопросов человеку: 1 · проверок пройдено: 4
Профиль: Учебная платформа
"""


def test_a_file_with_faults_is_told_whole() -> None:
    assert text(report(PHOTO, CLEAN), "ru") == WHOLE


def test_a_clean_check_is_three_lines() -> None:
    lines = text(report(CLEAN), "kk").splitlines()
    assert lines == [
        "Қате де, ескерту де жоқ.",
        "файл: 1 · қате: 0 · ескерту: 0 · сәтті өткен тексеру: 2",
        "Профиль: Оқу платформасы",
    ]


def test_nothing_judged_does_not_look_like_a_pass() -> None:
    assert "Nothing was judged" in text(report(replace(CLEAN, passed=())), "en")
    assert "Nothing was judged" in text(report(), "en")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_keep_to_the_width_and_hold_nothing_hidden(language: str, width: int) -> None:
    told = text(everything(), language, width=width)
    assert max(map(len, told.splitlines())) <= width
    assert all(line.isprintable() for line in told.splitlines())
    assert "\n::error" not in told
    assert HOSTILE not in told


def test_colours_come_only_when_asked_for() -> None:
    coloured = text(report(PHOTO), "en", colours="256")
    assert "\x1b[1;31merror" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text(report(PHOTO), "en")


def test_the_same_fault_in_many_places_is_told_once() -> None:
    told = text(report(PACKAGE), "en")
    places = "js/app.js, line 3, character 5; line 9, character 5; line 27, character 5"
    assert f"error: {places}: A script comes from a.kz." in " ".join(told.split())
    assert told.count("Mend it.") == 2
    assert told.index("a.kz") < told.index("note: index.html, line 7: A link to c.")


def test_a_rule_with_very_many_faults_is_cut_short_and_says_so() -> None:
    findings = tuple(
        Finding(rule=HOST.id, severity="error", place=Place("app.zip!a.js", line), fields={"host": f"h{line}.kz"})
        for line in range(1, 31)
    )
    told = text(report(replace(PACKAGE, findings=findings)), "en")
    assert told.count("A script comes from") == MOST_ALIKE
    assert f"… and {30 - MOST_ALIKE} more by the same rule" in told
    assert "errors: 30" in told


def test_what_was_not_judged_names_the_rule_and_the_reason() -> None:
    told = text(everything(), "en")
    assert "not judged: A decoder crashed on this file (code −11)." in told
    assert "PIC-903 · Required by the documents" in told[told.index("z.mp4") :]
    assert "the result is not complete" in told


def test_a_waived_finding_is_shown_with_who_answers_for_it() -> None:
    told = text(report(NAMED_TO_HARM), "ru")
    assert "исключение: В снимке записано место" in told
    assert "До 01.05.2027 за это отвечает Анна Ким: Школьный музей" in told
    assert "предупреждений: 0" in told
    assert SHOWN in told


def test_a_question_lists_its_files_once_and_not_endlessly() -> None:
    many = [replace(NAMED_TO_HARM, path=f"p{number:02}.png") for number in range(20)]
    told = text(report(*many), "en")
    assert told.count("Does it fit the age?") == 1
    assert "p05.png and 14 more files" in told


def test_our_own_failure_is_not_told_as_the_authors() -> None:
    assert "The checker itself broke down" in text(report(CLEAN, broken=True), "en")


def test_a_link_that_no_rule_knows_is_told_by_its_id() -> None:
    stranger = SubjectReport("a", "unheard-of", "", 0, (Finding(rule="NIL-000", severity="error"),))
    assert "error: NIL-000" in text(report(stranger), "en")


def test_files_with_errors_come_first_and_keep_their_order() -> None:
    warned = replace(PHOTO, path="a.jpg", findings=(PHOTO.findings[1],))
    failed = replace(PHOTO, path="b.jpg", findings=PHOTO.findings[1:])
    told = text(report(warned, failed, replace(warned, path="c.jpg"), replace(failed, path="d.jpg")), "en")
    assert re.findall(r"^(\S+\.jpg)", told, re.MULTILINE) == ["b.jpg", "d.jpg", "a.jpg", "c.jpg"]


def test_a_file_that_the_message_names_is_not_named_again_before_it() -> None:
    named = Finding(rule=HOST.id, severity="error", place=Place("app.zip!setup.exe"), fields={"host": "“setup.exe”"})
    assert "\n  error: A script comes from “setup.exe”." in text(report(replace(PACKAGE, findings=(named,))), "en")
