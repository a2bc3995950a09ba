"""A folder of finished things, each named by everything that shaped its bytes.

Objects appear by `os.replace` and are followed by a small record with their size, so a cut-off
file is never a hit. Any number of processes may share the folder: two may make the same object, the
last one wins with the same bytes. The least recently used objects go first when the folder is full.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Any

from pipeline.errors import InternalError, MediaError, UsageError
from pipeline.render.clock import FUTURE_SECONDS, Clock
from pipeline.render.index import Index, RunUses, Uses
from pipeline.render.locks import alone, lock_folder
from pipeline.render.objects import Held, Kind, Objects, Origin, Record, file_sha256
from pipeline.specs import cache_folder

__all__ = ["Cache", "Due", "Origin", "Record", "Usage", "file_sha256", "key_of"]

ENV_GIGABYTES = "TELESABAQ_CACHE_GB"
DEFAULT_GIGABYTES = 20.0
IN_USE_SECONDS = 2 * 3600
"""Objects touched this recently may belong to a running build and are never dropped."""

SPARE = 0.05
"""When the limit is passed, this share of it is freed as well: listing tens of thousands of files takes a second."""

RELIST_SECONDS = 60.0
"""A cache full of objects in use is not listed more often than this."""

_GRAIN_NS = 2_000_000_000
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE, errno.ENOTDIR}
_ENCODER_SAYS_FULL = ("No space left on device", "Disk quota exceeded", "File too large")


def key_of(parts: Mapping[str, object]) -> str:
    """The name of a thing: SHA-256 (hex) over canonical JSON of everything that shapes it."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Usage:
    """What the cache holds: number of objects, bytes, the limit in bytes."""

    objects: int
    bytes: int
    limit: int


@dataclass(frozen=True, slots=True)
class Due:
    """Objects that do not fit any more, the longest unused first. `kept_in_use`: bytes over the limit all the same."""

    objects: tuple[Held, ...]
    kept_in_use: int

    @property
    def bytes(self) -> int:
        return sum(each.size for each in self.objects)


class Cache:
    """The segment cache. `folder` defaults to TELESABAQ_CACHE or the user's cache folder.

    `run` names the run to which hits are counted, by default this process.
    """

    def __init__(self, folder: Path | None = None, limit_bytes: int | None = None, run: str | None = None) -> None:
        self.folder = (folder or cache_folder()).absolute()
        self.limit = limit_bytes if limit_bytes is not None else _limit()
        self.objects = Objects(self.folder / "objects")
        self.work = self.folder / "work"
        try:
            for each in (self.objects.folder, self.work):
                each.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError.of("cache.unusable", folder=self.folder, reason=error.strerror) from error
        self._index = Index(self.folder, run or f"{os.getpid()}-{time.time_ns():x}")
        weakref.finalize(self, Index.close, self._index)
        self._clock = Clock(IN_USE_SECONDS, self._index.recall, self._index.remember)
        self._clock.mark()
        self._added = False
        self._list_after: float | None = None

    # Objects -----------------------------------------------------------------------------------

    def find(self, key: str) -> Path | None:
        """The object called `key`, if it is there whole; marks it as used."""
        return self.objects.path(key) if self.objects.find(key) is not None else None

    def wanted(self, keys: Iterable[str]) -> frozenset[str]:
        """Which of these objects are there whole: marks them as used, and counts them as found.

        To be asked once for everything that a film needs, before what is missing is made.
        """
        there, saved = set(), 0.0
        for key in keys:
            told = self.objects.find(key)
            if told is not None:
                there.add(key)
                seconds = told.get("seconds")
                saved += seconds if isinstance(seconds, int | float) and isfinite(seconds) else 0
        self._index.count(found=len(there), saved=saved)
        return frozenset(there)

    def facts(self, key: str) -> dict[str, Any]:
        """The facts stored with an object that `find` has found. Raises InternalError when it is gone by now."""
        found = self.record(key)
        if found is None:
            raise InternalError.of("render.segment-vanished", name=key)
        return found.facts

    def record(self, key: str) -> Record | None:
        """All that is known of an object, if it is there."""
        return self.objects.record(key)

    def add(
        self,
        key: str,
        made: Path,
        facts: Mapping[str, Any] | None = None,
        *,
        kind: Kind = "other",
        seconds: float = 0.0,
        origin: Origin | None = None,
    ) -> Path:
        """Move a finished file (from a `work_folder`) in as the object called `key`, and count it as made.

        `seconds` it took to make, `origin` what for: with it a damaged object can be made again.
        Raises UsageError when the disk is full or says no; nothing of the object is left then.
        """
        with self.writing():
            size, digest = made.stat().st_size, file_sha256(made)
            record = Record(size, digest, kind, round(seconds, 3), origin, dict(facts or {}))
            path = self._put(key, made, record)
        self._index.count(made=1, spent=seconds, added=size)
        self._added = True
        return path

    def take(self, key: str, file: Path, told: Mapping[str, Any]) -> Path | None:
        """Move in a copy of an object of another cache, with what the record there told; None when it is not whole.

        Counted neither as found nor as made. Raises UsageError as `add` does.
        """
        record = Record.judged(told)
        with self.writing():
            if record is None or file.stat().st_size != record.size or file_sha256(file) != record.sha256:
                return None
            path = self._put(key, file, record)
        self._index.count(added=record.size)
        self._added = True
        return path

    def _put(self, key: str, file: Path, record: Record) -> Path:
        # One at a time: two that put other bytes under one name must not mix object and record.
        with alone(self.folder / "objects.lock"):
            return self.objects.add(key, file, record)

    def drop(self, key: str) -> None:
        """Forget an object. Raises UsageError where the disk says no."""
        with self.writing(), alone(self.folder / "objects.lock"):
            self.objects.drop(key)

    def drop_damaged(self, key: str, record: Record | None) -> bool:
        """Forget an object unless it has another record by now. Raises UsageError where the disk says no."""
        with self.writing(), alone(self.folder / "objects.lock"):
            same = self.objects.record(key) == record
            if same:
                self.objects.drop(key)
            return same

    # Work folders ------------------------------------------------------------------------------

    @contextmanager
    def work_folder(self) -> Iterator[Path]:
        """A private folder on the cache's disk; those of killed builds are swept away.

        Raises UsageError when the disk is full or says no, now or while the folder is in use.
        """
        with self.writing():
            folder, lock = self._new_work_folder()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                if lock is not None:
                    lock.close()

    def _new_work_folder(self) -> tuple[Path, IO[bytes] | None]:
        with ExitStack() as locks:
            # Under one lock, so that nobody takes a folder that has no lock of its own yet for one of a killed build.
            with alone(self.folder / "work.lock"):
                locked = [(each, lock_folder(each)) for each in self.work.glob("build-*")]
                stale = [each for each, lock in locked if lock is not None and locks.enter_context(lock)]
                folder = Path(mkdtemp(prefix="build-", dir=self.work))
                own = lock_folder(folder)
            for each in stale:
                shutil.rmtree(each, ignore_errors=True)
        return folder, own

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Whatever is written into the cache meanwhile: a disk that is full or says no becomes a UsageError."""
        try:
            yield
        except OSError as error:
            refused = self._refused(error)
            if refused is None:
                raise
            raise refused from error
        except MediaError as error:
            # An encoder whose output found no room blames the file it reads.
            said = " ".join(str(problem.fields.get("log", "")) for problem in error.problems)
            if any(words in said for words in _ENCODER_SAYS_FULL):
                raise self._full() from error
            if not self.work.is_dir():
                raise self._unusable(os.strerror(errno.ENOENT)) from error
            raise

    def _refused(self, error: OSError) -> UsageError | None:
        # Of two files the second is the one that was written.
        name = error.filename if error.filename2 is None else error.filename2
        named = [Path(os.fsdecode(name)).absolute()] if name is not None else []
        if not all(self.folder in path.parents for path in named):
            return None  # another disk's fault
        if error.errno in _FULL:
            return self._full()
        vanished = error.errno == errno.ENOENT and not (self.objects.folder.is_dir() and self.work.is_dir())
        if vanished or (named and error.errno in _REFUSED):
            return self._unusable(error.strerror or str(error))
        return None

    def _full(self) -> UsageError:
        free = self.free() or 0
        return UsageError.of("cache.full", folder=str(self.folder), megabytes=free // 1_000_000, free=free)

    def _unusable(self, reason: str) -> UsageError:
        return UsageError.of("cache.unusable", folder=str(self.folder), reason=reason)

    def free(self) -> int | None:
        """Bytes that this user may still write on the cache's disk."""
        try:
            return shutil.disk_usage(self.folder).free
        except OSError:
            return None

    # Facts of input files ----------------------------------------------------------------------

    def digest(self, path: Path) -> str:
        """SHA-256 of an input file; hashed again only when its size, times or inode changed."""
        facts = path.stat()
        stamp = f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}:{facts.st_ino}"
        name = os.fsencode(path.resolve()).decode("utf-8", "backslashreplace")
        known = self._index.digest(name, stamp)
        if known is not None:
            return known
        digest = file_sha256(path)
        # A file changed within the clock's grain of now could change again unseen. Times far ahead of now, left by a
        # clock that was put back, do not come again either.
        now = time.time_ns()
        if all(abs(now - changed) > _GRAIN_NS for changed in (facts.st_mtime_ns, facts.st_ctime_ns)):
            self._index.keep_digest(name, stamp, digest)
        return digest

    def recall(self, key: str) -> Any | None:
        """Small JSON stored under a key (measured facts of a file), or None."""
        return self._index.recall(key)

    def remember(self, key: str, value: object) -> None:
        """Store small JSON under a key, if that can be done: it must be something that can be had again."""
        self._index.remember(key, value)

    def uses(self) -> tuple[Uses, list[RunUses]]:
        """How often objects were found and had to be made: ever, and in the last runs (the last first)."""
        return self._index.uses()

    # Size --------------------------------------------------------------------------------------

    def usage(self) -> Usage:
        entries = self.objects.listing()
        return Usage(len(entries), sum(each.size for each in entries), self.limit)

    def due(self) -> Due:
        """What `trim` would drop now."""
        return self._due(self.objects.listing())

    def _due(self, entries: Iterable[Held]) -> Due:
        entries = sorted(entries)
        excess = sum(each.size for each in entries) - self.limit
        if excess <= 0:
            return Due((), 0)
        now = self._clock.mark()
        horizon = self._clock.horizon(now)
        dropping: list[Held] = []
        freed = 0
        for each in entries:
            if freed >= excess + self.limit * SPARE or each.used >= horizon:
                break
            dropping.append(each)
            freed += each.size
        return Due(tuple(dropping), max(0, excess - freed))

    def trim(self, *, at_once: bool = False) -> int:
        """After something was added: drop least recently used objects until the cache fits; bytes freed.

        Cheap to call after every film: the folder is listed when it must have outgrown its limit, by what all
        processes have added since it was last listed. `at_once` lists it in any case.
        """
        self._index.flush()
        if not at_once and not self._outgrown():
            return 0
        with alone(self.folder / "trim.lock", wait=at_once) as only:
            return self._trim() if only else 0

    def _outgrown(self) -> bool:
        if not self._added:
            return False
        if self._list_after is None:
            return True  # once a process: what was added by others that were killed is in no count
        held = self._index.held()
        return (held is None or held > self.limit) and time.monotonic() >= self._list_after

    def _trim(self) -> int:
        entries = self.objects.listing()
        total = sum(each.size for each in entries)
        freed = 0
        if total > self.limit:
            self._date_back(entries)
            freed = sum(self._drop_unused(each) for each in self._due(entries).objects)
        self._index.set_held(total - freed)
        over = total - freed > self.limit
        self._list_after = time.monotonic() + (RELIST_SECONDS if over else 0.0)
        return freed

    def _date_back(self, entries: Iterable[Held]) -> None:
        """What a clock that was ahead has dated into the future counts as used now: it may be in use, and will age."""
        now = self._clock.mark().wall
        for each in entries:
            if each.used > now + FUTURE_SECONDS:
                with suppress(OSError):
                    os.utime(self.objects.path(each.key), (now, now))

    def _drop_unused(self, held: Held) -> int:
        path = self.objects.path(held.key)
        with suppress(OSError), alone(self.folder / "objects.lock"):
            if path.lstat().st_mtime == held.used:
                self.objects.drop(held.key)
                return held.size
        return 0  # found, dropped or put there anew by somebody since it was listed


def _limit() -> int:
    asked = os.environ.get(ENV_GIGABYTES, "")
    try:
        gigabytes = float(asked) if asked else DEFAULT_GIGABYTES
        return int(gigabytes * 1e9)
    except (ValueError, OverflowError) as error:
        raise UsageError.of("cache.bad-limit", variable=ENV_GIGABYTES, value=asked) from error
