"""Filling the explanation to the frame (concept A3), with the three ways out when it does not fit."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pipeline.errors import Place
from pipeline.lesson.model import Slide
from pipeline.timeline.fit import Planned, fit_to

FPS = Fraction(25)


def item(frames: int, fit: str | None = None, line: int = 1) -> Planned:
    place = Place("lesson.yaml", line, 3)
    slide = Slide(None, None, None, None, None, None, None, Fraction(frames, 25), fit, full_screen=False, place=place)
    return Planned(slide, frames, fit)


def fitted(items: list[Planned], room: int) -> tuple[list[int], list[tuple[str, str]]]:
    done, problems = fit_to(items, room, tolerance=25, fps=FPS, place=Place("lesson.yaml", 9, 1))
    return [each.frames for each in done], [(problem.code, problem.severity) for problem in problems]


def test_items_that_add_up_are_left_alone() -> None:
    assert fitted([item(100), item(150)], 250) == ([100, 150], [])


def test_a_second_too_short_is_held_on_the_last_item_and_reported() -> None:
    assert fitted([item(100), item(125)], 250) == ([100, 150], [("timeline.held", "warning")])


def test_a_second_too_long_is_trimmed_off_the_last_item_and_reported() -> None:
    assert fitted([item(100), item(175)], 250) == ([100, 150], [("timeline.trimmed", "warning")])


@pytest.mark.parametrize(("frames", "code"), [(124, "short"), (176, "long")])
def test_a_frame_more_than_a_second_is_an_error(frames: int, code: str) -> None:
    assert fitted([item(100), item(frames)], 250)[1] == [(f"timeline.explanation-too-{code}", "error")]


def test_the_error_states_the_sum_the_room_and_the_difference() -> None:
    _, problems = fit_to([item(100), item(76)], 250, 25, FPS, Place("lesson.yaml", 9, 1))
    assert problems[0].fields == {"sum": "0:07", "room": "0:10", "difference": "2.96"}
    assert problems[0].place == Place("lesson.yaml", 9, 1)


def test_the_item_marked_hold_takes_any_missing_time() -> None:
    assert fitted([item(50, "hold"), item(100)], 250) == ([150, 100], [("timeline.held", "note")])


def test_the_item_marked_trim_gives_any_time_away() -> None:
    assert fitted([item(300, "trim"), item(100)], 250) == ([150, 100], [("timeline.trimmed", "note")])


def test_a_mark_that_points_the_other_way_does_not_help() -> None:
    assert fitted([item(50, "trim"), item(100)], 250)[1] == [("timeline.explanation-too-short", "error")]


def test_trimming_an_item_to_less_than_a_second_is_an_error() -> None:
    assert fitted([item(100, "trim"), item(230)], 250)[1] == [("timeline.nothing-left-to-trim", "error")]


def test_held_frames_are_counted_so_that_a_clip_repeats_its_last_picture() -> None:
    done, _ = fit_to([item(50, "hold"), item(100)], 250, 25, FPS, None)
    assert [each.held for each in done] == [100, 0]
