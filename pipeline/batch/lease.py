"""One driver at a time works in an output folder.

On a disk a lock of the system says who: it ends with its process, however that ends, so it is never stale. On NFS it
holds between machines when the server does locks, as servers of version 4 do. In a store of objects the driver counts
up a number in an object; whoever sees it stand still for three beats of his own clock may take over. Clocks of two
machines are never compared.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from pipeline.batch.logs import open_regular
from pipeline.batch.remote import Remote
from pipeline.errors import TelesabaqError, UsageError

BEAT_SECONDS = 5.0
STALE_BEATS = 3
LOOKS = 5
"""How often in one beat an observer looks."""
LONGEST_BEAT = 60.0
"""Seconds. A holder that claims to beat more slowly is not believed."""
SILENT_SECONDS = 300.0
"""How long a driver goes on that cannot tell the store that it lives: as long as it waits for a scheduler."""
MOST_BYTES = 64_000

_TRIES = 100
_TAKEN = {errno.EWOULDBLOCK, errno.EAGAIN}

Waiting = Callable[[Mapping[str, Any], float], object]
"""Called with the holder's facts and the seconds it may take to learn whether he still lives."""


class Lease:
    """An output folder held. `lost` is set when another driver has taken it over: stop, and publish nothing more.
    `trouble` is why a store has not taken a beat for so long that going on is in vain.
    """

    def __init__(self) -> None:
        self.lost = threading.Event()
        self.trouble: TelesabaqError | None = None


# On a disk ---------------------------------------------------------------------------------------


@contextmanager
def hold_file(path: Path, holder: Mapping[str, Any], out: str) -> Iterator[Lease]:
    """Hold the lock of `path` while the block runs, with the holder's facts in it.

    Raises UsageError when another process holds it, when the folder cannot be written or knows no locks.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise UsageError.of("build.cannot-write", folder=out, reason=error.strerror or str(error)) from error
    try:
        if not _locked_alone(file, out):
            raise _busy(out, _facts(path))
        try:
            file.truncate(0)
            file.write(json.dumps(dict(holder), ensure_ascii=False, default=str).encode("utf-8", "backslashreplace"))
            file.flush()
        except OSError as error:
            raise UsageError.of("build.cannot-write", folder=out, reason=error.strerror or str(error)) from error
        yield Lease()
        with suppress(OSError):
            file.truncate(0)
    finally:
        with suppress(OSError):
            file.close()


def file_holder(path: Path) -> dict[str, Any] | None:
    """The facts of the living process that holds the lock, or None when none does."""
    try:
        with open_regular(path) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return _facts(path) if error.errno in _TAKEN else None
    return None


def _locked_alone(file: IO[bytes], out: str) -> bool:
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise UsageError.of("storage.no-locks", folder=out, reason=error.strerror) from error
        else:
            return True
        # Somebody who only asks whether it is held shares the lock for a moment; a driver shares it with nobody.
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return False
        fcntl.flock(file, fcntl.LOCK_UN)
        os.sched_yield()
    return False


def _facts(path: Path) -> dict[str, Any]:
    try:
        with open_regular(path) as file:
            return _parsed(file.read(MOST_BYTES))
    except OSError:
        return {}


# In a store --------------------------------------------------------------------------------------


@contextmanager
def hold_object(
    remote: Remote, name: str, holder: Mapping[str, Any], beat: float = BEAT_SECONDS, waiting: Waiting | None = None
) -> Iterator[Lease]:
    """Hold the object `name` while the block runs. What a killed driver left is waited for, three beats long.

    Raises UsageError when another driver holds it and lives, or when the store cannot be written.
    """
    lease = _Beating(remote, name, holder, beat)
    lease.take(waiting)
    lease.start()
    try:
        yield lease
    finally:
        lease.release()


def object_holder(
    remote: Remote, name: str, beat: float = BEAT_SECONDS, waiting: Waiting | None = None
) -> dict[str, Any] | None:
    """The facts of the driver that holds the object; None when it is free, or stands still for three beats."""
    seen = _look(remote, name)
    if seen is None:
        return None
    if waiting is not None:
        waiting(seen.holder, STALE_BEATS * max(beat, seen.every))
    later = _watched(remote, name, seen, beat)
    return later.holder if later is not None and later.data != seen.data else None


class _Seen:
    """A lease as it lies in the store. What cannot be read is somebody's all the same, until it stands still."""

    def __init__(self, data: bytes, mark: str) -> None:
        self.data, self.mark = data, mark
        told = _parsed(data)
        holder = told.get("holder")
        self.holder: dict[str, Any] = holder if isinstance(holder, dict) else {}
        self.token = told.get("token")
        every = told.get("every")
        self.every = min(float(every), LONGEST_BEAT) if isinstance(every, int | float) and every > 0 else 0.0


def _look(remote: Remote, name: str) -> _Seen | None:
    # The mark first: if it changes before the bytes are read, it is too old to overwrite them with.
    entry = remote.entry(name)
    data = remote.read(name, MOST_BYTES) if entry is not None else None
    return _Seen(data, entry.mark or "") if entry is not None and data is not None else None


def _watched(remote: Remote, name: str, seen: _Seen, beat: float) -> _Seen | None:
    """What lies there once it has changed, or after three beats without a change; None when it was taken away."""
    period = max(beat, seen.every)
    began = time.monotonic()
    pause = threading.Event()
    while True:
        over = time.monotonic() - began >= STALE_BEATS * period
        now = _look(remote, name)
        if now is None or now.data != seen.data or over:
            return now
        pause.wait(period / LOOKS)


class _Beating(Lease):
    def __init__(self, remote: Remote, name: str, holder: Mapping[str, Any], beat: float) -> None:
        super().__init__()
        self._remote, self._name, self._holder, self._every = remote, name, dict(holder), beat
        self._token = token_hex(16)
        self._count = 0
        self._mark = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telesabaq-lease", daemon=True)

    def take(self, waiting: Waiting | None) -> None:
        seen = _look(self._remote, self._name)
        while True:
            if seen is not None:
                if waiting is not None:
                    waiting(seen.holder, STALE_BEATS * max(self._every, seen.every))
                now = _watched(self._remote, self._name, seen, self._every)
                if now is not None and now.data != seen.data:
                    raise _busy(self._remote.shown(), now.holder)
                seen = now
            mark = self._put(seen.mark if seen is not None else None)
            if mark is not None:
                self._mark = mark
                return
            # Another driver came first: at the same moment, or while this one was looking on.
            seen = _look(self._remote, self._name)

    def start(self) -> None:
        self._thread.start()

    def release(self) -> None:
        self._done.set()
        self._thread.join(STALE_BEATS * self._every)
        with suppress(TelesabaqError):
            seen = _look(self._remote, self._name)
            if seen is not None and seen.token == self._token:
                self._remote.remove(self._name)

    def _run(self) -> None:
        heard = time.monotonic()
        while not self._done.wait(self._every) and not self.lost.is_set():
            # A store that does not answer is asked again: only what it says can tell that the lease is lost.
            try:
                self._beat()
                heard, self.trouble = time.monotonic(), None
            except TelesabaqError as error:
                if time.monotonic() - heard > SILENT_SECONDS:
                    self.trouble = error

    def _beat(self) -> None:
        mark = self._put(self._mark)
        if mark is None:
            # Perhaps it was our own write that changed it, whose answer got lost on the way.
            seen = _look(self._remote, self._name)
            mark = seen.mark if seen is not None and seen.token == self._token else None
        if mark is None:
            self.lost.set()
        else:
            self._mark = mark

    def _put(self, mark: str | None) -> str | None:
        self._count += 1
        told = {"token": self._token, "beat": self._count, "every": self._every, "holder": self._holder}
        data = json.dumps(told, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")
        return self._remote.put_if(self._name, data, mark)


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _busy(out: str, holder: Mapping[str, Any]) -> UsageError:
    fields = {name: str(holder.get(name, "?"))[:100] for name in ("host", "pid", "since")}
    return UsageError.of("batch.busy", out=out, **fields)
