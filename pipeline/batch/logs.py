"""Files that are only ever appended to: one file on a disk, numbered objects in a store."""

from __future__ import annotations

import errno
import os
import re
import stat
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from pipeline.batch.remote import Remote, UnreachableError

LONGEST_LINE = 4 << 20
"""Bytes of a line that is read whole; of a longer one only the beginning is given."""
MOST_CHUNK = 64 << 20
READ_AT_ONCE = 32
"""Objects of a log that are asked for at a time: days of work make thousands, and each answer takes its while."""

_BLOCK = 1 << 20
_CHUNK = re.compile(r"(.+)\.d/(\d{6,9})")


class Log(ABC):
    """Appends bytes, whole lines at a time; one thread at a time. What is flushed outlives the machine; when a store is
    silent, it waits for the next flush.
    """

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Append. On a disk readers see it at once. Raises OSError when the disk is full; nothing is written then."""

    @abstractmethod
    def flush(self) -> None:
        """Make everything written safe; in a store readers see it only now. Raises OSError or UsageError."""

    @abstractmethod
    def close(self) -> None:
        """Flush, and write no more. Raises what `flush` does, and UnreachableError when the end was not to be saved."""


class _FileLog(Log):
    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def write(self, data: bytes) -> None:
        end = os.fstat(self._file.fileno()).st_size
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            with suppress(OSError):
                self._file.truncate(end)
            raise

    def flush(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        if not self._file.closed:
            try:
                self.flush()
            finally:
                self._file.close()


class _ObjectLog(Log):
    def __init__(self, remote: Remote, name: str) -> None:
        self._remote, self._name = remote, name
        self._number = max(_chunks(remote, name), default=0)
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> None:
        self._waiting.append(data)

    def flush(self) -> None:
        with suppress(UnreachableError):
            self._put()

    def _put(self) -> None:
        # Only what is in this chunk: more may be written while it is on its way.
        count = len(self._waiting)
        if count:
            self._remote.write(f"{self._name}.d/{self._number + 1:06d}", b"".join(self._waiting[:count]))
            self._number += 1
            del self._waiting[:count]

    def close(self) -> None:
        self._put()


def open_file_log(path: Path) -> Log:
    """Append to a file of a disk, which is made if need be. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return _FileLog(path)


def open_object_log(remote: Remote, name: str) -> Log:
    """Append to the objects `<name>.d/000001`, `000002`, ..., one for each flush."""
    return _ObjectLog(remote, name)


def open_regular(path: Path) -> BinaryIO:
    """A file to read that is one: a pipe never ends, and a device does things when it is read. Raises OSError.

    Whatever else bears this name is taken for no file (FileNotFoundError).
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        # A socket.
        if error.errno != errno.ENXIO:
            raise
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    return os.fdopen(number, "rb")


def file_lines(path: Path) -> Iterator[bytes]:
    """The lines of a log on a disk; none if it is not there. Raises OSError when it cannot be read."""
    with suppress(FileNotFoundError), open_regular(path) as file:
        yield from _lines(iter(lambda: file.read(_BLOCK), b""))


def object_lines(remote: Remote, name: str) -> Iterator[bytes]:
    """The lines of a log in a store; none if it is not there."""
    yield from _lines(chunk for chunk in _read_ahead(remote, name, _chunks(remote, name)) if chunk is not None)


def _read_ahead(remote: Remote, name: str, chunks: dict[int, int]) -> Iterator[bytes | None]:
    """The objects of a log in order, many asked for at a time, but together no more than one may be large."""
    coming: deque[tuple[int, Future[bytes | None]]] = deque()
    held = 0
    with ThreadPoolExecutor(READ_AT_ONCE) as pool:
        try:
            for number, size in sorted(chunks.items()):
                while coming and (len(coming) >= READ_AT_ONCE or held + size > MOST_CHUNK):
                    before, chunk = coming.popleft()
                    held -= before
                    yield chunk.result()
                coming.append((size, pool.submit(remote.read, f"{name}.d/{number:06d}", MOST_CHUNK)))
                held += size
            while coming:
                yield coming.popleft()[1].result()
        finally:
            # Whoever wants no more lines waits only for what is on its way.
            for _, chunk in coming:
                chunk.cancel()


def without_chunks(names: Iterable[str]) -> set[str]:
    """Names of files, with the objects of a log taken together under its name."""
    return {found[1] if (found := _CHUNK.fullmatch(name)) else name for name in names}


def _chunks(remote: Remote, name: str) -> dict[int, int]:
    """Bytes of each object of a log, by its number."""
    listing = remote.files(f"{name}.d").items()
    return {
        int(each): entry.size or 0 for each, entry in listing if each.isascii() and each.isdigit() and len(each) >= 6
    }


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from (line[:LONGEST_LINE] for line in whole)
        # A line without an end must not fill the memory; one byte more than is given shows that it was cut.
        rest = rest[: LONGEST_LINE + 1]
    if rest:
        yield rest[:LONGEST_LINE]
