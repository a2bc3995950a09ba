"""telesabaq cache: what is kept between builds, whether it is whole, and what no longer fits."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.options import command_language_option
from pipeline.cli.speak import Speaker

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.errors import Problem
    from pipeline.render.cache import Cache
    from pipeline.render.index import Uses
    from pipeline.render.repair import Heard, Inspection, Repair
    from pipeline.render.survey import Share, Survey

RUNS = 5
"""Runs that are told."""

REPAIRS = 20
"""Repaired objects that are told, and as many that could not be."""

NAMES = 5
"""Foreign files that are named."""

_SPANS = ((2 * 86400, 86400, "days"), (2 * 3600, 3600, "hours"), (120, 60, "minutes"), (0, 1, "seconds"))
"""From so many seconds on, counted in so many, called."""


@click.command("cache")
@click.option(
    "--limit",
    type=click.FloatRange(min=0),
    callback=lambda _context, _option, value: _number(value),
    metavar="GB",
    help="As if this were the limit (default: TELESABAQ_CACHE_GB, or 20).",
)
@click.option("--trim", is_flag=True, help="Drop now what does not fit.")
@click.option("--verify", is_flag=True, help="Compare every byte with its digest; make again what is damaged.")
@click.option(
    "--allow-code", is_flag=True, help="With --verify: run the Python files of animation: items, as build does."
)
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON document.")
@command_language_option
@click.pass_obj
def command(
    lang: str | None,
    limit: float | None,
    trim: bool,
    verify: bool,
    allow_code: bool,
    as_json: bool,
    own_lang: str | None,
) -> None:
    """Tell what the cache of finished pieces holds, how much it helps, and what does not fit any more.

    Exit codes: 0 all is well; 1 something was damaged and could not be made again, so it was dropped; 2 wrong use.
    """
    from pipeline.render.cache import Cache

    speaker = Speaker(own_lang or lang, errors=False)
    cache = Cache(limit_bytes=None if limit is None else int(limit * 1e9))
    trimmed = cache.trim(at_once=True) if trim else None
    verified = _verify(cache, allow_code=allow_code) if verify else None
    if as_json:
        _print_json(_surveyed(cache), trimmed, verified)
    else:
        page = _Page(speaker)
        if trimmed is not None:
            page.line("cache.trimmed", size=page.size(trimmed))
        if verified is not None:
            page.verified(*verified)
        else:
            page.survey(_surveyed(cache), "TELESABAQ_CACHE_GB" if limit is None else "--limit")
    sys.exit(verified is not None and not all(each.remade for each in verified[1]))


def _number(value: float | None) -> float | None:
    if value is not None and not isfinite(value * 1e9):
        raise click.BadParameter("not a number of gigabytes")
    return value


def _surveyed(cache: Cache) -> Survey:
    from pipeline.render.survey import survey

    with _bar() as heard:
        return survey(cache, heard)


def _verify(cache: Cache, *, allow_code: bool) -> tuple[Inspection, list[Repair], float]:
    from pipeline.render.repair import inspect, remake

    began = time.monotonic()

    def locate(script: str) -> Path:
        if "://" not in script:
            return Path(script)
        from pipeline.batch.model import Source
        from pipeline.batch.storage import fetch

        return fetch(Source(script, script), cache)

    with _bar() as heard:
        inspection = inspect(cache, heard)
    with _bar() as heard:
        repairs = remake(cache, inspection.damaged, locate, allow_code=allow_code, heard=heard)
    return inspection, repairs, time.monotonic() - began


@contextmanager
def _bar() -> Iterator[Heard]:
    """A bar on standard error, with the time left; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _all: None
        return
    columns = (BarColumn(bar_width=30), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, known: bar.update(task, completed=done, total=known or None)


class _Page:
    """Says it in words."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker, self._language = speaker, speaker.language
        # Words are not cut in two at the edge of a terminal; a pipe gets whole lines.
        self._wraps = speaker.console.is_terminal

    def line(self, code: str, **fields: object) -> None:
        from pipeline.messages import say

        self._print(say(code, self._language, **fields))

    def _print(self, text: str) -> None:
        self._speaker.console.print(text, markup=False, soft_wrap=not self._wraps)

    def _say(self, code: str, **fields: object) -> str:
        from pipeline.messages import say

        return say(code, self._language, **fields)

    def number(self, value: float, decimals: int | None = None) -> str:
        from pipeline.reports.wording import shown

        return shown(value, self._language, decimals)

    def size(self, count: int) -> str:
        """Bytes in a unit of which there are some."""
        for unit, name, decimals in ((10**9, "gb", 2), (10**6, "mb", 1)):
            if count >= unit:
                return self._say(f"cache.bytes-{name}", size=self.number(count / unit, decimals))
        return self._say("cache.bytes-kb", size=self.number(-(-count // 1000)))

    def span(self, seconds: float) -> str:
        _, unit, name = next(each for each in _SPANS if seconds >= each[0])
        return self._say(f"cache.span-{name}", count=self.number(round(seconds / unit)))

    # What it holds -----------------------------------------------------------------------------

    def survey(self, told: Survey, source: str) -> None:
        self.line("cache.folder", folder=told.folder)
        self._print("")
        self._contents(told, source)
        self._print("")
        self._uses(told)
        self._print("")
        self._due(told)

    def _contents(self, told: Survey, source: str) -> None:
        table = self._table("cache.head-what", "cache.head-number", "cache.head-size")

        def row(what: str, share: Share) -> None:
            table.add_row(what, self.number(share.count), self.size(share.bytes))

        for kind, share in told.kinds.items():
            row(self._say(f"cache.kind-{kind}"), share)
        row(self._say("cache.all"), told.objects)
        percent = self.number(round(100 * told.objects.bytes / told.limit)) if told.limit else "—"
        table.add_row(self._say("cache.limit", source=source, percent=percent), "", self.size(told.limit))
        table.add_section()
        for name in ("inputs", "work", "rest"):
            share = getattr(told, name)
            if share.count:
                row(self._say(f"cache.{name}"), share)
        table.add_row(self._say("cache.free"), "", "—" if told.free is None else self.size(told.free))
        self._speaker.console.print(table)

    def _table(self, *heads: str) -> Table:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
        for number, head in enumerate(heads):
            table.add_column(self._say(head), justify="right" if number else "left")
        return table

    def _uses(self, told: Survey) -> None:
        uses = told.uses
        asked = uses.found + uses.made
        if not asked:
            self.line("cache.never-used")
            return
        self.line(
            "cache.used",
            found=self.number(uses.found),
            asked=self.number(asked),
            percent=self.number(round(100 * uses.found / asked)),
            saved=self.span(uses.saved),
            spent=self.span(uses.spent),
        )
        self._print("")
        table = self._table("cache.head-run", "cache.head-found", "cache.head-made", "cache.head-saved")
        for run in told.runs[:RUNS]:
            counts = (self.number(run.uses.found), self.number(run.uses.made), self.span(run.uses.saved))
            table.add_row(self._moment(run.at), *counts)
        self._speaker.console.print(table)

    def _moment(self, at: str) -> str:
        try:
            moment = datetime.fromisoformat(at).astimezone()
        except (ValueError, OverflowError, OSError):
            return "—"
        return moment.strftime("%Y-%m-%d %H:%M" if self._language == "en" else "%d.%m.%Y %H:%M")

    def _due(self, told: Survey) -> None:
        due = told.due
        if due.objects:
            longest, shortest = (self.span(each) for each in told.unused)
            count, size = self.number(len(due.objects)), self.size(due.bytes)
            self.line("cache.due", count=count, size=size, longest=longest, shortest=shortest)
            self._advise("cache.due")
        elif not due.kept_in_use:
            self.line("cache.fits")
        if due.kept_in_use:
            self.line("cache.in-use", size=self.size(due.kept_in_use))

    def _advise(self, code: str) -> None:
        from rich.padding import Padding
        from rich.text import Text

        from pipeline.errors import Problem
        from pipeline.messages import remedy

        advice = Text(remedy(Problem(code), self._language), style="dim")
        self._speaker.console.print(Padding(advice, (0, 0, 0, 4)), soft_wrap=not self._wraps)

    # Whether it is whole -----------------------------------------------------------------------

    def verified(self, inspection: Inspection, repairs: Sequence[Repair], seconds: float) -> None:
        from pipeline.reports.wording import visible

        for remade in (True, False):
            some = [each for each in repairs if each.remade == remade]
            self._speaker.problems([self._problem(each) for each in some[:REPAIRS]])
            if len(some) > REPAIRS:
                self.line("cache.more", count=self.number(len(some) - REPAIRS))
        self.line(
            "cache.verified",
            count=self.number(inspection.objects),
            size=self.size(inspection.bytes),
            seconds=self.span(seconds),
            damaged=self.number(len(inspection.damaged)),
        )
        if inspection.swept:
            self.line("cache.swept", count=self.number(inspection.swept))
        if inspection.foreign:
            named = [visible(name) for name in inspection.foreign[:NAMES]]
            names = ", ".join([*named, "…"] if len(inspection.foreign) > NAMES else named)
            self.line("cache.foreign", count=self.number(len(inspection.foreign)), names=names)

    def _problem(self, repair: Repair) -> Problem:
        from pipeline.errors import Problem

        damage = repair.damage
        fields = {
            "piece": self._say(f"cache.one-{damage.record.kind if damage.record is not None else 'other'}"),
            "key": f"{damage.key[:12]}…",
            "flaw": self._say(f"cache.flaw-{damage.flaw}"),
        }
        if repair.remade:
            return Problem("cache.remade", None, fields, "warning")
        return Problem("cache.dropped", None, fields | {"why": self._why(repair.problems)})

    def _why(self, problems: Sequence[Problem]) -> str:
        """The first of them in words; what a record says of its lesson may be anybody's."""
        from pipeline.messages import what
        from pipeline.reports.wording import visible

        first, *others = problems
        place = f"{first.place}: " if first.place else ""
        more = f" (+{len(others)})" if others else ""
        return visible(f"{place}{what(first, self._language)}") + more


# For machines ------------------------------------------------------------------------------------


def _print_json(told: Survey, trimmed: int | None, verified: tuple[Inspection, Sequence[Repair], float] | None) -> None:
    from pipeline.cli.output import put
    from pipeline.reports.wording import dumped, plain

    share: Callable[[Share], dict[str, int]] = asdict
    document: dict[str, Any] = {
        "folder": str(told.folder),
        "limit_bytes": told.limit,
        "objects": share(told.objects),
        "kinds": {kind: share(each) for kind, each in told.kinds.items()},
        "inputs": share(told.inputs),
        "work": share(told.work),
        "rest": share(told.rest),
        "free_bytes": told.free,
        "uses": _counts(told.uses),
        "runs": [{"run": each.run, "at": each.at, **_counts(each.uses)} for each in told.runs],
        "due": {
            "count": len(told.due.objects),
            "bytes": told.due.bytes,
            "longest_unused_seconds": round(told.unused[0]),
            "shortest_unused_seconds": round(told.unused[1]),
            "in_use_over_limit_bytes": told.due.kept_in_use,
        },
    }
    if trimmed is not None:
        document["trimmed_bytes"] = trimmed
    if verified is not None:
        inspection, repairs, seconds = verified
        document["verified"] = {
            "objects": {"count": inspection.objects, "bytes": inspection.bytes},
            "seconds": round(seconds, 3),
            "swept": inspection.swept,
            "foreign": list(inspection.foreign),
            "damaged": [_told(each) for each in repairs],
        }
    put(dumped(plain(document)), None)


def _counts(uses: Uses) -> dict[str, Any]:
    return {
        "found": uses.found,
        "made": uses.made,
        "saved_seconds": round(uses.saved, 3),
        "spent_seconds": round(uses.spent, 3),
    }


def _told(repair: Repair) -> dict[str, Any]:
    from pipeline.batch.model import told

    record = repair.damage.record
    return {
        "key": repair.damage.key,
        "kind": record.kind if record is not None else None,
        "flaw": repair.damage.flaw,
        "lesson": record.origin.script if record is not None and record.origin is not None else None,
        "remade": repair.remade,
        "problems": told(repair.problems),
    }
