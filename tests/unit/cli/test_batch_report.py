"""What a person reads before a batch begins, and after it has ended."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from pipeline.batch.model import LessonResult, Outcome, Piece, Planned, Source, told
from pipeline.cli.batch_report import AGAIN, FAILURES_TOLD, report, show_plan
from pipeline.cli.speak import Speaker
from pipeline.errors import Place, Problem
from pipeline.messages import catalogue


def speaker(language: str = "en") -> Speaker:
    made = Speaker(language)
    made.console = Console(file=io.StringIO(), width=80, highlight=False, soft_wrap=True)
    return made


def printed(of: Speaker) -> list[str]:
    assert isinstance(of.console.file, io.StringIO)
    return of.console.file.getvalue().splitlines()


def result(lesson_id: str, outcome: Outcome = "made") -> LessonResult:
    film = {"folder": lesson_id, "name": f"{lesson_id}.mp4", "frames": 15_000, "fps": "25", "bytes": 1}
    errors = told([Problem("lesson.grade", Place(f"{lesson_id}/lesson.yaml", 4, 8), {"found": 12})])
    bad = outcome in {"failed", "refused"}
    return LessonResult(lesson_id, lesson_id, outcome, film=None if bad else film, errors=errors if bad else ())


def reported(results: Sequence[LessonResult], seconds: float = 3600, language: str = "en") -> list[str]:
    of = speaker(language)
    report(of, results, seconds, "s3://bucket/term4/")
    return printed(of)


def test_a_long_batch_tells_its_failures_again_with_place_message_and_remedy() -> None:
    lines = reported([result(f"good-{number}") for number in range(AGAIN)] + [result("bad", "failed")])
    at = lines.index("bad/lesson.yaml:4:8: error: There is no grade 12.")
    assert lines[at + 1] == "    Grades go from 1 to 11."
    assert lines[at + 2] == "✗ bad: no film was made"


def test_a_short_batch_does_not_repeat_what_is_still_in_sight() -> None:
    lines = reported([result("good"), result("bad", "failed")])
    assert not any("grade 12" in line for line in lines)
    assert "  ✗ failed  1" in lines


def test_thousands_of_failures_are_left_to_the_record() -> None:
    lines = reported([result(str(number), "failed") for number in range(FAILURES_TOLD + 1234)])
    assert sum(line.startswith("✗") for line in lines) == FAILURES_TOLD
    assert "… and 1234 more, in index.html and batch.json" in lines


def test_counts_film_time_speed_and_places_are_told() -> None:
    outcomes: list[Outcome] = ["made"] * 18 + ["unchanged"] * 1200 + ["not-run"] * 3
    lines = reported([result(str(number), each) for number, each in enumerate(outcomes)])
    assert lines == [
        "",
        "Lessons: 1221, in 1 h 00 min",
        "  ✓ made         18",
        "  · not begun     3",
        "  = unchanged  1200",
        "  film made 3 h 00 min, 3× real time, lessons an hour: 18",
        "  gallery  s3://bucket/term4/index.html",
        "  record   s3://bucket/term4/batch.json",
        "The same command goes on where it stopped; finished work is not done again.",
    ]


@pytest.mark.parametrize("results", [[], [result("a")]])
def test_no_time_and_no_film_divide_nothing(results: list[LessonResult]) -> None:
    assert reported(results, seconds=0)[-1].endswith("batch.json")


@pytest.mark.parametrize("outcomes", [["unchanged"], ["left-alone"], ["unchanged", "left-alone"]])
def test_where_nothing_changed_one_line_says_so(outcomes: list[Outcome]) -> None:
    results = [result(str(number), outcomes[number % len(outcomes)]) for number in range(2000)]
    assert reported(results, 2) == [
        "Lessons: 2000. Nothing changed, nothing to make (2 s). Gallery: s3://bucket/term4/index.html"
    ]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "✗ bad: left alone; failed at the last run"),
        ("ru", "✗ bad: не тронут; в прошлый раз не получился"),
        ("kk", "✗ bad: тиілмеді; өткен жолы қатемен аяқталған"),
    ],
)
def test_a_lesson_that_failed_last_time_and_was_left_alone_is_named_with_its_errors(language: str, told: str) -> None:
    bad = replace(result("bad", "failed"), outcome="left-alone")
    lines = reported([result("good", "left-alone"), bad], language=language)
    assert told in lines
    assert any(line.startswith("bad/lesson.yaml:4:8: ") for line in lines)
    assert not any("good" in line for line in lines)
    assert catalogue()["status.mend"][language]["what"] == lines[-1]


def test_how_to_go_on_is_told_where_it_helps() -> None:
    go_on, mend = (catalogue()[f"status.{each}"]["en"]["what"] for each in ("go-on", "mend"))
    assert reported([result("a"), result("b", "not-run")])[-1] == go_on
    assert reported([result("a", "refused"), result("b", "not-run")])[-1] == mend
    of = speaker()
    report(of, [result("a", "failed"), result("b", "not-run")], 1, "out", interrupted=True)
    assert printed(of)[-1] == go_on
    ours = replace(result("a", "failed"), ours=True)
    assert not {go_on, mend} & set(reported([ours]))
    assert not {go_on, mend} & set(reported([result("a"), result("b", "unchanged")]))


def test_a_refused_film_is_told_where_it_lies() -> None:
    refused = replace(result("bad", "refused"), film={"folder": ".telesabaq/refused/bad", "name": "bad.mp4"})
    lines = reported([result(str(number)) for number in range(AGAIN)] + [refused])
    assert any(line.endswith(" s3://bucket/term4/.telesabaq/refused/bad/bad.mp4") for line in lines)


def test_speeds_have_the_comma_of_the_language() -> None:
    lines = reported([result("a")], 800, language="ru")
    assert "  собрано 10 мин фильма, 0,8× к реальному времени, уроков в час: 4" in lines


# Before ----------------------------------------------------------------------------------------------

CLOSING = Piece("closing", "closing", 125, 125)


def planned(lesson_id: str, there: int, *, up_to_date: bool = False) -> Planned:
    """A lesson of ten pieces of 1000 frames and the closing card; of the ten so many are there."""
    pieces = (*(Piece(f"{lesson_id}-{number}", "clip", 1000, 1000) for number in range(10)), CLOSING)
    keys = frozenset(piece.key for piece in pieces[:there])
    source = Source(f"/{lesson_id}/lesson.yaml", lesson_id)
    return Planned(source, lesson_id, "build", {}, pieces, "sound", keys, {}, 0, up_to_date)


PLANNED = [planned("few", 9), planned("all", 0), planned("done", 10, up_to_date=True)]


def test_a_plan_lists_what_is_missing_and_its_sums_count_shared_segments_once() -> None:
    of = speaker()
    show_plan(of, PLANNED, unchanged=1000, fps=10.0)
    lines = printed(of)
    assert [line.split() for line in lines[:3]] == [
        ["lesson", "segments", "frames"],
        ["all", "11", "of", "11", "10,125"],
        ["few", "2", "of", "11", "1125"],
    ]
    assert lines[3:] == [
        "",
        "to make                          2",
        "segments                        12",
        "shared segments, made once       1",
        "frames                      11,125",
        "unchanged                     1001",
        "cannot be made                   0",
        "time, as measured before    19 min",
    ]


def test_without_a_measured_speed_no_time_is_made_up() -> None:
    of = speaker()
    show_plan(of, PLANNED)
    assert not any("time" in line for line in printed(of))


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_plan_fits_eighty_columns_in_straight_columns(language: str) -> None:
    of = speaker(language)
    show_plan(of, [planned("қазақ-тілі-" * 20, 3), planned("x", 5), planned("課程" * 40, 1)], fps=1.0)
    lines = printed(of)
    assert {cell_len(line) for line in lines[:4]} == {80}
    sums = lines[5:]
    assert len({cell_len(line) for line in sums}) == 1
    assert max(map(cell_len, sums)) <= 80


def test_what_cannot_be_made_is_told_in_full() -> None:
    of = speaker()
    show_plan(of, PLANNED, failed=[result("bad", "failed")])
    assert "bad/lesson.yaml:4:8: error: There is no grade 12." in printed(of)
    assert any(line.split() == ["cannot", "be", "made", "1"] for line in printed(of))


@pytest.mark.parametrize(("lessons", "again"), [(AGAIN, False), (AGAIN + 1, True)])
def test_what_was_told_already_is_told_again_only_below_a_long_list(lessons: int, again: bool) -> None:
    of = speaker()
    show_plan(of, [planned(str(each), 0) for each in range(lessons)], failed=[result("bad", "failed")], told=True)
    assert ("✗ bad: no film was made" in printed(of)) is again


def test_nothing_to_do_is_a_plan_too() -> None:
    of = speaker("ru")
    show_plan(of, [], unchanged=3, fps=10.0)
    assert [line.split() for line in printed(of)] == [
        ["сделать", "0"],
        ["без", "изменений", "3"],
        ["собрать", "нельзя", "0"],
    ]


@pytest.mark.parametrize("outcome", ["made", "unchanged"])
def test_a_summary_that_could_not_be_written_is_not_pointed_at(outcome: Outcome) -> None:
    assert "index.html" in "\n".join(reported([result("a", outcome)]))
    of = speaker()
    report(of, [result("a", outcome)], 1, "out", summed_up=False)
    assert "index.html" not in "\n".join(printed(of))
