"""What a person sees of a batch while it runs: on terminals of any size, and in logs."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from pipeline.batch.model import LessonResult, Outcome, told
from pipeline.cli.batch_words import fitted_in
from pipeline.cli.show_batch import LiveBatch, PlainBatch, show_batch
from pipeline.cli.speak import Speaker
from pipeline.errors import Place, Problem

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")

PROBLEMS = (
    Problem("lesson.grade", Place("a/lesson.yaml", 4, 8), {"found": 12}),
    Problem("deliver.too-big", None, {"size": 7, "limit": 6}),
)

NAMES = (
    "kk-8-algebra-quadratic",
    "kk-5-science-water-scenario-with-a-name-that-never-ends-2026-term-4-week-12",
    "Қазақ-тілі-9-үндестік-заңы",
    "課程-二次方程-八年級-上學期-第十二週-課程-二次方程",
    "x",
)


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def speaker(language: str = "en", *, width: int = 80, height: int = 24, terminal: bool = False) -> Speaker:
    made = Speaker(language)
    made.console = Console(
        file=io.StringIO(), width=width, height=height, force_terminal=terminal, highlight=False, soft_wrap=True
    )
    return made


def printed(of: Speaker) -> str:
    assert isinstance(of.console.file, io.StringIO)
    return of.console.file.getvalue()


def result(lesson_id: str, outcome: Outcome = "made", **more: Any) -> LessonResult:
    film = {
        "folder": lesson_id,
        "name": f"{lesson_id}.mp4",
        "bytes": 31_200_000,
        "frames": 15_000,
        "fps": "25",
        "loudness": -23,
    }
    errors = told(PROBLEMS) if outcome in {"failed", "refused"} else ()
    fields: dict[str, Any] = {
        "film": film if outcome in {"made", "refused"} else None,
        "errors": errors,
        "seconds": 84.0,
    }
    return LessonResult(lesson_id, f"{lesson_id}/lesson.yaml", outcome, **fields | more)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def begun(display: LiveBatch | PlainBatch, lessons: int = 20, unchanged: int = 5) -> None:
    display.workers(2)
    display.planned(lessons, 1000, unchanged, 300, 200, 2)


# On a terminal ---------------------------------------------------------------------------------------


def lines_of(display: LiveBatch) -> list[str]:
    console = display.console
    rendered = console.render_lines(display, console.options, pad=False)
    return ["".join(segment.text for segment in line) for line in rendered]


def busy(of: Speaker, clock: Clock, running: int = 16) -> LiveBatch:
    display = LiveBatch(of, 25.0, clock=clock)
    begun(display, lessons=2042, unchanged=1042)
    stages = ("encode", "encode", "sound", "join", "check", "publish")
    for second in range(20):
        for number in range(running):
            name = f"{NAMES[number % len(NAMES)]}-{number}"
            display.lesson(name, stages[number % 6], second * 40, 15_000)
        clock.now += 1
    for number, outcome in enumerate(("made", "failed", "refused", "left-alone", "not-run")):
        display.ended(result(f"done-{number}", outcome))
    return display


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("width", [20, 40, 60, 80, 81, 120, 200])
def test_no_live_line_is_broken_by_the_terminal(language: str, width: int, clock: Clock) -> None:
    display = busy(speaker(language, width=width, height=40, terminal=True), clock)
    lines = lines_of(display)
    assert len(lines) == 1 + 16 + 3
    assert max(map(cell_len, lines)) < width
    columns = [cell_len(line) for line in lines[1:17]]
    assert max(columns) == min(columns)


@pytest.mark.parametrize("height", [5, 8, 12, 24, 30])
def test_rows_fit_the_terminal_and_the_rest_is_counted(height: int, clock: Clock) -> None:
    lines = lines_of(busy(speaker(height=height, terminal=True), clock, running=40))
    assert len(lines) <= max(height, 5)
    rows = sum("fps" in line or line.endswith(" s") for line in lines[1:-4])
    assert f"… and {40 - rows} more" in lines
    assert "failed 1" in lines[-1]


def test_the_overall_lines_tell_how_far_the_batch_is(clock: Clock) -> None:
    display = LiveBatch(speaker(terminal=True), 25.0, clock=clock)
    begun(display)
    for done in range(0, 501, 10):
        display.lesson("a", "encode", done, 1000)
        clock.now += 1
    *_, row, bar, numbers, counts = lines_of(display)
    assert re.search(r"^a\s+encoding\s+━+╸?─+  50 %\s+(9|10) fps$", row)
    assert re.search(r"━ ?.*  \d+ %  time left \d+ min( \d\d s)?$", bar)
    assert re.fullmatch(r"lessons 5 of 20  frames 500 of 1000  (9|10) fps \(0\.4×\)  workers 2", numbers)
    assert counts == "✓ made 0   = unchanged 5"


def test_time_left_is_not_told_before_it_is_known(clock: Clock) -> None:
    display = LiveBatch(speaker("ru", terminal=True), 25.0, clock=clock)
    begun(display)
    assert lines_of(display)[-3].endswith("осталось —")


def test_while_scripts_are_read_there_is_a_bar_of_scripts(clock: Clock) -> None:
    display = LiveBatch(speaker("kk", terminal=True), 25.0, clock=clock)
    display.planning(1021, 2042)
    [line] = lines_of(display)
    assert line.startswith("сценарийлер оқылуда  ━")
    assert line.endswith("1021 / 2042")


def test_a_hostile_name_moves_no_cursor(clock: Clock) -> None:
    evil = "a\x1b[2J\r\n\tb\u009b5A\u202e"
    display = LiveBatch(speaker(terminal=True), 25.0, clock=clock)
    begun(display)
    display.lesson(evil, "encode", 0, 1000)
    assert not CONTROL.search("".join(lines_of(display)))
    display.ended(result(evil))
    display.ended(result(evil, "failed", errors=told([Problem("lesson.grade", Place(evil, 1, 1), {"found": evil})])))
    display.note("batch.worker-lost", worker=evil)
    assert not CONTROL.search("".join(line.plain for line in display.news()))


def test_a_film_is_one_line_that_fits_the_terminal(clock: Clock) -> None:
    for width in (40, 60, 80, 120):
        of = speaker("ru", width=width, terminal=True)
        display = LiveBatch(of, 25.0, clock=clock)
        for name in NAMES:
            display.ended(result(name, warnings=({}, {})))
        lines = [line.plain for line in display.news()]
        assert len(lines) == len(NAMES)
        assert max(map(cell_len, lines)) <= width, lines
        assert all(line.startswith("✓ ") and " 10:00 " in f"{line} " for line in lines)


def test_lines_that_were_broken_anew_by_a_narrower_terminal_are_wiped(clock: Clock) -> None:
    of = speaker(width=100, terminal=True)
    display = LiveBatch(of, 25.0, clock=clock)
    begun(display)
    for number in range(4):
        display.lesson(f"{NAMES[0]}-{number}", "encode", 0, 1000)
    display.EVERY = 1000.0
    with display:
        display.show()
        drawn = [cell_len(line) for line in lines_of(display)]
        before = len(printed(of))
        of.console.width = 40
        display.show()
        rows = sum(max(-(-each // 40), 1) for each in drawn)
        assert rows > len(drawn)
        assert printed(of)[before:].count("\x1b[1A") == rows - 1


def test_on_a_terminal_words_stay_whole_and_the_indent_is_kept(clock: Clock) -> None:
    of = speaker("ru", width=40, terminal=True)
    display = LiveBatch(of, 25.0, clock=clock)
    display.EVERY = 1000.0
    path = "in/a-folder-with-a-very-long-name-indeed/lesson.yaml"
    with display:
        display.ended(result("a", "failed", errors=told([Problem("lesson.grade", Place(path, 3, 8), {"found": 12})])))
        display.show()
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", printed(of)).splitlines()
    assert f"{path}:3:8:" in shown
    assert "ошибка: Класса 12 нет." in shown
    display.ended(result("b", "failed", errors=told([Problem("batch.no-scheduler", None, {"address": "x"})])))
    lines = [part.plain for line in display.news() for part in fitted_in(of.console, line)]
    assert max(map(cell_len, lines)) <= 40
    # The remedy takes several lines, all of them behind its indent.
    assert [line.startswith("    ") for line in lines] == [False, False, True, True, True, False]


class Terminal:
    """A real pseudo-terminal that keeps what was written to it."""

    def __init__(self, width: int, height: int) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.file = os.fdopen(slave, "w", encoding="utf-8")
        self._taken: list[bytes] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                self._taken.append(os.read(self._master, 65536))
            except OSError:
                return

    def text(self) -> str:
        """Everything that was written; nothing can be written any more."""
        self.file.close()
        self._reader.join(10)
        os.close(self._master)
        return b"".join(self._taken).decode()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    made = Terminal(80, 24)
    yield made
    if not made.file.closed:
        made.text()


def on(terminal: Terminal) -> Speaker:
    made = Speaker("en")
    made.console = Console(file=terminal.file, highlight=False, soft_wrap=True)
    return made


def test_on_a_real_terminal_the_live_lines_go_away_and_the_cursor_comes_back(terminal: Terminal) -> None:
    with show_batch(on(terminal), 25.0) as display:
        assert isinstance(display, LiveBatch)
        begun(display)
        display.lesson("going-on", "encode", 0, 1000)
        display.ended(result("ready"))
        display.show()
    text = terminal.text()
    assert "✓" in text
    assert "going-on" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1
    # After the last picture nothing is left of it: as many lines are wiped as were drawn.
    last = text[text.rindex("going-on") :]
    assert last.count("\x1b[2K") >= 5
    assert "going-on" not in last[len("going-on") :]


def test_without_colours_nothing_is_coloured(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with show_batch(on(terminal), 25.0) as display:
        begun(display)
        display.ended(result("a", "failed"))
        display.show()
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", terminal.text())


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
def test_a_terminal_that_cannot_go_back_gets_plain_lines(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("TERM", kind)
    with show_batch(on(terminal), 25.0) as display:
        assert isinstance(display, PlainBatch)
        display.ended(result("a"))
    assert not CONTROL.search(terminal.text().replace("\r\n", "\n"))


def test_a_pipe_gets_plain_lines_even_when_colours_are_forced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    made = Speaker("en")
    with (tmp_path / "log").open("w", encoding="utf-8") as log:
        made.console = Console(file=log)
        assert isinstance(show_batch(made, 25.0), PlainBatch)


# In a log --------------------------------------------------------------------------------------------


def told_by(display: PlainBatch, of: Speaker) -> list[str]:
    before = len(printed(of))
    display.show()
    return printed(of)[before:].splitlines()


def test_a_log_has_a_line_at_every_tenth_and_at_every_half_minute(clock: Clock) -> None:
    of = speaker()
    display = PlainBatch(of, 25.0, clock=clock)
    begun(display)
    assert [line[:8] for line in told_by(display, of)] == ["Lessons:"]
    seen = []
    for done in [*range(500), *range(500, 1001, 25)]:
        clock.now += 1
        display.lesson("a", "encode", done, 1000)
        seen += [(clock.now, line) for line in told_by(display, of)]
    assert all(re.match(r"\d+ %, lessons 5 of 20, frames \d", line) for _, line in seen)
    assert all("time left" in line and "workers 2" in line for _, line in seen)
    pauses = [after - before for (before, _), (after, _) in pairwise(seen)]
    assert max(pauses) <= PlainBatch.PAUSE
    slow, fast = (sum(at <= 550 for at, _ in seen), sum(at > 550 for at, _ in seen))
    assert 16 <= slow <= 22
    assert 3 <= fast <= 6


def test_a_log_ends_with_one_line_of_the_whole(clock: Clock) -> None:
    of = speaker()
    display = PlainBatch(of, 25.0, clock=clock)
    begun(display, lessons=2, unchanged=1)
    display.show()
    display.ended(result("a"))
    told = told_by(display, of)
    assert told[0].startswith("✓ a ")
    assert told[1].startswith("100 %, lessons 2 of 2")
    clock.now += 1000
    assert told_by(display, of) == []


@pytest.mark.parametrize("planned", [True, False])
def test_the_last_count_of_the_scripts_is_that_of_all(clock: Clock, planned: bool) -> None:
    of = speaker("ru")
    display = PlainBatch(of, 25.0, clock=clock)
    display.planning(2, 3)
    assert told_by(display, of) == ["Прочитано сценариев: 2 из 3"]
    display.planning(3, 3)
    if planned:
        display.planned(3, 900, 0, 30, 30, 0)
    before = len(printed(of))
    display.close()
    lines = printed(of)[before:].splitlines()
    assert lines[0] == "Прочитано сценариев: 3 из 3"
    assert len(lines) == (2 if planned else 1)
    display.close()
    assert len(printed(of)[before:].splitlines()) == len(lines)


def test_a_short_reading_that_was_never_told_needs_no_last_count(clock: Clock) -> None:
    of = speaker("ru")
    display = PlainBatch(of, 25.0, clock=clock)
    display.planning(3, 3)
    display.close()
    assert printed(of) == ""


def test_planning_is_told_at_every_tenth(clock: Clock) -> None:
    of = speaker("ru")
    display = PlainBatch(of, 25.0, clock=clock)
    lines = []
    for done in range(0, 2043, 6):
        display.planning(done, 2042)
        lines += told_by(display, of)
    assert len(lines) == 9
    assert lines[0] == "Прочитано сценариев: 210 из 2042"


def test_a_log_has_no_control_characters(clock: Clock) -> None:
    of = speaker("kk")
    display = PlainBatch(of, 25.0, clock=clock)
    begun(display)
    for number, outcome in enumerate(("made", "failed", "refused", "unchanged", "left-alone", "not-run")):
        display.ended(result(f"{NAMES[1]}-{number}", outcome))
    display.note("batch.retry", lesson="", step="plan", attempt=2, worker="tcp://10.0.0.1:1")
    clock.now += 60
    display.show()
    assert len(printed(of).splitlines()) > 5
    assert not CONTROL.search(printed(of))


def test_names_are_whole_in_a_log(clock: Clock) -> None:
    of = speaker()
    display = PlainBatch(of, 25.0, clock=clock)
    display.ended(result(NAMES[1], warnings=({},)))
    assert told_by(display, of) == [f"✓ {NAMES[1]}  10:00  31.2 MB  −23.0 LUFS  warnings 1  1 min 20 s"]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_what_is_wrong_is_said_as_a_single_build_says_it(language: str, clock: Clock) -> None:
    single, of = speaker(language), speaker(language)
    single.problems(PROBLEMS)
    single.say("build.failed", lesson="a")
    display = PlainBatch(of, 25.0, clock=clock)
    display.ended(result("a", "failed"))
    display.show()
    assert printed(of) == printed(single)


def test_warnings_of_good_films_are_told_in_full_when_asked_for(clock: Clock) -> None:
    of = speaker()
    display = PlainBatch(of, 25.0, warnings=True, clock=clock)
    display.ended(result("a", warnings=told([Problem("lesson.grade", None, {"found": 12}, "warning")])))
    assert "warning: There is no grade 12." in told_by(display, of)


def test_lessons_of_which_nothing_was_made_have_no_line(clock: Clock) -> None:
    of = speaker()
    display = PlainBatch(of, 25.0, clock=clock)
    for number, outcome in enumerate(("unchanged", "left-alone", "not-run")):
        display.ended(result(str(number), outcome))
    assert told_by(display, of) == []


def test_a_refused_film_is_told_with_where_it_lies(clock: Clock) -> None:
    for out, shown in (("out/", "out/"), ("s3://term/out", "s3://term/out/"), ("/", "/"), ("", "")):
        of = speaker()
        display = PlainBatch(of, 25.0, out=out, clock=clock)
        display.ended(result("a", "refused", film={"folder": ".telesabaq/refused/a", "name": "a.mov"}))
        assert (
            told_by(display, of)[-1] == f"✗ a: the film has errors and was put aside: {shown}.telesabaq/refused/a/a.mov"
        )


@pytest.mark.parametrize(("language", "told"), [("en", "0.7×"), ("ru", "0,7×"), ("kk", "0,7×")])
def test_numbers_are_written_as_in_the_language(language: str, told: str, clock: Clock) -> None:
    of = speaker(language)
    display = PlainBatch(of, 25.0, clock=clock)
    begun(display)
    for second in range(30):
        display.lesson("a", "encode", 20 * second, 1000)
        clock.now += 1
    display.ended(result("b", film={"frames": 10, "fps": "25", "bytes": 3_200_000, "loudness": -22.96}))
    film, overall = told_by(display, of)[1:]
    assert told in overall
    comma = "," if language != "en" else "."
    assert f"  3{comma}2 " in film
    assert f"  −23{comma}0 LUFS" in film


# Nothing to do, and nothing done ---------------------------------------------------------------------


def test_what_was_not_run_is_not_done(clock: Clock) -> None:
    of = speaker()
    display = PlainBatch(of, 25.0, clock=clock)
    display.planned(3, 425, 0, 20, 20, 0)
    display.lesson("a", "encode", 0, 200)
    display.lesson("a", "encode", 100, 200)
    for each in "abc":
        display.ended(result(each, "not-run"))
    display.close()
    assert [line for line in printed(of).splitlines() if "%" in line] == []
    assert (display.lessons, display.frames) == ((0, 3), (100, 425))
    assert display.share < 1


def test_a_log_ends_without_speed_and_time_left(clock: Clock) -> None:
    of = speaker()
    display = PlainBatch(of, 25.0, clock=clock)
    begun(display, lessons=1, unchanged=0)
    display.lesson("a", "encode", 0, 1000)
    display.lesson("a", "encode", 1000, 1000)
    display.ended(result("a"))
    display.close()
    assert printed(of).splitlines()[-1] == "100 %, lessons 1 of 1, frames 1000 of 1000"


@pytest.mark.parametrize("terminal", [True, False])
def test_where_nothing_changed_nothing_is_told(terminal: bool, clock: Clock) -> None:
    of = speaker(terminal=terminal)
    kind = LiveBatch if terminal else PlainBatch
    display = kind(of, 25.0, clock=clock)
    for number in range(2000):
        display.ended(result(str(number), "unchanged" if number % 2 else "left-alone"))
    display.planned(2000, 0, 2000, 0, 0, 0)
    with display:
        clock.now += 60
        display.show()
    assert CONTROL.sub("", printed(of)).replace("[?25l", "").replace("[?25h", "").strip("\n[2KA1 ") == ""


def test_of_a_batch_with_nothing_to_make_only_that_is_told(clock: Clock) -> None:
    of = speaker("ru")
    display = PlainBatch(of, 25.0, clock=clock)
    display.ended(result("a", "failed"))
    display.planned(3, 0, 2, 0, 0, 0)
    clock.now += 60
    assert told_by(display, of)[-1] == "Уроков: 3, без изменений: 2. Собирать нечего."
    display.close()
    assert "%" not in printed(of)


def test_films_that_only_have_to_be_joined_have_no_frames(clock: Clock) -> None:
    of = speaker()
    display = PlainBatch(of, 25.0, clock=clock)
    display.workers(2)
    display.planned(2, 0, 0, 33, 0, 0)
    [plan] = told_by(display, of)
    clock.now += 60
    [overall] = told_by(display, of)
    assert plan == "Lessons: 2, unchanged: 0. All segments are there (33); films only have to be joined."
    assert overall == "0 %, lessons 0 of 2, workers 2, time left —"


def test_a_lesson_left_alone_is_not_told_twice(clock: Clock) -> None:
    of = speaker()
    display = PlainBatch(of, 25.0, clock=clock)
    display.ended(result("a", "left-alone", errors=told(PROBLEMS)))
    assert told_by(display, of) == []


# Nobody waits for it ---------------------------------------------------------------------------------


class Stuck(io.StringIO):
    """A terminal that takes nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.written_to, self.let_go = threading.Event(), threading.Event()

    def write(self, text: str) -> int:
        self.written_to.set()
        assert self.let_go.wait(20)
        return super().write(text)


def test_nobody_waits_for_a_terminal_that_takes_nothing() -> None:
    of = Speaker("en")
    stuck = Stuck()
    of.console = Console(file=stuck)
    display = PlainBatch(of, 25.0)
    display.EVERY = 0.01
    with display:
        display.ended(result("first"))
        assert stuck.written_to.wait(10)
        for number in range(100):
            display.lesson(f"lesson-{number}", "encode", 1, 2)
            display.ended(result(f"lesson-{number}"))
            display.note("batch.worker-lost", worker=number)
        assert stuck.getvalue() == ""
        stuck.let_go.set()
    assert stuck.getvalue().count("✓") == 101


class Gone(io.StringIO):
    """As a terminal is after its window was closed."""

    def write(self, text: str) -> int:
        raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize("kind", [PlainBatch, LiveBatch])
def test_a_terminal_that_went_away_stops_nothing(kind: type[PlainBatch | LiveBatch]) -> None:
    of = Speaker("en")
    of.console = Console(file=io.StringIO(), force_terminal=kind is LiveBatch)
    display = kind(of, 25.0)
    display.EVERY = 0.01
    with display:
        of.console.file = Gone()
        display.ended(result("a"))
        display._thread.join(10)
        assert not display._thread.is_alive()
        display.ended(result("b"))
        display.note("batch.scheduler-lost")
    assert display.outcomes["made"] == 2


def test_a_reader_that_leaves_stops_nothing(tmp_path: Path) -> None:
    code = """
import os, sys
from rich.console import Console
from pipeline.batch.model import LessonResult
from pipeline.cli.show_batch import PlainBatch
from pipeline.cli.speak import Speaker
reading, writing = os.pipe()
os.close(reading)
speaker = Speaker("en")
speaker.console = Console(file=os.fdopen(writing, "w"))
with PlainBatch(speaker, 25.0) as display:
    display.ended(LessonResult("a", "a", "made"))
open(sys.argv[1], "w").write(str(display.outcomes["made"]))
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "end"], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "end").read_text() == "1"
