"""telesabaq status: how a batch stands, also while it runs."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Mapping
from datetime import date
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.options import command_language_option
from pipeline.cli.output import put, terminal

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from pipeline.batch.status import Standing
    from pipeline.reports.paper import Colours

WIDEST = 110
"""Columns that are used of a wide terminal."""
MOST_ROWS = 12
MOST_FAILURES = 5
MOST_ERRORS = 3
MOST_RETRIES = 3
MOST_SLOW = 5
BAR = 24
LABEL = 12
"""Columns of the labels, with the space behind them."""

_STYLES = {"running": "bold cyan", "complete": "bold green", "incomplete": "bold red"}
_COUNTS = ("made", "unchanged", "left-alone", "refused", "failed", "not-run", "under-way", "waiting")
_BAD = {"refused": "bold red", "failed": "bold red", "not-run": "yellow", "unfinished": "yellow"}
_AT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)")


@click.command("status")
@click.argument("out")
@click.option("--run", type=click.IntRange(1), help="An earlier run, by its number (default: the last one).")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON document.")
@command_language_option
@click.pass_obj
def command(lang: str | None, out: str, run: int | None, as_json: bool, own_lang: str | None) -> None:
    """Tell how the batch of the output folder (or URL) OUT stands, from its journal; also while it runs.

    Exit codes: 0 complete, or running without failures; 1 something failed or was cut off; 2 no journal there.
    """
    from pipeline.batch.status import look
    from pipeline.batch.storage import open_output
    from pipeline.messages import interface_language
    from pipeline.reports.wording import dumped

    language = interface_language(own_lang or lang)
    standing = look(open_output(out), run, partial(_tell_waiting, language))
    if as_json:
        put(dumped(standing.to_json()), None)
    else:
        width, colours = terminal()
        put(page(standing, language, min(width, WIDEST), colours, out), None)
    sys.exit(standing.exit_code)


def _tell_waiting(language: str, holder: Mapping[str, Any], seconds: float) -> None:
    """Whether a driver in a store lives is seen only after a while; whoever sits there learns why nothing comes."""
    from pipeline.messages import say
    from pipeline.reports.wording import shown

    if sys.stderr.isatty():
        host = shown(holder.get("host", "?"), language)
        click.echo(say("status.looking", language, host=host, seconds=ceil(seconds)), err=True)


def page(standing: Standing, language: str, width: int, colours: Colours | None = None, out: str = "") -> str:
    """How a run stands, in lines of at most `width` columns; without colours unless asked for. `out`: the folder as the
    person named it, else as the journal does.
    """
    return _Page(standing, language, width, colours, out).text()


class _Page:
    def __init__(self, standing: Standing, language: str, width: int, colours: Colours | None, out: str) -> None:
        from rich.console import Console

        self._out = out
        self._standing, self._run, self._language = standing, standing.run, language
        self._into = io.StringIO()
        self._console = Console(
            file=self._into,
            width=width,
            force_terminal=colours is not None,
            color_system=colours,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            _environ={},
        )

    def text(self) -> str:
        if self._run.run:
            self._head()
            self._numbers()
            self._under_way()
            self._workers()
            self._retried()
            self._failures()
            self._slowest()
        if self._standing.other is not None:
            self._other(self._standing.other)
        return "".join(f"{line.rstrip()}\n" for line in self._into.getvalue().splitlines())

    # Parts -------------------------------------------------------------------------------------

    def _head(self) -> None:
        standing = self._standing
        state = "cut-off" if standing.cut_off else standing.state
        style = _STYLES.get(standing.state, "bold yellow")
        said = self._say(f"status.state-{state}")
        self._line((f"{self._say('status.title', run=self._run.run)}: ", "bold"), (said, style))
        if standing.state == "incomplete":
            self._line((self._say("status.mend"), ""))
        elif standing.state in {"stopped", "interrupted"}:
            self._line((self._say("status.go-on"), ""))

    def _numbers(self) -> None:
        from rich.text import Text

        grid = self._grid()
        for label, value in self._rows():
            grid.add_row(Text(self._say(label), style="dim"), value)
        self._console.print(grid)

    def _rows(self) -> list[tuple[str, Text]]:
        from rich.text import Text

        from pipeline.batch.addresses import masked, seen_from_here

        run, standing = self._run, self._standing
        into = masked(self._out) if self._out else seen_from_here(run.facts.get("out", ""))
        rows = [("status.into", Text(self._shown(into), overflow="fold"))]
        if run.pid and standing.state == "running":
            host = self._say("status.host", host=run.facts.get("host", ""), pid=str(run.pid))
            rows.append(("status.where", Text(host)))
        rows += [("status.started", Text(self._since())), ("status.lessons", self._counts())]
        if run.frames:
            rows.append(("status.frames", self._share(min(run.done, run.frames), run.frames)))
            rows.append(("status.speed", Text(self._pace())))
        if standing.seconds_left:
            rows.append(("status.left", Text(self._say("status.about", span=self._span(standing.seconds_left)))))
        trouble = self._trouble()
        if trouble:
            rows.append(("status.trouble", self._listed([(each, "yellow") for each in trouble])))
        return rows

    def _counts(self) -> Text:
        from rich.text import Text

        run, counts = self._run, dict(self._standing.counts)
        if not run.planned and self._standing.state == "running":
            return Text(self._say("status.reading", done=min(len(run.made), run.all), all=run.all))
        if self._standing.state != "running":
            counts["unfinished"] = counts.pop("waiting")
        ended = sum(counts[each] for each in ("made", "unchanged", "left-alone", "refused", "failed"))
        told = self._share(ended, run.all)
        parts = [
            (self._say(f"status.count-{each}", count=counts[each]), _BAD.get(each, ""))
            for each in (*_COUNTS, "unfinished")
            if counts.get(each)
        ]
        return Text.assemble(told, "\n", self._listed(parts)) if parts else told

    def _trouble(self) -> list[str]:
        run = self._run
        told = [
            self._say(code, count=count)
            for code, count in (
                ("status.retries", run.retries),
                ("status.workers-lost", run.workers_lost),
                ("status.unreadable", run.unreadable),
                ("status.lost", run.lost),
            )
            if count
        ]
        if run.scheduler_lost and self._standing.state == "running":
            told.append(self._say("status.scheduler-lost"))
        return told

    def _under_way(self) -> None:
        lessons = self._standing.under_way
        if not lessons:
            return
        self._heading("status.under-way", len(lessons))
        table = self._grid()
        table.add_column(justify="left")
        for each in lessons[:MOST_ROWS]:
            share = self._share(each.done, each.frames) if each.stage in {"encode", "sound"} and each.frames else ""
            table.add_row(self._shown(each.id), self._say(f"stage.{each.stage}"), share)
        self._console.print(table)
        self._more(len(lessons) - MOST_ROWS)

    def _workers(self) -> None:
        workers = self._standing.workers
        if not workers:
            return
        running = self._standing.state == "running"
        self._heading("status.workers", len(workers))
        table = self._table("", "status.segments", "status.rate", "status.films", "status.last" if running else "")
        gone = [each for each in workers if not each.there]
        shown = [*workers[: MOST_ROWS - min(len(gone), 3)], *gone[:3]] if len(workers) > MOST_ROWS else workers
        for each in shown:
            last = f"{self._shown(each.lesson)}, {self._say(f'stage.{each.stage}')}" if each.stage else ""
            table.add_row(
                self._shown(each.address.partition("://")[2] or each.address),
                self._shown(each.segments),
                "—" if each.speed is None else self._number(each.speed),
                self._shown(each.lessons),
                self._say("status.worker-gone") if not each.there else last if running else "",
                style="" if each.there else "yellow",
            )
        self._console.print(table)
        self._more(len(workers) - len(shown))

    def _retried(self) -> None:
        retries = list(self._run.last_retries)[::-1][:MOST_RETRIES]
        if not retries:
            return
        self._heading("status.retried", self._run.retries)
        for each in retries:
            told = self._words(each["problem"], "message") or each["problem"]["code"]
            self._line((f"{self._shown(each.get('lesson', ''))}: ", "bold"), (told, ""))
        self._more(self._run.retries - len(retries))

    def _failures(self) -> None:
        failures = list(self._run.failures)[::-1][:MOST_FAILURES]
        if not failures:
            return
        self._heading("status.failures", self._standing.bad)
        for each in failures:
            refused = f"  ({self._say('status.refused')})" if each["outcome"] == "refused" else ""
            self._line(("✗ ", "red"), (self._shown(each["lesson"]), "bold"), (refused, "dim"))
            for error in each["errors"][:MOST_ERRORS]:
                self._error(error)
            self._more(len(each["errors"]) - MOST_ERRORS, left=2)
        self._more(self._standing.bad - len(failures))

    def _error(self, error: Mapping[str, Any]) -> None:
        from pipeline.batch.addresses import seen_from_here
        from pipeline.errors import Place

        where = error["where"] or {}
        place = str(Place(seen_from_here(where.get("path", "")), where.get("line", 0), where.get("column", 0)))
        said = self._words(error, "message") or error["code"]
        self._line((f"{self._shown(place)}: " if place else "", "bold"), (said, ""), left=2)
        remedy = self._words(error, "remedy")
        if remedy:
            self._line((f"→ {remedy}", "dim"), left=2)

    def _slowest(self) -> None:
        from pipeline.timecode import clock

        slowest = sorted(self._run.slowest, reverse=True)[:MOST_SLOW]
        if len(slowest) < 2:
            return
        self._heading("status.slowest")
        table = self._table("", "")
        for seconds, lesson, _outcome in slowest:
            table.add_row(self._shown(lesson), clock(round(seconds)))
        self._console.print(table)

    def _other(self, holder: Mapping[str, Any]) -> None:
        code = "status.other-driver" if self._run.run else "status.starting"
        host, pid = (str(holder.get(name, "?")) for name in ("host", "pid"))
        self._line((self._say(code, host=host, pid=pid), "cyan"))

    # Words -------------------------------------------------------------------------------------

    def _since(self) -> str:
        match = _AT.match(self._run.started)
        at = f"{self._shown(date.fromisoformat(match[1]))} {match[2]} UTC" if match else "?"
        standing = self._standing
        code = "for-so-long" if standing.state == "running" else "lasted" if standing.cut_off else "took"
        return self._say(f"status.{code}", at=at, span=self._span(self._run.t))

    def _pace(self) -> str:
        speed, times = self._run.speed, self._standing.real_time
        if speed is None or times is None:
            return self._say("status.no-pace")
        return self._say("status.pace", speed=self._number(speed), times=self._number(times))

    def _share(self, done: int, whole: int) -> Text:
        from rich.text import Text

        share = done / whole if whole else 1.0
        full = int(share * BAR)
        bar = (("━" * full, "green"), ("─" * (BAR - full), "dim"))
        said = self._say("status.of", done=done, all=whole)
        return Text.assemble(*bar, f" {int(share * 100):3d} %  {said}")

    def _listed(self, parts: list[tuple[str, str]]) -> Text:
        """Beside the labels: as many parts in a line as there is room for, so that none is broken in two."""
        from rich.cells import cell_len
        from rich.text import Text

        room = self._console.width - LABEL
        listed, used = Text(), 0
        for told, style in parts:
            begins = not used or used + 3 + cell_len(told) > room
            listed.append("\n" if begins and used else "" if begins else " · ")
            listed.append(told, style)
            used = cell_len(told) if begins else used + 3 + cell_len(told)
        return listed

    def _span(self, seconds: float) -> str:
        minutes = round(seconds / 60)
        if round(seconds) < 60:
            return self._say("status.seconds", seconds=round(seconds))
        if minutes < 60:
            return self._say("status.minutes", minutes=minutes)
        return self._say("status.hours", hours=minutes // 60, minutes=f"{minutes % 60:02d}")

    def _words(self, problem: Mapping[str, Any], part: str) -> str:
        told = problem[part]
        return self._shown(told.get(self._language) or told.get("en") or next(iter(told.values()), ""))

    def _say(self, code: str, **fields: object) -> str:
        from pipeline.messages import say

        return say(code, self._language, **{name: self._shown(value) for name, value in fields.items()})

    def _shown(self, value: object) -> str:
        from pipeline.reports.wording import shown

        return shown(value, self._language)

    def _number(self, value: float) -> str:
        from pipeline.reports.wording import shown

        return shown(value, self._language, 0 if value >= 100 else 1)

    # Lines -------------------------------------------------------------------------------------

    def _heading(self, code: str, count: int | None = None) -> None:
        self._console.print()
        more = [] if count is None else [(f" {self._shown(count)}", "dim")]
        self._line((self._say(code), "bold"), *more)

    def _more(self, count: int, left: int = 0) -> None:
        if count > 0:
            self._line((self._say("status.more", count=count), "dim"), left=left)

    def _line(self, *parts: tuple[str, str], left: int = 0) -> None:
        from rich.padding import Padding
        from rich.text import Text

        self._console.print(Padding(Text.assemble(*parts, overflow="fold"), (0, 0, 0, left)))

    def _grid(self) -> Table:
        from rich.table import Table

        grid = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
        grid.add_column(overflow="fold")
        grid.add_column(overflow="fold")
        return grid

    def _table(self, *heads: str) -> Table:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0), show_header=any(heads))
        for number, head in enumerate(heads):
            right = 0 < number < len(heads) - 1
            table.add_column(self._say(head) if head else "", justify="right" if right else "left", overflow="fold")
        return table
