"""Numbers, times and names of a batch as people read them."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from pipeline.batch.model import LessonResult
from pipeline.cli.batch_words import Words, clean, padded, shortened


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "—"),
        (-3, "0 s"),
        (0.2, "0 s"),
        (59.4, "59 s"),
        (60, "1 min 00 s"),
        (89, "1 min 20 s"),
        (599, "9 min 50 s"),
        (600, "10 min"),
        (3569, "59 min"),
        (3570, "1 h 00 min"),
        (4800, "1 h 20 min"),
        (47.9 * 3600, "47 h 54 min"),
        (50 * 3600, "2 d 2 h"),
    ],
)
def test_times_are_as_exact_as_people_plan_by(seconds: float | None, told: str) -> None:
    assert Words("en").time(seconds) == told


def test_times_and_numbers_are_written_as_in_the_language() -> None:
    assert Words("kk").time(4800) == "1 сағ 20 мин"
    assert Words("ru").time(50 * 3600) == "2 дн 2 ч"
    assert [Words(each).number(1234567) for each in ("en", "ru", "kk")] == [
        "1,234,567",
        "1\u00a0234\u00a0567",
        "1\u00a0234\u00a0567",
    ]


def test_no_speed_is_no_number() -> None:
    assert Words("en").speed(0, 25) == "—"
    assert Words("en").speed(182.4, 25) == "182 fps (7.3×)"


@pytest.mark.parametrize(
    "name", ["kk-8-algebra-quadratic-0012", "Қазақ-тілі-9-сабақ-0012", "課程二次方程八年級上學期十二"]
)
@pytest.mark.parametrize("width", [3, 8, 15, 20, 40])
def test_a_long_name_keeps_both_its_ends(name: str, width: int) -> None:
    short = shortened(name, width)
    assert cell_len(short) <= width
    assert cell_len(padded(name, width)) == width
    if cell_len(name) <= width:
        assert short == name
    elif width >= 8:
        assert short[0] == name[0]
        assert short[-1] == name[-1]


def test_what_strangers_wrote_is_kept_to_what_can_be_seen() -> None:
    assert clean("a\x1b[31m\nб\u202eә") == "a\ufffd[31m\ufffdб\ufffdә"
    assert clean("1\u00a0024 «ә» …") == "1\u00a0024 «ә» …"


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"where": "x", "message": "y", "remedy": 3},
        {"severity": "worst", "where": {"line": 4}, "message": {"ru": "нет"}},
    ],
)
def test_a_record_that_lacks_something_is_told_as_far_as_it_goes(record: dict[str, object]) -> None:
    lines = [line.plain for line in Words("kk").result(LessonResult("a", "a", "failed", errors=(record,)))]
    assert lines[0].startswith("қате: ")
    assert lines[-1] == "✗ a: фильм жасалмады"


def test_a_film_of_which_little_is_known_is_still_one_line() -> None:
    for film in (None, {}, {"frames": 0, "fps": None, "bytes": 0, "loudness": None}):
        [line] = Words("en").result(LessonResult("a", "a", "made", film=film))
        assert line.plain == "✓ a  0 s"
