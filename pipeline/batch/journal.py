"""The append-only record of a batch: one JSON line for everything that happened, readable while it is written.

A run is one file of the output folder, `.telesabaq/journal/000012-3fa9.jsonl`. Nothing is ordered by a clock, which may
be set while a batch runs: runs have numbers, their records `n` (1, 2, ...), and `t` is seconds of a monotonic clock
since the run began. `at` (UTC) is only for people.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol, Self

from pipeline.batch.model import OWN_FOLDER
from pipeline.errors import Problem, TelesabaqError, UsageError
from pipeline.reports.wording import plain

FOLDER = f"{OWN_FOLDER}/journal"
MOST_LINE = 1 << 20
"""Bytes of one record. A longer line is none of ours: it is not read, and ours are shortened to fit."""
FLUSH_SECONDS = 1.0
"""How long a record may wait until it is safe from a power cut; the end of a lesson or of the run never waits."""
STORE_SECONDS = (2.0, 60.0)
"""The same in a store, where each flush is an object that every reader has to fetch: seldomer the longer a run lasts,
so that there are hundreds of them and not ten thousands. The end of a lesson waits there, too.
"""
BEAT_SECONDS = 10.0
"""After so long without a record a `beat` is written, so that a reader sees how far time has gone."""
UNREADABLE = "unreadable"
"""Event in the place of a line that is none of ours, so that nothing is passed over in silence."""

_NAME = re.compile(r"(?:^|/)((\d{6,15})-[0-9a-f]{4}\.jsonl)(?:\.d/.*)?$")
_AT_ONCE = frozenset({"run-started", "plan", "run-ended"})
_IDLE_OUTCOMES = frozenset({"unchanged", "left-alone", "not-run"})
"""Results that cost no work: two thousand of them a second are not worth a wait for the disk each."""
_ATTEMPTS = 100


class Log(Protocol):
    """Where lines are appended. `write` takes whole lines, also while a `flush` is under way; after that they outlive
    the machine.
    """

    def write(self, data: bytes, /) -> object: ...
    def flush(self) -> object: ...
    def close(self) -> object: ...


class Shelf(Protocol):
    """What a journal needs of an output folder (pipeline.batch.storage.Output has it). Names are relative to it."""

    @property
    def local(self) -> Path | None: ...
    def append_log(self, name: str, /) -> Log: ...
    def read_log(self, name: str, /) -> Iterable[bytes]: ...
    def names(self, prefix: str, /) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """A run of this output folder; `name` is its file there."""

    number: int
    name: str


class Journal:
    """The record of one run. Every method may be called from any thread.

    Work never stops because its record cannot be written: `trouble` tells the first problem, and the reader sees from
    the numbers how many records are missing.
    """

    def __init__(self, run: Run, log: Log, *, in_store: bool) -> None:
        self.run, self._in_store = run, in_store
        self.trouble: Problem | None = None
        self._log = log
        self._began = time.monotonic()
        self._n = 0
        self._torn = False
        self._waiting = self._urgent = self._closed = False
        self._state = threading.Condition(threading.Lock())
        self._keeper = threading.Thread(target=self._keep, name="telesabaq-journal", daemon=True)

    @classmethod
    def start(cls, output: Shelf, **facts: object) -> Self:
        """Begin the next run in a file of its own, with `run-started` as its first record.

        Raises UsageError when the output folder cannot be written.
        """
        run = _claim(output)
        journal = cls(run, output.append_log(run.name), in_store=output.local is None)
        journal._keeper.start()
        journal.record("run-started", **{"run": run.number, **facts})
        return journal

    def record(self, event: str, /, **fields: object) -> None:
        """Append a record. Fields are plain data or become it; what comes after `close` is dropped."""
        with self._state:
            if self._closed:
                return
            self._write(event, fields)
            self._waiting = True
            self._urgent = self._urgent or event in _AT_ONCE or (not self._in_store and _cost_work(event, fields))
            self._state.notify()

    def close(self) -> None:
        """Make everything recorded safe. May be called twice."""
        with self._state:
            if self._closed:
                return
            self._closed = True
            self._state.notify()
        if self._keeper.is_alive():
            self._keeper.join()
        self._trying(self._log.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, event: str, fields: dict[str, object]) -> None:
        # A number is used up even when its record cannot be written: the gap is how a reader learns of it.
        self._n += 1
        head = {
            "n": self._n,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "t": round(time.monotonic() - self._began, 3),
            "event": event,
        }
        line = _line(head, fields)
        # Behind half a line, that a full disk left, a new one must begin.
        data = b"\n" + line if self._torn else line
        self._torn = not self._trying(self._log.write, data)

    def _keep(self) -> None:
        flushed = 0.0
        while True:
            with self._state:
                if not self._state.wait_for(lambda: self._waiting or self._closed, BEAT_SECONDS):
                    self._write("beat", {})
                due = max(0.0, flushed + self._patience() - time.monotonic())
                self._state.wait_for(lambda: self._urgent or self._closed, due)
                self._waiting = self._urgent = False
                closed = self._closed
            self._trying(self._log.flush)
            flushed = time.monotonic()
            if closed:
                return

    def _patience(self) -> float:
        least, most = STORE_SECONDS
        return min(max(least, (time.monotonic() - self._began) / 300), most) if self._in_store else FLUSH_SECONDS

    def _trying(self, step: Any, *given: object) -> bool:
        try:
            step(*given)
        except Exception as error:
            # Whatever a storage library raises: films are worth more than the record of how they were made.
            self.trouble = self.trouble or self._told(error)
            return False
        return True

    def _told(self, error: Exception) -> Problem:
        if isinstance(error, TelesabaqError) and error.problems:
            return replace(error.problems[0], severity="warning")
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
        return Problem("status.journal-trouble", None, {"name": self.run.name, "reason": reason}, "warning")


def runs(output: Shelf) -> list[Run]:
    """Every run that has a journal here, the earliest first."""
    found = (_NAME.search(name) for name in output.names(f"{FOLDER}/"))
    return sorted({Run(int(match[2]), f"{FOLDER}/{match[1]}") for match in found if match})


def read(output: Shelf, run: int | Run | None = None) -> Iterator[dict[str, Any]]:
    """The records of a run (by default the last one), each with an `event`; in the place of a line that is none of ours
    `{"event": UNREADABLE}`. A last line that was cut off, or is just being written, is left out.

    Raises UsageError when there is no such run.
    """
    chosen = run if isinstance(run, Run) else choose(output, run)
    return _records(output.read_log(chosen.name))


def choose(output: Shelf, number: int | None = None) -> Run:
    """The run of this number, or the last one. Raises UsageError when there is none."""
    known = runs(output)
    if not known:
        raise UsageError.of("status.no-journal", out=getattr(output, "shown", ""))
    if number is None:
        return known[-1]
    named = [each for each in known if each.number == number]
    if not named:
        raise UsageError.of("status.no-run", run=number, first=known[0].number, last=known[-1].number)
    return named[-1]


def _records(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    doubtful = False
    for line in lines:
        if doubtful:
            yield {"event": UNREADABLE}
        record = _parsed(line)
        # Only the next line shows that this one was not merely the last, cut off by a kill.
        doubtful = record is None and bool(line.strip())
        if record is not None:
            yield record


def _parsed(line: bytes) -> dict[str, Any] | None:
    if len(line) > MOST_LINE:
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and isinstance(record.get("event"), str) else None


def _claim(output: Shelf) -> Run:
    """A file that nobody else has, numbered after all others."""
    for _ in range(_ATTEMPTS):
        number = max((run.number for run in runs(output)), default=0) + 1
        run = Run(number, f"{FOLDER}/{number:06d}-{token_hex(2)}.jsonl")
        if output.local is None or _created(output.local / run.name):
            return run
    raise UsageError.of("build.cannot-write", folder=output.local, reason=os.strerror(17))


def _created(path: Path) -> bool:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError as error:
        raise UsageError.of("build.cannot-write", folder=path.parent, reason=error.strerror or str(error)) from error
    return True


def _cost_work(event: str, fields: dict[str, object]) -> bool:
    result = fields.get("result")
    return event == "lesson-ended" and not (isinstance(result, dict) and result.get("outcome") in _IDLE_OUTCOMES)


def _line(head: dict[str, object], fields: dict[str, object]) -> bytes:
    """One line within bounds: as it is; else, of what is no plain data or too long, the beginning of everything."""
    for of in (lambda: fields, lambda: _shortened(plain(fields)), lambda: {"shortened": True}):
        try:
            record = {**head, **of(), **head}
            text = json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=plain, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            continue
        line = text.encode("utf-8", "backslashreplace") + b"\n"
        if len(line) <= MOST_LINE:
            return line
    raise AssertionError(head)


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return value[:1000]
    if isinstance(value, dict):
        return {key[:100]: _shortened(each) for key, each in list(value.items())[:100]}
    return [_shortened(each) for each in value[:40]] if isinstance(value, list) else value
