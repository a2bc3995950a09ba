"""Locks among processes that the system itself takes back from a process that is killed."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def lock(path: Path, *, wait: bool = False) -> IO[bytes] | None:
    """Hold a lock file until it is closed; None when a living process holds it. Raises OSError where there are none."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        file.close()
        return None
    except BaseException:
        file.close()
        raise
    return file


def lock_folder(folder: Path) -> IO[bytes] | None:
    """Hold a folder's own lock; None where that cannot be done, so that nobody takes it for abandoned."""
    try:
        return lock(folder / ".lock")
    except OSError:
        return None


@contextmanager
def alone(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Whether no other process is inside; true too on a disk that knows no locks, or has no room for one."""
    try:
        held = lock(path, wait=wait)
    except OSError:
        yield True
        return
    try:
        yield held is not None
    finally:
        if held is not None:
            held.close()
