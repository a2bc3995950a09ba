"""The plan as data: order, portions, what is shared, who owns an id."""

from __future__ import annotations

from pipeline.batch.plan import CARD_COST, LEAST_FRAMES, PORTION_FRAMES, SOUND_COST, make_plan
from tests.unit.batch.plans import planned


def test_the_lesson_with_most_to_encode_comes_first() -> None:
    plan = make_plan(
        [planned("short", {"a": 50}), planned("long", {"b": 750, "c": 750}), planned("middle", {"d": 700})]
    )
    assert [work.planned.id for work in plan.works] == ["long", "middle", "short"]


def test_what_a_cache_holds_is_not_work() -> None:
    plan = make_plan([planned("lesson", {"a": 50, "b": 60}, there=("a", "sound of lesson"))])
    assert [portion.keys for portion in plan.works[0].portions] == [("b",)]
    assert (plan.frames, plan.missing, plan.segments) == (60, 1, 2)


def test_a_shared_piece_is_counted_once_and_stands_alone() -> None:
    plan = make_plan([planned("one", {"closing": 50, "a": 100}), planned("two", {"closing": 50, "b": 100})])
    assert plan.shared == 1
    assert plan.frames == 50 + 100 + 100
    for work in plan.works:
        assert [portion.keys for portion in work.portions if portion.shared] == [("closing",)]


def test_a_lesson_of_a_few_cards_is_one_portion_with_its_sound() -> None:
    plan = make_plan([planned("cards", {"a": 50, "b": 50, "c": 25})])
    (portion,) = plan.works[0].portions
    assert set(portion.keys) == {"a", "b", "c", "sound of cards"}
    assert portion.cost == 125 + 3 * CARD_COST + SOUND_COST


def test_a_long_lesson_is_cut_into_portions_the_heaviest_first() -> None:
    plan = make_plan([planned("film", {str(number): 750 for number in range(10)} | {f"c{n}": 50 for n in range(20)})])
    portions = plan.works[0].portions
    keys = [key for portion in portions for key in portion.keys]
    assert len(keys) == len(set(keys)) == 31
    assert [portion.cost for portion in portions] == sorted((portion.cost for portion in portions), reverse=True)
    assert all(len(portion.keys) == 1 or portion.cost <= PORTION_FRAMES for portion in portions)


def test_towards_the_end_portions_become_small_so_that_no_worker_stands_idle() -> None:
    lessons = [planned(f"{number:02}", {f"{number}-{n}": 50 for n in range(12)}) for number in range(20)]
    portions = [work.portions for work in make_plan(lessons, threads=2).works]
    assert [len(each) for each in portions[:16]] == [1] * 16
    assert len(portions[-1]) > len(portions[-3]) > 1
    assert all(portion.cost <= LEAST_FRAMES + SOUND_COST for portion in portions[-1])
    alone = [work.portions for work in make_plan(lessons, threads=1).works]
    assert [len(each) for each in alone] == [1] * 20


def test_a_piece_that_a_film_shows_twice_is_made_once() -> None:
    lesson = planned("twice", {"a": 50})
    twice = lesson.__class__(
        **{name: getattr(lesson, name) for name in lesson.__slots__} | {"pieces": lesson.pieces * 2}
    )
    plan = make_plan([twice])
    assert [key for portion in plan.works[0].portions for key in portion.keys].count("a") == 1
    assert plan.shared == 0


def test_the_first_lesson_named_keeps_an_id_and_the_second_is_told() -> None:
    plan = make_plan(
        [planned("first", {"a": 50}, lesson_id="algebra"), planned("second", {"b": 900}, lesson_id="algebra")]
    )
    assert [work.planned.source.shown for work in plan.works] == ["season/first/lesson.yaml"]
    ((loser, failure),) = plan.clashes
    assert loser.source.shown == "season/second/lesson.yaml"
    assert failure.problems[0].code == "build.same-id"
    assert failure.problems[0].fields == {"id": "algebra"}


def test_an_id_of_an_unchanged_lesson_is_taken() -> None:
    taken = {"algebra": "/season/other/lesson.yaml"}
    plan = make_plan([planned("new", {"a": 50}, lesson_id="algebra")], taken)
    assert not plan.works
    assert len(plan.clashes) == 1


def test_a_lesson_that_is_up_to_date_is_no_work() -> None:
    plan = make_plan([planned("done", {"a": 50}, up_to_date=True)])
    assert not plan.works
    assert [each.id for each in plan.unchanged] == ["done"]


def test_equal_lessons_are_ordered_by_their_scripts() -> None:
    names = ["c", "a", "b"]
    plan = make_plan([planned(name, {f"piece {name}": 50}) for name in names])
    assert [work.planned.id for work in plan.works] == ["a", "b", "c"]
