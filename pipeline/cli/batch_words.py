"""What a batch tells a person, as lines of text: numbers, times, and how a lesson ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pipeline.batch.addresses import masked, seen_from_here
from pipeline.batch.model import LessonResult, Outcome
from pipeline.batch.progress import Plan
from pipeline.errors import Place
from pipeline.messages import say
from pipeline.reports.wording import level, shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

STAGES = ("encode", "sound", "join", "check", "publish")

SIGNS: dict[Outcome, tuple[str, str]] = {
    "made": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "refused": ("✗", "bold red"),
    "not-run": ("·", "yellow"),
    "unchanged": ("=", "cyan"),
    "left-alone": ("=", "cyan"),
}
"""Sign and style of an outcome, in the order in which they are counted: a narrow line loses what matters least."""

SEVERITIES = {"error": "bold red", "warning": "yellow", "note": "cyan"}

UNKNOWN = "—"

_WORD = re.compile(r"[^ ]+ *")


def clean(text: object) -> str:
    """Names and messages come from files of strangers: nothing in them moves the cursor or breaks a line."""
    return "".join(each if each.isprintable() or each == "\u00a0" else "\ufffd" for each in str(text))


def shortened(text: str, width: int) -> str:
    """At most so many columns; the middle is left out, since lessons differ at both ends of their names."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= width:
        return text
    head = set_cell_size(text, (width - 1) * 2 // 3).rstrip()
    tail = ""
    for each in reversed(text):
        if cell_len(head) + 1 + cell_len(each + tail) > width:
            break
        tail = each + tail
    return f"{head}…{tail}"


def padded(text: str, width: int) -> str:
    """Exactly so many columns."""
    from rich.cells import set_cell_size

    return set_cell_size(shortened(text, width), width)


def is_wrong(result: LessonResult) -> bool:
    """Whether a lesson that ended has something to mend: in this run, or since the last one."""
    return result.outcome in {"failed", "refused"} or (result.outcome == "left-alone" and bool(result.errors))


def fitted_in(console: Console, line: Text) -> Iterator[Text]:
    """The line as a terminal is given it: broken between words, behind its indent. A word too long stays whole, so
    that a path can be clicked on. Elsewhere lines are as long as they are.
    """
    from rich.cells import cell_len
    from rich.text import Text

    if not console.is_terminal:
        yield line
        return
    indent = len(line.plain) - len(line.plain.lstrip(" "))
    breaks, used = list[int](), indent
    for word in _WORD.finditer(line.plain, indent):
        if used > indent and used + cell_len(word[0].rstrip()) > console.width:
            breaks.append(word.start() - indent)
            used = indent
        used += cell_len(word[0])
    for part in line[indent:].divide(breaks):
        part.rstrip()
        yield Text.assemble(" " * indent, part)


class Words:
    """Numbers, times and sentences of a batch in one language. `out`: folder or address of its films, as named."""

    def __init__(self, language: str, out: str = "") -> None:
        self.language = language
        self._out = f"{masked(out).rstrip('/')}/" if out else ""
        self.reading = say("progress.reading", language)
        self._stages = {each: say(f"stage.{each}", language) for each in STAGES}
        self.stage_width = max(map(len, self._stages.values()))

    def number(self, value: int) -> str:
        return shown(value, self.language)

    def times(self, value: float) -> str:
        """How many times as fast, to the tenth."""
        return shown(value, self.language, 1)

    def time(self, seconds: float | None) -> str:
        """As exact as people plan by: to the second, ten seconds, a minute, an hour."""
        if seconds is None:
            return UNKNOWN
        whole = max(round(seconds), 0)
        if whole < 60:
            return say("progress.seconds", self.language, seconds=whole)
        if whole < 600:
            tens = whole // 10 * 10
            return say("progress.minutes-seconds", self.language, minutes=tens // 60, seconds=f"{tens % 60:02}")
        minutes = round(whole / 60)
        if minutes < 60:
            return say("progress.minutes", self.language, minutes=minutes)
        if minutes < 48 * 60:
            return say("progress.hours", self.language, hours=minutes // 60, minutes=f"{minutes % 60:02}")
        hours = round(whole / 3600)
        return say("progress.days", self.language, days=hours // 24, hours=hours % 24)

    def stage(self, name: str) -> str:
        return self._stages.get(name) or clean(name)

    def fps(self, value: float) -> str:
        return say("progress.fps", self.language, fps=self.number(round(value))) if value >= 0.5 else UNKNOWN

    def speed(self, value: float, film_fps: float) -> str:
        """Frames a second, and how many times faster than the film plays."""
        return f"{self.fps(value)} ({self.times(value / film_fps)}×)" if value >= 0.5 else self.fps(value)

    def left(self, seconds: float | None) -> str:
        return say("progress.left", self.language, time=self.time(seconds))

    def of(self, done: int, of_all: int) -> str:
        return say("progress.of", self.language, done=self.number(done), all=self.number(of_all))

    def lessons(self, done: int, of_all: int) -> str:
        return say("progress.lessons", self.language, done=self.number(done), all=self.number(of_all))

    def frames(self, done: int, of_all: int) -> str:
        return say("progress.frames", self.language, done=self.number(done), all=self.number(of_all))

    def scripts(self, done: int, of_all: int) -> str:
        return say("progress.read", self.language, done=self.number(done), all=self.number(of_all))

    def workers(self, count: int) -> str:
        return say("progress.workers", self.language, count=count)

    def more(self, count: int) -> str:
        return say("progress.more", self.language, count=self.number(count))

    def outcome(self, outcome: Outcome) -> str:
        return f"{SIGNS[outcome][0]} {say(f'progress.count-{outcome}', self.language)}"

    def plan(self, plan: Plan) -> str:
        """What is to be made; empty where nothing is, and nothing went wrong either: the end says so."""
        if plan.unchanged == plan.lessons:
            return ""
        code = "planned" if plan.missing else "planned-there" if plan.segments else "planned-nothing"
        numbers = {name: self.number(getattr(plan, name)) for name in ("lessons", "unchanged", "segments", "missing")}
        told = say(f"progress.{code}", self.language, **numbers, frames=self.number(plan.frames))
        if not plan.shared:
            return told
        return f"{told} {say('progress.planned-shared', self.language, shared=self.number(plan.shared))}"

    def note(self, code: str, fields: Mapping[str, object]) -> str:
        told = {name: clean(value) for name, value in fields.items()}
        # What is done for no lesson in particular is done for the plan.
        if not told.get("lesson", "."):
            told["lesson"] = self.reading
        return say(code, self.language, **told)

    # How a lesson ended ----------------------------------------------------------------------------

    def result(
        self, result: LessonResult, name: int = 0, room: int | None = None, *, warnings: bool = False
    ) -> Iterator[Text]:
        """The lines for a lesson that ended: none where nothing is to be said, one for a film, all that is wrong else.

        `name`: columns of a film's name, more if it needs more. `room`: columns of the line; the name is then
        shortened, and what is least worth knowing left out. `warnings`: those of a good film in full, not only counted.
        """
        from rich.cells import cell_len
        from rich.text import Text

        if result.outcome == "made":
            sign, style = SIGNS["made"]
            title = clean(result.id)
            parts = [f" {padded(title, name) if room else f'{title:{name}}'}", *self._film(result)]
            while room and len(sign) + cell_len("  ".join(parts)) > room and len(parts) > 1:
                parts.pop()
            yield Text.assemble((sign, style), "  ".join(parts))
            if warnings:
                yield from self.problems(result.warnings)
        elif is_wrong(result):
            yield from self.problems(result.errors)
            told = self._failed(result)
            yield Text.assemble((told[:1], SIGNS["failed"][1]), told[1:])

    def problems(self, records: tuple[Mapping[str, Any], ...]) -> Iterator[Text]:
        """Problems as `pipeline.batch.model.told` wrote them down, in the words of a single build."""
        from rich.text import Text

        for record in records:
            severity = str(record.get("severity", "error"))
            severity = severity if severity in SEVERITIES else "error"
            yield Text.assemble(
                (_place(record.get("where")), "bold"),
                (f"{say(f'cli.{severity}', self.language)}: ", SEVERITIES[severity]),
                self._said(record.get("message")) or clean(record.get("code", "")),
            )
            advice = self._said(record.get("remedy"))
            if advice:
                yield Text(f"    {advice}", style="dim")

    def _film(self, result: LessonResult) -> list[str]:
        from pipeline.timecode import clock, exact

        film = result.film or {}
        parts = []
        if film.get("frames") and film.get("fps"):
            parts.append(clock(int(film["frames"]) / exact(film["fps"])))
        if film.get("bytes"):
            size = int(film["bytes"]) / 1e6
            parts.append(say("report.size-mb", self.language, size=shown(size, self.language, 1 if size < 100 else 0)))
        if film.get("loudness") is not None:
            parts.append(f"{level(float(film['loudness']), self.language)} LUFS")
        if result.warnings:
            parts.append(say("progress.warnings", self.language, count=len(result.warnings)))
        return [*parts, self.time(result.seconds)]

    def _failed(self, result: LessonResult) -> str:
        if result.outcome == "refused":
            film = result.film or {}
            path = f"{self._out}{film['folder']}/{film['name']}" if film.get("folder") and film.get("name") else UNKNOWN
            return say("progress.refused", self.language, lesson=clean(result.id), film=clean(path))
        if result.outcome == "left-alone":
            return say("progress.left-alone-failed", self.language, lesson=clean(result.id))
        return say("build.failed", self.language, lesson=clean(result.id))

    def _said(self, texts: object) -> str:
        return clean(texts.get(self.language) or texts.get("en") or "") if isinstance(texts, Mapping) else ""


def _place(where: object) -> str:
    """As seen from here, so that terminals can open it."""
    if not isinstance(where, Mapping) or not where.get("path"):
        return ""
    path = seen_from_here(str(where["path"]))
    return f"{clean(Place(path, int(where.get('line') or 0), int(where.get('column') or 0)))}: "
