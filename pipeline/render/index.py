"""What can be measured again: digests and facts of files, and how often the cache helped.

An SQLite file that many processes use at once. Whatever happens to it, from a full disk to a
damaged page, costs a measurement and never a build: what cannot be kept is not kept, and a
damaged file is left behind for a new one.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

FLUSH_SECONDS = 5.0
"""Counts are kept in memory and written at most this often."""

RUNS = 50
"""Runs whose counts are kept apart."""

_BUSY_SECONDS = 30.0
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA}
"""Not what we wrote: broken pages, no database at all, tables that are missing or other than ours."""

_NAME = re.compile(r"index(?:-(\d{1,9}))?\.sqlite")
_TABLES = (
    "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, stamp TEXT, digest TEXT)",
    "CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT)",
    """CREATE TABLE IF NOT EXISTS runs (number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT UNIQUE, at TEXT,
    found INTEGER, made INTEGER, saved REAL, spent REAL)""",
    "CREATE TABLE IF NOT EXISTS held (one INTEGER PRIMARY KEY, bytes INTEGER)",
)
_COUNT = (
    "INSERT INTO runs (run, at, found, made, saved, spent) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (run) DO UPDATE SET"
    " found = found + excluded.found, made = made + excluded.made,"
    " saved = saved + excluded.saved, spent = spent + excluded.spent"
)
_ALL = ""
"""The name under which all runs are counted together."""

_T = TypeVar("_T")


@dataclass(slots=True)
class Uses:
    """How often objects were found and had to be made, and the seconds of encoding that were saved and spent."""

    found: int = 0
    made: int = 0
    saved: float = 0.0
    spent: float = 0.0


@dataclass(frozen=True, slots=True)
class RunUses:
    """The counts of one run; `at` is when it began (ISO, UTC), for people."""

    run: str
    at: str
    uses: Uses


class Index:
    """The index of the cache in `folder`. `run` names the run to which uses are counted. For use by several threads."""

    def __init__(self, folder: Path, run: str) -> None:
        self._folder, self._run = folder, run
        self._lock = threading.RLock()
        self._generation = -1
        self._database: sqlite3.Connection | None = None
        self._uses, self._added = Uses(), 0
        self._flush_at = 0.0
        self._with(lambda _: None, None)

    # What is kept ------------------------------------------------------------------------------

    def digest(self, path: str, stamp: str) -> str | None:
        """The SHA-256 (hex) of the file when it had this stamp."""
        select = "SELECT digest FROM files WHERE path = ? AND stamp = ?"
        row = self._with(lambda database: database.execute(select, (path, stamp)).fetchone(), None)
        return row[0] if row is not None and isinstance(row[0], str) and len(row[0]) == 64 else None

    def keep_digest(self, path: str, stamp: str, digest: str) -> None:
        self._with(
            lambda database: database.execute("REPLACE INTO files VALUES (?, ?, ?)", (path, stamp, digest)), None
        )

    def recall(self, key: str) -> Any | None:
        """The JSON kept under a key, or None."""
        select = "SELECT value FROM facts WHERE key = ?"
        row = self._with(lambda database: database.execute(select, (key,)).fetchone(), None)
        try:
            return json.loads(row[0]) if row is not None else None
        except (TypeError, ValueError, RecursionError):
            return None

    def remember(self, key: str, value: object) -> None:
        text = json.dumps(value)
        self._with(lambda database: database.execute("REPLACE INTO facts VALUES (?, ?)", (key, text)), None)

    # How often the cache helped ----------------------------------------------------------------

    def count(self, *, found: int = 0, made: int = 0, saved: float = 0.0, spent: float = 0.0, added: int = 0) -> None:
        """Count uses, and bytes that were added; nearly free."""
        with self._lock:
            uses = self._uses
            uses.found, uses.made = uses.found + found, uses.made + made
            uses.saved, uses.spent = uses.saved + saved, uses.spent + spent
            self._added += added
            due = time.monotonic() >= self._flush_at
        if due:
            self.flush()

    def flush(self) -> None:
        """Write the counts down."""
        with self._lock:
            uses, added = self._uses, self._added
            self._flush_at = time.monotonic() + FLUSH_SECONDS
            if uses == Uses() and not added:
                return
            counts = tuple(asdict(uses).values())
            at = datetime.now(UTC).isoformat(timespec="seconds")

            def write(database: sqlite3.Connection) -> bool:
                if uses != Uses():
                    database.executemany(_COUNT, [(_ALL, at, *counts), (self._run, at, *counts)])
                    database.execute(
                        "DELETE FROM runs WHERE run != ? AND number <="
                        " (SELECT number FROM runs WHERE run != ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
                        (_ALL, _ALL, RUNS),
                    )
                database.execute("UPDATE held SET bytes = bytes + ?", (added,))
                return True

            if self._with(write, otherwise=False):
                self._uses, self._added = Uses(), 0

    def uses(self) -> tuple[Uses, list[RunUses]]:
        """All uses, and those of the last runs, the last first."""
        self.flush()
        names = ", ".join(each.name for each in fields(Uses))
        select = f"SELECT run, at, {names} FROM runs ORDER BY number DESC"  # noqa: S608  # names of our own columns
        none: list[tuple[Any, ...]] = []
        rows = self._with(lambda database: database.execute(select).fetchall(), none)
        told = [RunUses(str(run), str(at), _uses(counts)) for run, at, *counts in rows]
        total = next((each.uses for each in told if each.run == _ALL), Uses())
        return total, [each for each in told if each.run != _ALL]

    def held(self) -> int | None:
        """Bytes of all objects: as they were last listed, and what every process has added since; None if unknown."""
        self.flush()
        row = self._with(lambda database: database.execute("SELECT bytes FROM held").fetchone(), None)
        return row[0] if row is not None and isinstance(row[0], int) else None

    def set_held(self, size: int) -> None:
        with self._lock:
            self._added = 0
        self._with(lambda database: database.execute("REPLACE INTO held VALUES (1, ?)", (size,)), None)

    # The file ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Write the counts down and let go of the file; it is opened again when it is needed."""
        with self._lock:
            self.flush()
            self._disconnect()

    def _with(self, work: Callable[[sqlite3.Connection], _T], otherwise: _T) -> _T:
        """Do `work` in a transaction; `otherwise` when that cannot be done."""
        with self._lock:
            for _ in range(3):
                try:
                    self._database = self._database or self._connect()
                    with self._database:
                        return work(self._database)
                except sqlite3.Error as error:
                    code = getattr(error, "sqlite_errorcode", 0)
                    moved = code == sqlite3.SQLITE_READONLY_DBMOVED
                    if not moved and code & 0xFF not in _DAMAGED:
                        return otherwise  # locked for long, a full or a failing disk
                    self._begin_anew()
            return otherwise

    def _begin_anew(self) -> None:
        """Leave a damaged file for the next generation: another process may still hold it and its journal open, and
        SQLite would mix these with those of a new file of the same name.
        """
        self._disconnect()
        self._generation = max([self._generation + 1, *self._generations()])

    def _connect(self) -> sqlite3.Connection:
        numbers = self._generations()
        self._generation = max([0, self._generation, *numbers])
        database = _connect(self._file(self._generation))
        for number in numbers:
            if number < self._generation:
                for ending in ("", "-wal", "-shm", "-journal"):
                    with suppress(OSError):
                        Path(f"{self._file(number)}{ending}").unlink(missing_ok=True)
        return database

    def _disconnect(self) -> None:
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
        self._database = None

    def _file(self, generation: int) -> Path:
        return self._folder / (f"index-{generation}.sqlite" if generation else "index.sqlite")

    def _generations(self) -> list[int]:
        try:
            found = [_NAME.fullmatch(path.name) for path in self._folder.glob("index*.sqlite")]
        except OSError:
            return []
        return [int(match[1] or 0) for match in found if match is not None]


def _uses(counts: Sequence[Any]) -> Uses:
    try:
        found, made, saved, spent = counts
        return Uses(int(found), int(made), float(saved), float(spent))
    except (TypeError, ValueError, OverflowError):
        return Uses()  # written by someone else


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        with suppress(sqlite3.OperationalError):
            # Readers and the one writer do not wait for each other. Network file systems cannot do it and stay as is.
            database.execute("PRAGMA journal_mode = WAL")
        # A power cut may take the last commits, never the file.
        database.execute("PRAGMA synchronous = NORMAL")
        with database:
            for table in _TABLES:
                database.execute(table)
    except BaseException:
        database.close()
        raise
    return database
