"""Progress of a batch: live lines on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

from pipeline.batch.model import LessonResult
from pipeline.batch.progress import Board, Note, Running
from pipeline.cli.batch_report import report, show_plan
from pipeline.cli.batch_words import SIGNS, Words, clean, fitted_in, padded
from pipeline.cli.speak import Speaker

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.live import Live
    from rich.segment import Segment
    from rich.text import Text

__all__ = ["LiveBatch", "PlainBatch", "report", "show_batch", "show_plan"]

Part = tuple[str, str]
"""Text and its style."""


def show_batch(speaker: Speaker, fps: float, *, out: str = "", warnings: bool = False) -> LiveBatch | PlainBatch:
    """The display that fits where the speaker speaks.

    `fps` of the films; `out`: their folder or address, as named; `warnings` of good films in full.
    """
    console = speaker.console
    # FORCE_COLOR makes rich call a pipe a terminal; a pipe has no lines to go back to.
    live = console.is_interactive and console.file.isatty() and not console.options.ascii_only
    kind: type[LiveBatch | PlainBatch] = LiveBatch if live else PlainBatch
    return kind(speaker, fps, out=out, warnings=warnings)


class _Display(Board):
    """A board with a thread that shows it every `EVERY` seconds, so that who tells it never waits for a terminal."""

    EVERY = 1.0
    NAME_COLUMNS = 40
    """Most columns that a lesson's name is padded to."""

    def __init__(
        self,
        speaker: Speaker,
        fps: float,
        *,
        out: str = "",
        warnings: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(clock)
        self.console: Console = speaker.console
        self.words = Words(speaker.language, out)
        self._fps, self._warnings = fps, warnings
        self._names = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        try:
            self._thread.join()
        finally:
            self._if_anybody_looks(self.close)

    def show(self) -> None:
        """Show the state as it is now. Raises OSError when the terminal is gone."""
        raise NotImplementedError

    def close(self) -> None:
        """Show the last of it."""
        self.show()

    def news(self) -> Iterator[Text]:
        """Lines for what was told since the last time."""
        from rich.cells import cell_len
        from rich.text import Text

        room = self.room()
        most = room // 3 if room else self.NAME_COLUMNS
        for each in self.take_news():
            if isinstance(each, LessonResult):
                if each.outcome == "left-alone":
                    # Nothing was done; what was wrong with it before comes at the end.
                    continue
                self._names = min(max(self._names, cell_len(each.id)), most)
                yield from self.words.result(each, self._names, room, warnings=self._warnings)
            elif isinstance(each, Note):
                yield Text(self.words.note(each.code, each.fields), style="yellow")
            elif told := self.words.plan(each):
                yield Text(told)

    def room(self) -> int | None:
        """Columns of a line; None where they do not matter."""
        return None

    @property
    def is_idle(self) -> bool:
        """Whether it is known that nothing is to be made."""
        return self.plan is not None and not self.plan.segments

    def summed_up(self) -> list[str]:
        """Lessons, frames, and as long as there is something to do speed and workers."""
        frames = self.frames
        parts = [self.words.lessons(*self.lessons)]
        parts += [self.words.frames(*frames)] if frames[1] else []
        if self.share < 1:
            parts += [self.words.speed(self.pace.fps, self._fps)] if frames[1] else []
            parts += [self.words.workers(self.count)] if self.count is not None else []
        return parts

    def _run(self) -> None:
        while not self._closing.wait(self.EVERY) and self._if_anybody_looks(self.show):
            pass

    def _if_anybody_looks(self, show: Callable[[], None]) -> bool:
        """A terminal that went away is no reason to stop a batch: all of this is in the journal too."""
        try:
            show()
        except (OSError, SystemExit):
            # rich leaves the program when nobody reads a pipe any more.
            return False
        except ValueError:
            if not self.console.file.closed:
                raise
            return False
        return True


class PlainBatch(_Display):
    """A line when a lesson ends, at every tenth, and every half minute. No control characters: for logs."""

    STEP = 10
    """Per cent between lines."""
    PAUSE = 30.0
    """Seconds after which there is a line even so."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._planning, self._told, self._told_at = True, 0, self.clock()
        self._read = 0
        """Scripts that were last told to be read."""

    def show(self) -> None:
        self._tell(closing=False)

    def close(self) -> None:
        self._tell(closing=True)

    def _tell(self, *, closing: bool) -> None:
        with self.lock:
            read = self._rest_of_reading(closing=closing)
            lines = list(self.news())
            # Of a batch that was broken off its report tells how far it came.
            told = self._overall() if not closing or self.share == 1 else ""
        if read:
            self.console.print(read, markup=False, soft_wrap=True)
        for line in lines:
            self.console.print(line, soft_wrap=True)
        if told:
            self.console.print(told, markup=False, soft_wrap=True)

    def _rest_of_reading(self, *, closing: bool) -> str:
        """The last count of the scripts, if a smaller one was told before: it would stand as if some were left."""
        done, total = self.scripts
        if not (closing or self.plan) or not 0 < self._read < done == total:
            return ""
        self._read = done
        return self.words.scripts(done, total)

    def _overall(self) -> str:
        now = self.clock()
        if self._planning and self.plan:
            self._planning, self._told, self._told_at = False, 0, now
        done, total = self.scripts
        percent = 100 * done // max(total, 1) if self._planning else int(100 * self.share)
        if self.is_idle or self._told == 100 or (percent < self._told + self.STEP and now - self._told_at < self.PAUSE):
            return ""
        self._told, self._told_at = percent - percent % self.STEP, now
        if self._planning:
            self._read = done
            return self.words.scripts(done, total) if total else ""
        left = [self.words.left(self.pace.left())] if percent < 100 else []
        return ", ".join([f"{percent} %", *self.summed_up(), *left])


class LiveBatch(_Display):
    """A line for each running lesson and an overall bar, below what has scrolled by. Draws twice a second."""

    EVERY = 0.5

    ROWS_FREE = 9
    """Lines of the terminal that running lessons leave to others: the overall bar, and what scrolled by last."""
    BAR, OVERALL_BAR = 30, 60
    """Most columns of a bar."""
    SPEED = 12
    """Columns of a lesson's speed, or of the time its stage has taken."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._live: Live | None = None
        self._width = 0
        self._drawn: tuple[int, ...] = ()
        self._id_width = 0

    def __enter__(self) -> Self:
        from rich.live import Live

        self._live = Live(
            get_renderable=lambda: self,
            console=self.console,
            auto_refresh=False,
            transient=True,
            vertical_overflow="crop",
        )
        self._live.start()
        return super().__enter__()

    def room(self) -> int:
        return self.console.width

    def show(self) -> None:
        from rich.text import Text

        if self._live is None:
            return
        with self.lock:
            lines = [part for line in self.news() for part in fitted_in(self.console, line)]
        # One write for all of it, so that no half of a picture is ever seen.
        with self.console:
            self._go_to_top()
            if lines:
                self.console.print(Text("\n").join(lines), soft_wrap=True)
            else:
                self._live.refresh()

    def close(self) -> None:
        try:
            self.show()
        finally:
            if self._live is not None:
                self._live.stop()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        from rich.cells import cell_len
        from rich.segment import Segment

        # The last column stays free: some terminals break the line there.
        width = options.max_width - 1
        with self.lock:
            lines = [_fitted(line, width) for line in self._lines(width, options.size.height)]
        self._drawn = tuple(sum(cell_len(text) for text, _ in line) for line in lines)
        for number, line in enumerate(lines):
            if number:
                yield Segment.line()
            for text, style in line:
                yield Segment(text, console.get_style(style) if style else None)

    def _go_to_top(self) -> None:
        """Terminals break lines anew when they become narrower; what was drawn then takes more rows than it had."""
        from rich.control import Control
        from rich.segment import ControlType

        width = self.console.width
        if width < self._width:
            extra = sum(max(each - 1, 0) // width for each in self._drawn)
            for _ in range(extra):
                self.console.control(Control((ControlType.ERASE_IN_LINE, 2), (ControlType.CURSOR_UP, 1)))
        self._width = width

    def _lines(self, width: int, height: int) -> Iterator[list[Part]]:
        if self.plan is None:
            yield self._planning_line(width)
            return
        yield []
        if self.is_idle:
            return
        rows, more = self.rows(max(height - self.ROWS_FREE, 0))
        yield from self._running_lines(rows, width)
        if more:
            yield [(self.words.more(more), "dim")]
        percent = f" {int(100 * self.share):3} %  "
        left = self.words.left(self.pace.left()) if self.share < 1 else ""
        bar = min(max(width - len(percent) - len(left), 10), self.OVERALL_BAR)
        yield [*_bar(self.share, bar), (percent, "bold"), (left, "bold")]
        yield [("  ".join(self.summed_up()), "")]
        yield self._counts()

    def _planning_line(self, width: int) -> list[Part]:
        done, total = self.scripts
        told = f"  {self.words.number(done)} / {self.words.number(total)}" if total else ""
        bar = min(max(width - len(self.words.reading) - len(told) - 2, 5), self.BAR)
        return [(f"{self.words.reading}  ", "bold"), *_bar(done / max(total, 1), bar), (told, "")]

    def _running_lines(self, rows: list[Running], width: int) -> Iterator[list[Part]]:
        from rich.cells import cell_len

        now = self.clock()
        # Columns stay where they are while rows come and go.
        longest = max((cell_len(each.id) for each in rows), default=0)
        self._id_width = min(max(self._id_width, longest), max(width // 3, 12))
        stage_width = self.words.stage_width
        bar_width = min(max(width - self._id_width - stage_width - self.SPEED - 12, 4), self.BAR)
        for each in rows:
            encoding = each.stage == "encode"
            share = min(each.done / each.frames, 1.0) if encoding and each.frames else 1.0
            speed = self.words.fps(each.fps(now)) if encoding else self.words.time(now - each.since)
            yield [
                (f"{padded(clean(each.id), self._id_width)}  ", "bold"),
                (f"{padded(self.words.stage(each.stage), stage_width)}  ", "" if encoding else "cyan"),
                *_bar(share, bar_width),
                (f" {int(100 * share):3} %" if encoding else " " * 6, ""),
                (f"  {speed:>{self.SPEED}}", "dim"),
            ]

    def _counts(self) -> list[Part]:
        parts: list[Part] = []
        for outcome, (_, style) in SIGNS.items():
            count = self.unchanged if outcome == "unchanged" else self.outcomes[outcome]
            if count or outcome == "made":
                parts += [
                    ("   " if parts else "", ""),
                    (f"{self.words.outcome(outcome)} {self.words.number(count)}", style),
                ]
        return parts


def _bar(share: float, width: int) -> list[Part]:
    halves = int(2 * width * min(max(share, 0.0), 1.0))
    done = "━" * (halves // 2) + "╸" * (halves % 2)
    return [(done, "green"), ("─" * (width - len(done)), "dim")]


def _fitted(line: list[Part], width: int) -> list[Part]:
    """At most so many columns of a line: live lines must not be broken."""
    from rich.cells import cell_len, set_cell_size

    widths = [cell_len(text) for text, _ in line]
    if sum(widths) <= width:
        return line
    kept: list[Part] = []
    room = max(width - 1, 0)
    for (text, style), wide in zip(line, widths, strict=True):
        kept.append((set_cell_size(text, min(wide, room)), style))
        room -= min(wide, room)
    return [*kept, ("…", "dim")]
