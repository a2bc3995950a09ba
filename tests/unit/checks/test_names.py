"""Faults of names are found, and ordinary names have none."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks.names import Fault, NameFault, name_faults, printable
from pipeline.rulebook import rulebook

LETTERS = rulebook()["NAM-007"].limits
PATH = rulebook()["NAM-006"].limits["path"]


def faults(*names: str) -> list[NameFault]:
    return list(name_faults(names, max_path=PATH, latin_lookalikes=LETTERS["latin"], other_lookalikes=LETTERS["other"]))


def kinds(*names: str) -> list[Fault]:
    return [each.fault for each in faults(*names)]


@pytest.mark.parametrize(
    "name",
    [
        "lesson.yaml",
        "media/teacher-1.mp4",
        "Сабақ № 1 (кіріспе).mp4",
        "Қазақстан тарихы/Ұлы Жібек жолы.png",
        "урок_2_final v1.2.mp3",
        "WWW-сайт.html",
        "3D-модель.png",
        "A4формат.pdf",
        "PDFфайл.png",
        "PowerPointқа.png",
        "H2O.svg",
        "x²+y²=1.svg",
        "α-бөлшек.png",
        "日本語.png",
        "👩‍🏫 сабақ.png",
        "console.log",
        "com10.txt",
        "nullable",
        "a+b=c, 50% & #1 [new] {x} ~ $ @ '!.png",
        ".htaccess",
        "-5 градус.png",
    ],
)
def test_an_ordinary_name_has_no_fault(name: str) -> None:
    assert faults(name) == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("CON", Fault.RESERVED),
        ("nul.tar.gz", Fault.RESERVED),
        ("Aux .txt", Fault.RESERVED),
        ("lpt9/a.txt", Fault.RESERVED),
        ("a?.png", Fault.CHARACTER),
        ("1: кіріспе.png", Fault.CHARACTER),
        ("a\x1b[2J.png", Fault.CHARACTER),
        ("media\\a.png", Fault.CHARACTER),
        (b"\xf1\xe0\xe1.png".decode("utf-8", "surrogateescape"), Fault.ENCODING),
        ("photo\u202egnp.exe", Fault.HIDDEN),
        ("a\u200bb.png", Fault.HIDDEN),
        ("a\u00adb.png", Fault.HIDDEN),
        ("photo\u200d.png", Fault.HIDDEN),
        ("\u3164.png", Fault.HIDDEN),
        ("a.png.", Fault.EDGE),
        ("a.png ", Fault.EDGE),
        (" a.png", Fault.EDGE),
        ("folder./a.png", Fault.EDGE),
        ("ә" * 130, Fault.LONG_NAME),
        ("l\u0435sson.yaml", Fault.MIXED),
        ("photo.j\u0440g", Fault.MIXED),
        ("photo.\u0440ng", Fault.MIXED),
        ("к\u0069ріспе.png", Fault.MIXED),
        ("less\u03bfn.png", Fault.MIXED),
        ("СОVID.png", Fault.MIXED),
        ("май.png".replace("й", "и\u0306"), Fault.DECOMPOSED),
        ("e\u0301t\u00e9.png", Fault.DECOMPOSED),
    ],
)
def test_a_fault_of_a_name_is_found_once(name: str, fault: Fault) -> None:
    assert kinds(name) == [fault]


def test_a_path_of_too_many_characters_is_told_with_its_length() -> None:
    name = "/".join(["папка"] * 50)
    assert [(each.fault, each.measured) for each in faults(name)] == [(Fault.LONG_PATH, len(name))]


def test_names_that_become_one_are_told_with_each_other() -> None:
    found = faults("B.png", "a.png", "A.png", "b.PNG")
    assert [(each.fault, each.detail, each.name) for each in found] == [
        (Fault.CASE, "B.png", "b.PNG"),
        (Fault.CASE, "A.png", "a.png"),
    ]


def test_folders_that_become_one_are_told_once_and_not_for_every_file() -> None:
    assert [(each.fault, each.name) for each in faults("Media/a.png", "media/a.png", "media/A.png")] == [
        (Fault.CASE, "media")
    ]


def test_stored_accents_are_told_apart_from_capitals() -> None:
    assert {each.fault for each in faults("й.png", unicodedata.normalize("NFD", "й.png"))} == {
        Fault.FORM,
        Fault.DECOMPOSED,
    }


def test_a_folder_is_told_once_for_all_its_files() -> None:
    assert kinds(*(f"aux/{number}.png" for number in range(50))) == [Fault.RESERVED]


def test_a_path_of_thousands_of_folders_does_not_take_the_memory() -> None:
    assert kinds("a/" * 30_000 + "b") == [Fault.LONG_PATH]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("қар.png", "қар.png"),
        ("a\u202eb", "a\\u{202E}b"),
        ("a\nb\x1b", "a\\u{000A}b\\u{001B}"),
        (b"\xff.png".decode("utf-8", "surrogateescape"), "\\xFF.png"),
    ],
)
def test_a_printable_name_hides_and_obeys_nothing(name: str, shown: str) -> None:
    assert printable(name) == shown


@given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=40), max_size=20))
def test_any_names_are_judged_without_breaking_and_told_in_printable_letters(names: list[str]) -> None:
    for each in faults(*names):
        told = f"{each.part} {each.detail}"
        assert told.encode()
        assert not {unicodedata.category(sign) for sign in told} & {"Cc", "Cs", "Zl", "Zp"}
