"""The state of a batch as its watchers see it."""

from __future__ import annotations

import random
import threading
from dataclasses import replace

import pytest

from pipeline.batch.model import LessonResult, Outcome
from pipeline.batch.progress import NEWS_KEPT, Board, Note, Quiet, Watcher


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def result(lesson_id: str, outcome: Outcome = "made") -> LessonResult:
    return LessonResult(lesson_id, f"{lesson_id}/lesson.yaml", outcome)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(clock: Clock) -> Board:
    board = Board(clock)
    board.workers(2)
    board.planned(lessons=10, frames=1000, unchanged=5, segments=100, missing=50, shared=1)
    board.take_news()
    return board


def test_quiet_and_the_board_are_watchers() -> None:
    watchers: list[Watcher] = [Quiet(), Board()]
    for each in watchers:
        each.planning(1, 2)
        each.planned(2, 10, 0, 2, 2, 0)
        each.lesson("a", "encode", 5, 10)
        each.note("batch.scheduler-lost")
        each.ended(result("a"))
        each.workers(3)


def test_frames_of_lessons_add_up(board: Board) -> None:
    board.lesson("a", "encode", 0, 200)
    board.lesson("b", "encode", 0, 200)
    board.lesson("a", "encode", 150, 200)
    board.lesson("b", "encode", 30, 200)
    assert board.frames == (180, 1000)
    board.lesson("a", "encode", 200, 200)
    assert board.frames == (230, 1000)


def test_frames_that_a_lost_worker_had_made_are_to_be_made_again(board: Board) -> None:
    board.lesson("a", "encode", 0, 200)
    board.lesson("a", "encode", 150, 200)
    board.lesson("a", "encode", 20, 200)
    assert board.frames == (20, 1000)


def test_frames_that_were_there_when_a_lesson_began_are_nobodys_speed(board: Board, clock: Clock) -> None:
    board.lesson("a", "encode", 0, 100)
    clock.now += 1
    board.lesson("a", "encode", 10, 100)
    slow = board.pace.fps
    board.lesson("b", "join", 200, 200)
    assert board.frames == (210, 1000)
    assert board.pace.fps == slow


def test_a_lesson_that_fails_halfway_leaves_nothing_to_do(board: Board) -> None:
    board.lesson("a", "encode", 0, 400)
    board.lesson("a", "encode", 100, 400)
    board.ended(result("a", "failed"))
    assert board.frames == (100, 700)
    assert board.rows(5) == ([], 0)


def test_lessons_that_fail_unheard_of_take_their_share_of_the_frames_along(board: Board) -> None:
    for each in "abcde":
        board.ended(result(each, "failed"))
    assert board.frames == (0, 0)
    assert board.lessons == (10, 10)
    assert board.share == 1


def test_what_was_not_run_is_not_done(board: Board) -> None:
    board.lesson("a", "encode", 0, 400)
    board.lesson("a", "encode", 100, 400)
    for each in "abcde":
        board.ended(result(each, "not-run"))
    assert board.frames == (100, 1000)
    assert board.lessons == (5, 10)
    assert board.share < 1
    assert board.rows(5) == ([], 0)


@pytest.mark.parametrize("before", [True, False], ids=["told before the plan", "told after it"])
def test_unchanged_lessons_are_counted_once(before: bool) -> None:
    board = Board()
    untouched = [result("a", "unchanged"), result("b", "left-alone")]
    if before:
        for each in untouched:
            board.ended(each)
    board.planned(lessons=5, frames=10, unchanged=2, segments=3, missing=3, shared=0)
    if not before:
        assert board.lessons == (2, 5)
        for each in untouched:
            board.ended(each)
    assert board.lessons == (2, 5)
    assert board.unchanged == 1
    assert board.pace.lessons_left == 3


def test_failures_of_planning_are_done_when_the_plan_comes() -> None:
    board = Board()
    board.ended(result("a", "failed"))
    board.planned(lessons=3, frames=10, unchanged=1, segments=3, missing=3, shared=0)
    assert board.lessons == (2, 3)
    assert board.pace.lessons_left == 1


def test_what_comes_late_does_not_bring_a_lesson_back(board: Board) -> None:
    board.lesson("a", "encode", 0, 100)
    board.ended(result("a"))
    before = board.frames
    board.lesson("a", "publish", 100, 100)
    assert board.rows(5) == ([], 0)
    assert board.frames == before


def test_a_script_that_clashes_does_not_hide_the_lesson_whose_id_it_has(board: Board) -> None:
    board.ended(result("a", "failed"))
    board.lesson("a", "encode", 0, 100)
    assert [each.id for each in board.rows(5)[0]] == ["a"]


def test_the_share_is_whole_only_when_every_lesson_has_ended(board: Board, clock: Clock) -> None:
    for each in "abcde":
        assert board.share < 1
        board.lesson(each, "encode", 0, 200)
        clock.now += 1
        board.lesson(each, "encode", 200, 200)
        board.lesson(each, "check", 200, 200)
        clock.now += 1
        assert board.share < 1
        board.ended(result(each))
    assert board.share == 1
    assert board.pace.left() == 0


def test_lessons_keep_their_rows_while_others_come(board: Board, clock: Clock) -> None:
    for each in "abc":
        board.lesson(each, "encode", 0, 100)
    assert [each.id for each in board.rows(2)[0]] == ["a", "b"]
    clock.now += 1
    board.lesson("c", "encode", 10, 100)
    assert [each.id for each in board.rows(2)[0]] == ["a", "b"]
    assert board.rows(2)[1] == 1
    board.ended(result("a"))
    assert [each.id for each in board.rows(2)[0]] == ["b", "c"]


def test_a_lesson_that_is_no_longer_heard_of_gives_its_row_away(board: Board, clock: Clock) -> None:
    for each in "abc":
        board.lesson(each, "encode", 0, 100)
    board.rows(2)
    clock.now += Board.IDLE + 1
    board.lesson("b", "encode", 10, 100)
    board.lesson("c", "encode", 10, 100)
    assert [each.id for each in board.rows(2)[0]] == ["b", "c"]


def test_the_speed_of_a_lesson_is_that_of_the_last_seconds(board: Board, clock: Clock) -> None:
    for second in range(60):
        board.lesson("a", "encode", second * (10 if second < 30 else 20), 10_000)
        clock.now += 1
    [row] = board.rows(1)[0]
    assert 15 < row.fps(clock.now) < 25
    clock.now += 1000
    assert row.fps(clock.now) < 1


def test_a_stage_tells_since_when_it_lasts(board: Board, clock: Clock) -> None:
    board.lesson("a", "sound", 0, 0)
    clock.now += 5
    board.lesson("a", "join", 0, 0)
    clock.now += 7
    board.lesson("a", "join", 0, 0)
    [row] = board.rows(1)[0]
    assert clock.now - row.since == 7


def test_a_note_is_kept_once_until_something_else_is_noted(board: Board) -> None:
    for _ in range(3):
        board.note("batch.scheduler-lost")
    board.note("batch.scheduler-back")
    board.note("batch.scheduler-lost")
    codes = [each.code for each in board.take_news() if isinstance(each, Note)]
    assert codes == ["batch.scheduler-lost", "batch.scheduler-back", "batch.scheduler-lost"]
    assert board.take_news() == []


def test_news_that_nobody_takes_do_not_fill_the_memory(board: Board) -> None:
    for number in range(NEWS_KEPT + 100):
        board.note("batch.worker-lost", worker=number)
    news = board.take_news()
    assert len(news) == NEWS_KEPT
    assert news[-1] == Note("batch.worker-lost", {"worker": NEWS_KEPT + 99})


def test_many_threads_may_tell_at_once() -> None:
    board = Board()
    lessons = 40
    board.planned(lessons, lessons * 100, 0, lessons, lessons, 0)
    failed: list[BaseException] = []

    def work(mine: int) -> None:
        chance = random.Random(mine)  # noqa: S311
        try:
            for number in range(mine, lessons, 4):
                name = f"lesson-{number}"
                for done in range(0, 101, 10):
                    board.lesson(name, "encode", done, 100)
                    board.rows(chance.randrange(5))
                board.lesson(name, "join", 100, 100)
                board.ended(replace(result(name), seconds=1.0))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert not failed
    assert board.lessons == (lessons, lessons)
    assert board.frames == (lessons * 100, lessons * 100)
    assert board.outcomes["made"] == lessons
