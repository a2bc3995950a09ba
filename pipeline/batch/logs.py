"""Files that are only ever appended to: one file on a disk, numbered objects in a store."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pipeline.batch.remote import Remote

LONGEST_LINE = 4 << 20
"""Bytes of a line that is read whole; of a longer one only the beginning is given."""
MOST_CHUNK = 64 << 20

_BLOCK = 1 << 20
_CHUNK = re.compile(r"(.+)\.d/(\d{6,9})")


class Log(ABC):
    """Appends bytes, whole lines at a time; one thread at a time. What is flushed outlives the machine."""

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Append. On a disk readers see it at once. Raises OSError when the disk is full; nothing is written then."""

    @abstractmethod
    def flush(self) -> None:
        """Make everything written safe; in a store readers see it only now. Raises OSError or UsageError."""

    @abstractmethod
    def close(self) -> None:
        """Flush, and write no more."""


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
        # Only what is in this chunk: more may be written while it is on its way.
        count = len(self._waiting)
        if count:
            self._remote.write(f"{self._name}.d/{self._number + 1:06d}", b"".join(self._waiting[:count]))
            self._number += 1
            del self._waiting[:count]

    def close(self) -> None:
        self.flush()


def open_file_log(path: Path) -> Log:
    """Append to a file of a disk, which is made if need be. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return _FileLog(path)


def open_object_log(remote: Remote, name: str) -> Log:
    """Append to the objects `<name>.d/000001`, `000002`, ..., one for each flush."""
    return _ObjectLog(remote, name)


def file_lines(path: Path) -> Iterator[bytes]:
    """The lines of a log on a disk; none if it is not there."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        yield from _lines(iter(lambda: file.read(_BLOCK), b""))


def object_lines(remote: Remote, name: str) -> Iterator[bytes]:
    """The lines of a log in a store; none if it is not there."""
    numbers = sorted(_chunks(remote, name))
    chunks = (remote.read(f"{name}.d/{number:06d}", MOST_CHUNK) for number in numbers)
    yield from _lines(chunk for chunk in chunks if chunk is not None)


def without_chunks(names: Iterable[str]) -> set[str]:
    """Names of files, with the objects of a log taken together under its name."""
    return {found[1] if (found := _CHUNK.fullmatch(name)) else name for name in names}


def _chunks(remote: Remote, name: str) -> list[int]:
    return [int(each) for each in remote.files(f"{name}.d") if each.isascii() and each.isdigit() and len(each) >= 6]


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from (line[:LONGEST_LINE] for line in whole)
        # A line without an end must not fill the memory; one byte more than is given shows that it was cut.
        rest = rest[: LONGEST_LINE + 1]
    if rest:
        yield rest[:LONGEST_LINE]
