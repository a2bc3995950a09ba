"""A folder of finished things, each named by everything that shaped its bytes.

Objects appear by `os.replace` and are followed by a small record with their size, so a cut-off
file is never a hit. Two builds may share the folder: both may make the same object, the last
one wins with the same bytes. The least recently used objects go first when the folder is full.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Any

from pipeline.errors import UsageError
from pipeline.specs import cache_folder

ENV_GIGABYTES = "TELESABAQ_CACHE_GB"
DEFAULT_GIGABYTES = 20.0
IN_USE_SECONDS = 2 * 3600
"""Objects touched this recently may belong to a running build and are never dropped."""


def key_of(parts: Mapping[str, object]) -> str:
    """The name of a thing: SHA-256 (hex) over canonical JSON of everything that shapes it."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Usage:
    """What the cache holds: number of objects, bytes, the limit in bytes."""

    objects: int
    bytes: int
    limit: int


class Cache:
    """The segment cache. `folder` defaults to TELESABAQ_CACHE or the user's cache folder."""

    def __init__(self, folder: Path | None = None, limit_bytes: int | None = None) -> None:
        self.folder = (folder or cache_folder()).absolute()
        self.limit = limit_bytes if limit_bytes is not None else _limit()
        self._objects = self.folder / "objects"
        self._work = self.folder / "work"
        try:
            for each in (self._objects, self._work):
                each.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError.of("cache.unusable", folder=self.folder, reason=error.strerror) from error
        self._database = _open_database(self.folder / "index.sqlite")
        self._added = False

    # Objects -----------------------------------------------------------------------------------

    def find(self, key: str) -> Path | None:
        """The object called `key`, if it is there whole; marks it as used."""
        path = self._path(key)
        try:
            size = json.loads(_record(path).read_text())["size"]
            if path.stat().st_size != size:
                return None
            os.utime(path)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return path

    def facts(self, key: str) -> dict[str, Any]:
        """The facts stored with an object that `find` has found."""
        stored: dict[str, Any] = json.loads(_record(self._path(key)).read_text())["facts"]
        return stored

    def add(self, key: str, made: Path, facts: Mapping[str, Any] | None = None) -> Path:
        """Move a finished file (from a `work_folder`) in as the object called `key`."""
        path = self._path(key)
        path.parent.mkdir(exist_ok=True)
        record = {"size": made.stat().st_size, "sha256": file_sha256(made), "facts": dict(facts or {})}
        note = made.with_name(made.name + ".record")
        note.write_text(json.dumps(record, sort_keys=True))
        # The record of an older object must never vouch for a newer file of another size.
        made.replace(path)
        note.replace(_record(path))
        self._added = True
        return path

    def drop(self, key: str) -> None:
        """Forget an object that turned out to be damaged."""
        _record(self._path(key)).unlink(missing_ok=True)
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._objects / key[:2] / key

    # Work folders ------------------------------------------------------------------------------

    @contextmanager
    def work_folder(self) -> Iterator[Path]:
        """A private folder on the cache's disk; those of killed builds are swept away."""
        self._sweep()
        folder = Path(mkdtemp(prefix="build-", dir=self._work))
        lock = _lock(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            if lock is not None:
                lock.close()

    def _sweep(self) -> None:
        for folder in self._work.glob("build-*"):
            lock = _lock(folder) if time.time() - folder.stat().st_mtime > 5 else None
            if lock is not None:
                shutil.rmtree(folder, ignore_errors=True)
                lock.close()

    # Facts of input files ----------------------------------------------------------------------

    def digest(self, path: Path) -> str:
        """SHA-256 of an input file; hashed again only when its size, times or inode changed."""
        facts = path.stat()
        stamp = f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}:{facts.st_ino}"
        name = str(path.resolve())
        row = self._database.execute("SELECT digest FROM files WHERE path = ? AND stamp = ?", (name, stamp)).fetchone()
        if row is not None:
            return str(row[0])
        digest = file_sha256(path)
        # A file changed within the clock's grain of now could change again unseen.
        if time.time_ns() - facts.st_mtime_ns > 2_000_000_000:
            with self._database:
                self._database.execute("REPLACE INTO files VALUES (?, ?, ?)", (name, stamp, digest))
        return digest

    def recall(self, key: str) -> Any | None:
        """Small JSON stored under a key (measured facts of a file), or None."""
        row = self._database.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row is not None else None

    def remember(self, key: str, value: object) -> None:
        with self._database:
            self._database.execute("REPLACE INTO facts VALUES (?, ?)", (key, json.dumps(value)))

    # Size --------------------------------------------------------------------------------------

    def usage(self) -> Usage:
        entries = self._entries()
        return Usage(len(entries), sum(size for _, size, _ in entries), self.limit)

    def trim(self) -> int:
        """After something was added: drop least recently used objects until the cache fits; bytes freed."""
        if not self._added:
            return 0
        entries = sorted(self._entries())
        excess = sum(size for _, size, _ in entries) - self.limit
        freed = 0
        for used, size, path in entries:
            if freed >= excess or time.time() - used < IN_USE_SECONDS:
                break
            self.drop(path.name)
            freed += size
        return freed

    def _entries(self) -> list[tuple[float, int, Path]]:
        entries = []
        for path in self._objects.glob("??/*"):
            if path.suffix == ".json":
                continue
            try:
                facts = path.stat()
            except FileNotFoundError:
                continue  # another build dropped it meanwhile
            entries.append((facts.st_mtime, facts.st_size, path))
        return entries


def _limit() -> int:
    asked = os.environ.get(ENV_GIGABYTES, "")
    try:
        gigabytes = float(asked) if asked else DEFAULT_GIGABYTES
    except ValueError as error:
        raise UsageError.of("cache.bad-limit", variable=ENV_GIGABYTES, value=asked) from error
    return int(gigabytes * 1e9)


def _record(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _lock(folder: Path) -> IO[bytes] | None:
    """Hold a folder's lock, or None when a living process holds it."""
    try:
        file = (folder / ".lock").open("ab")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _open_database(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.DatabaseError:
        # It only remembers what can be measured again.
        path.unlink(missing_ok=True)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=30, check_same_thread=False)
    with database:
        database.execute("CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, stamp TEXT, digest TEXT)")
        database.execute("CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT)")
    return database
