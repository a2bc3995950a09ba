"""What is refused in a script's bytes and YAML, each at its line and column."""

from __future__ import annotations

import time

import pytest

SLIPS = [
    ("topic: Квадрат теңдеу", "topic: Квадрат: теңдеу", (6, 15, "script.colon-in-text")),
    ("- Түбір нешеу?", "- Сұрақ: неге тең?", (24, 5, "script.colon-in-text")),
    ("grade: 8", "grade:8", (4, 6, "script.no-space-after-colon")),
    ("  name: А", "  name:А", (8, 7, "script.no-space-after-colon")),
    ("seconds: 100", "seconds:100", (18, 12, "script.no-space-after-colon")),
    ("- slide: Екінші", "- slide:Екінші", (19, 10, "script.no-space-after-colon")),
    ("topic: К", "topic К", (6, 1, "script.no-colon")),
    ("- Түбір нешеу?", "- *Түбір* нешеу?", (24, 5, "script.reference")),
    ("- Түбір нешеу?", "- *Түбір", (24, 5, "script.reference")),
    ("- Түбір нешеу?", "- &Түбір нешеу?", (24, 5, "script.reference")),
    ("- Түбір нешеу?", "- & нешеу?", (24, 5, "script.reference")),
    ("- Түбір нешеу?", "- !Түбір нешеу?", (24, 5, "script.tag")),
    ("- Түбір нешеу?", "- !!str түбір", (24, 5, "script.tag")),
    ("- Түбір нешеу?", "- %50 нешеу?", (24, 5, "script.special-start")),
    ("- Түбір нешеу?", "- @түбір", (24, 5, "script.special-start")),
    ("- Түбір нешеу?", "- > 5 болса", (24, 5, "script.special-start")),
    ("- Түбір нешеу?", "- [0; 1] аралығы", (24, 5, "script.special-start")),
    ("- Түбір нешеу?", '- "Абай" жолы', (24, 5, "script.text-after-quote")),
    ("- Түбір нешеу?", '- "Түбір нешеу?', (24, 5, "script.unclosed-quote")),
    ("topic: К", "topic: 'К", (6, 8, "script.unclosed-quote")),
    ("[теңдеу, түбір]", "[теңдеу, түбір", (11, 11, "script.unclosed-bracket")),
    ("grade: 8", "grade: 8\ngrade: 9", (5, 1, "script.duplicate-key")),
    ("questions:", "---\nquestions:", (22, 1, "script.several-documents")),
    ("format: 1", "%YAML 1.1\n---\nformat: 1", (1, 1, "script.directive")),
    ("  post: мұғалім", "  <<: мұғалім", (9, 3, "script.merge-key")),
    ("topic: К", "topic: К\u202e", (6, 9, "script.unsafe-character")),
    ("topic: К", "topic: К\u200b", (6, 9, "script.unsafe-character")),
    ("topic: К", "topic: К\x07", (6, 9, "script.unsafe-character")),
    ("topic: Квадрат теңдеу", 'topic: "Ква\\u202eдрат"', (6, 12, "script.unsafe-character")),
    ("topic: Квадрат теңдеу", 'topic: "Ква\\0драт"', (6, 12, "script.unsafe-character")),
]


@pytest.mark.parametrize(("old", "new", "expected"), SLIPS, ids=[f"{code}-{new!r}" for _, new, (_, _, code) in SLIPS])
def test_a_slip_is_named_at_its_place_and_looked_past(lesson, found, old, new, expected):
    read, problems = lesson.load(old, new)
    assert found(problems) == [expected]
    assert read is not None


FATAL = [
    ("  name: А", "\tname: А", (8, 1, "script.tab")),
    ("  post: м", "   post: м", (9, 4, "script.indentation")),
    ("  post: м", " post: м", (9, 2, "script.indentation")),
    ("grade: 8", "  grade: 8", (4, 3, "script.indentation")),
    ("grade: 8", "grade: 8\nзаметка", (5, 1, "script.no-colon")),
]


@pytest.mark.parametrize(("old", "new", "expected"), FATAL)
def test_yaml_without_one_obvious_meaning_stops_the_reading(lesson, found, old, new, expected):
    read, problems = lesson.load(old, new)
    assert read is None
    assert found(problems) == [expected]


def test_every_tab_is_named(lesson, found):
    _, problems = lesson.load("  name: Айгүл Серікқызы\n  post", "\tname: Айгүл Серікқызы\n\tpost")
    assert found(problems) == [(8, 1, "script.tab"), (9, 1, "script.tab")]


def test_a_tab_inside_a_block_of_text_is_text(lesson):
    _, problems = lesson.load("      Егер", "      \tЕгер")
    assert problems == []


def test_every_duplicate_of_a_key_is_named_with_the_line_of_the_first(lesson, found):
    _, problems = lesson.load("grade: 8", "grade: 8\ngrade: 9\ngrade: 7")
    assert found(problems) == [(5, 1, "script.duplicate-key"), (6, 1, "script.duplicate-key")]
    assert {each.fields["first"] for each in problems} == {4}


def test_the_example_in_a_message_is_the_line_as_it_should_be(lesson):
    _, problems = lesson.load("- Түбір нешеу?", "- *Түбір* d'Alembert нешеу?  # ескертпе")
    assert problems[0].fields["example"] == "'*Түбір* d''Alembert нешеу?'"
    fixed, problems = lesson.load("- Түбір нешеу?", f"- {problems[0].fields['example']}  # ескертпе")
    assert problems == []
    assert fixed.questions[1].text.plain == "Түбір d'Alembert нешеу?"


def test_all_errors_come_in_one_run_in_the_order_of_lines(lesson, found):
    text = """\
format: 2
language: kz
grade:12
subject: Алгебро
topic: Жарық: толқын
teacher: Айгүл
description: ""
keywords: бір, екі
explanation:
  - slide: Бірінші
    text: 2 * 3 және $x^$
  - clip: media/teacher.mp4
    from: 1:30
    to: 0:30
questions:
  - *Бірінші* сұрақ
exercises:
  - $x$
  - $y$
  - $z$
  - $sqr(t)$
resources:
  - titel: Ресурс
    url: ftp://example.kz
links:
  - title: Сілтеме
    url: https://user:secret@example.kz
"""
    read, problems = lesson.load_text(text)
    assert read is not None
    assert found(problems) == [
        (1, 9, "lesson.format"),
        (2, 11, "lesson.language"),
        (3, 6, "script.no-space-after-colon"),
        (4, 10, "lesson.misspelt-subject"),
        (5, 13, "script.colon-in-text"),
        (6, 10, "lesson.expected-keys"),
        (7, 14, "lesson.empty"),
        (8, 11, "lesson.expected-list"),
        (10, 5, "lesson.no-duration"),
        (11, 13, "text.stray-star"),
        (11, 25, "formula.expected-script"),
        (12, 5, "lesson.no-source"),
        (12, 11, "lesson.no-such-file"),
        (14, 9, "lesson.ends-before-start"),
        (15, 1, "lesson.too-few-items"),
        (16, 5, "script.reference"),
        (21, 5, "lesson.too-many-items"),
        (21, 6, "formula.misspelt-name"),
        (23, 5, "lesson.misspelt-key"),
        (24, 10, "lesson.url-scheme"),
        (27, 10, "lesson.url-with-password"),
    ]


def test_a_script_saved_by_windows_is_shown_as_windows_meant_it(lesson, found):
    text = "format: 1\nlanguage: ru\ntopic: Квадратные уравнения\n"
    read, problems = lesson.load_text(text.encode("cp1251"))
    assert read is None
    assert found(problems) == [(3, 8, "script.windows-1251")]
    assert problems[0].fields["preview"] == "topic: Квадратные уравнения"


def test_bytes_that_are_no_text_at_all_are_named_with_their_place(lesson, found):
    _, problems = lesson.load_text("format: 1\ntopic: Тақ".encode() + b"\xff\xfe\xfa")
    assert found(problems) == [(2, 11, "script.not-utf-8")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_encodings_are_named(lesson, encoding):
    _, problems = lesson.load_text("format: 1\nlanguage: ru\n".encode(encoding))
    assert [each.code for each in problems] == ["script.utf-16"]


def test_many_zero_bytes_are_no_wide_encoding(lesson):
    _, problems = lesson.load_text(b"format: 1\n" + bytes(20))
    assert [each.code for each in problems] == ["script.not-text"]


def test_zero_bytes_are_no_text(lesson, found):
    _, problems = lesson.load_text(b"format: 1\nlang\0uage: kk\n")
    assert found(problems) == [(2, 5, "script.not-text")]


def test_a_byte_order_mark_and_windows_line_ends_are_read(lesson, found):
    text = lesson.text.replace("grade: 8", "grade: 12").replace("\n", "\r\n")
    _, problems = lesson.load_text(b"\xef\xbb\xbf" + text.encode())
    assert found(problems) == [(4, 8, "lesson.grade")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "script.empty"),
        (b"# nothing\n", "script.empty"),
        (b"just words\n", "script.no-keys"),
        (b"- a\n- b\n", "script.no-keys"),
        (b"a: " + b"x" * 1_000_000, "script.too-big"),
        (b"a: " + b"[" * 13 + b"]" * 13, "script.too-deep"),
        (b"a:\n" + b"- x\n" * 10_001, "script.too-many-values"),
        (b"? [a]\n: b\n? {c: d}\n: e\n", "script.key-is-no-text"),
    ],
)
def test_what_is_no_script_is_refused(lesson, content, code):
    _, problems = lesson.load_text(content)
    assert code in [each.code for each in problems]


def test_a_bomb_of_references_is_refused_at_once(lesson):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 60)]
    started = time.process_time()
    _, problems = lesson.load_text("\n".join(lines))
    assert time.process_time() - started < 3
    assert problems[0].code == "script.reference"
    assert problems[-1].code == "script.more-problems"
    assert len(problems) == 201


@pytest.mark.parametrize("piece", ["[", "{", "- ", "? ", "a: ", "&a ", '"', "'", "!", "x\n", "\x01", "a:", "k1: 1\n"])
def test_a_script_made_to_be_slow_is_answered_soon(lesson, piece):
    started = time.process_time()
    _, problems = lesson.load_text(piece * (200_000 // len(piece)))
    assert time.process_time() - started < 5
    assert 1 <= len(problems) <= 201


def test_a_missing_script_is_named_with_the_one_that_is_there(lesson):
    from pipeline.lesson.load import load_lesson
    from pipeline.specs import load_structure

    read, problems = load_lesson(lesson.folder / "lesson.yaml", load_structure())
    assert read is None
    assert [each.code for each in problems] == ["script.missing"]
    lesson.file("lesson.yml")
    _, problems = load_lesson(lesson.folder / "lesson.yaml", load_structure())
    assert [each.code for each in problems] == ["script.missing-hint"]
    assert str(problems[0].fields["hint"]).endswith("lesson.yml")


def test_a_place_names_the_file_as_it_was_given(lesson, monkeypatch):
    from pathlib import Path

    from pipeline.lesson.load import load_lesson
    from pipeline.specs import load_structure

    lesson.load("grade: 8", "grade: 12")
    monkeypatch.chdir(lesson.folder.parent)
    _, problems = load_lesson(Path("kk-8-algebra"), load_structure())
    assert [str(each.place) for each in problems] == ["kk-8-algebra/lesson.yaml:4:8"]


def test_a_document_that_begins_without_a_mark_is_a_second_one_too(lesson, found):
    read, problems = lesson.load("questions:", "...\nquestions:")
    assert found(problems)[-1] == (23, 1, "script.several-documents")
    assert read is not None
