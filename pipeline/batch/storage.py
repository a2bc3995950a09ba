"""Where films are published and the batch keeps its records: a folder of a disk or of a store, with the same promises.

Lessons may lie in either as well: see pipeline.batch.inputs, whose functions are also found here.
"""

from __future__ import annotations

import json
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.batch.addresses import seen_from_here
from pipeline.batch.inputs import fetch, find_sources, stamps
from pipeline.batch.lease import BEAT_SECONDS, Lease, Waiting, file_holder, hold_file, hold_object, object_holder
from pipeline.batch.logs import (
    Log,
    file_lines,
    object_lines,
    open_file_log,
    open_object_log,
    open_regular,
    without_chunks,
)
from pipeline.batch.model import OWN_FOLDER
from pipeline.batch.remote import Remote, UnreachableError, local_path
from pipeline.errors import InternalError, UsageError
from pipeline.render.cache import Cache
from pipeline.render.publish import INTENT, MANIFEST, MOST_NAMES, PARTIAL, is_whole, names_in, publish, unpublish

__all__ = ["Lease", "Log", "Output", "UnreachableError", "fetch", "find_sources", "open_output", "stamps"]

LEASE = f"{OWN_FOLDER}/lease.json"
MOST_READ = 256_000_000
"""Bytes of a file that is read at once."""


def open_output(place: str | Path) -> Output:
    """The output folder at a path or URL; it need not be there yet. Raises UsageError for a place of no known kind."""
    path = local_path(str(place))
    return LocalOutput(path) if path is not None else RemoteOutput(Remote(str(place)))


class Output(ABC):
    """An output folder. Names and folders are relative to it, with slashes; methods may be called from any thread.

    `url` is its absolute path or URL, the same place from every worker; `local` its path, if it is on a disk; `shown`
    what people read: as seen from here, and without a query.
    All methods raise UsageError when the place cannot be read or written, UnreachableError when a store is silent.
    """

    url: str
    shown: str
    local: Path | None

    # Lessons

    @abstractmethod
    def publish(self, files: Mapping[str, Path], folder: str) -> None:
        """Move finished files (name -> path) into a lesson's folder, each whole or not at all.

        While they are exchanged the folder has no manifest; the new one comes last, when nothing is left of what
        earlier ones named. On a disk a second publisher of the same folder waits.
        """

    @abstractmethod
    def withdraw(self, folder: str) -> None:
        """Take a published lesson away, its manifest first; nothing happens where there is none."""

    def manifest(self, folder: str) -> dict[str, Any] | None:
        """The manifest of a lesson's folder, or None when there is none that can be read."""
        from pipeline.render.manifest import FORMAT

        told = _parsed(self.read(f"{folder}/{MANIFEST}"))
        return told if isinstance(told, dict) and told.get("format") == FORMAT else None

    @abstractmethod
    def is_whole(self, manifest: Mapping[str, Any], folder: str, cache: Cache) -> bool:
        """Whether everything that a manifest names lies there: on a disk by digest, in a store by size."""

    # Files

    @abstractmethod
    def read(self, name: str) -> bytes | None:
        """A file's bytes, or None when there is no such file."""

    @abstractmethod
    def write(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all."""

    @abstractmethod
    def names(self, prefix: str) -> list[str]:
        """Every file below the folder `prefix`, in order; a log is one file however it is stored."""

    # Logs

    @abstractmethod
    def append_log(self, name: str) -> Log:
        """A file to append lines to. One process writes it; anyone may read it meanwhile."""

    @abstractmethod
    def read_log(self, name: str) -> Iterator[bytes]:
        """The lines of a log without their ends, the last one perhaps cut off; nothing where there is no such log."""

    # The lease

    @abstractmethod
    def lease(
        self, holder: Mapping[str, Any], beat: float = BEAT_SECONDS, waiting: Waiting | None = None
    ) -> AbstractContextManager[Lease]:
        """Hold the folder for one driver. `holder`: plain facts, of which host, pid and since are shown to others.

        Raises UsageError (`batch.busy`) when another one is at work here. In a store a killed driver's lease has to be
        watched for three beats (seconds of `beat` each); `waiting` is told of it.
        """

    @abstractmethod
    def lease_holder(self, waiting: Waiting | None = None) -> dict[str, Any] | None:
        """The facts of the driver that is at work here, or None.

        In a store this takes one beat, or three for None, where one was at work; `waiting` is told of it.
        """


class LocalOutput(Output):
    """A folder of a disk, or of a file server that looks like one."""

    local: Path

    def __init__(self, folder: Path) -> None:
        self.local, self.url, self.shown = folder, str(folder), seen_from_here(folder)

    def publish(self, files: Mapping[str, Path], folder: str) -> None:
        publish(files, self._at(folder))

    def withdraw(self, folder: str) -> None:
        unpublish(self._at(folder))

    def is_whole(self, manifest: Mapping[str, Any], folder: str, cache: Cache) -> bool:
        return is_whole(manifest, self._at(folder), cache.digest)

    def read(self, name: str) -> bytes | None:
        if not _is_inside(name):
            return None
        try:
            with open_regular(self._at(name)) as file:
                data = file.read(MOST_READ + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UsageError.of("storage.failed", place=self._at(name), reason=error.strerror) from error
        if len(data) > MOST_READ:
            raise UsageError.of("storage.file-too-big", place=self._at(name), limit=MOST_READ // 1_000_000)
        return data

    def write(self, name: str, data: bytes) -> None:
        target = self._at(name)
        partial = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}{PARTIAL}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                partial.write_bytes(data)
                partial.replace(target)
            finally:
                partial.unlink(missing_ok=True)
        except OSError as error:
            raise self._cannot_write(target.parent, error) from error

    def names(self, prefix: str) -> list[str]:
        found = []
        for folder, _, files in os.walk(self._at(prefix.rstrip("/")) if prefix else self.local):
            here = Path(folder).relative_to(self.local)
            # Pipes and devices are no files of ours, whoever put them there.
            found += [
                (here / name).as_posix()
                for name in files
                if not name.endswith(PARTIAL) and (self.local / here / name).is_file()
            ]
        return sorted(found)

    def append_log(self, name: str) -> Log:
        try:
            return open_file_log(self._at(name))
        except OSError as error:
            raise self._cannot_write(self._at(name).parent, error) from error

    def read_log(self, name: str) -> Iterator[bytes]:
        try:
            yield from file_lines(self._at(name))
        except OSError as error:
            raise UsageError.of("storage.failed", place=self._at(name), reason=error.strerror) from error

    @contextmanager
    def lease(
        self, holder: Mapping[str, Any], beat: float = BEAT_SECONDS, waiting: Waiting | None = None
    ) -> Iterator[Lease]:
        with hold_file(self.local / LEASE, holder, self.shown) as lease:
            self._sweep()
            yield lease

    def lease_holder(self, waiting: Waiting | None = None) -> dict[str, Any] | None:
        return file_holder(self.local / LEASE)

    def _sweep(self) -> None:
        """What a killed driver was writing; lessons' folders are swept when they are published again."""
        for folder in (self.local, self.local / OWN_FOLDER):
            for stale in folder.glob(f".*{PARTIAL}"):
                with suppress(OSError):
                    stale.unlink()

    def _at(self, name: str) -> Path:
        return self.local / _inside(name)

    def _cannot_write(self, folder: Path, error: OSError) -> UsageError:
        return UsageError.of("build.cannot-write", folder=folder, reason=error.strerror or str(error))


class RemoteOutput(Output):
    """A folder of a store. Nothing there can be moved, so the names of an exchange under way lie beside its files."""

    def __init__(self, remote: Remote) -> None:
        self._remote, self.url, self.shown, self.local = remote, remote.url, remote.shown(), None

    def publish(self, files: Mapping[str, Path], folder: str) -> None:
        self._remote.patiently(lambda: self._exchange(files, folder))

    def withdraw(self, folder: str) -> None:
        self._remote.patiently(lambda: self._take_away(folder))

    def _exchange(self, files: Mapping[str, Path], folder: str) -> None:
        names = self._published(folder)
        told = {"outputs": [{"path": name} for name in sorted((names | set(files)) - {MANIFEST})]}
        self.write(f"{folder}/{INTENT}", json.dumps(told).encode())
        # Until its successor is there nothing vouches for the files, which are partly old and partly new.
        self._remote.remove(self._in(folder, MANIFEST))
        for name, made in files.items():
            if name != MANIFEST:
                self._remote.upload(made, self._in(folder, name))
        self._remove(names - set(files), folder)
        if MANIFEST in files:
            self._remote.upload(files[MANIFEST], self._in(folder, MANIFEST))
        self._remote.remove(self._in(folder, INTENT))

    def _take_away(self, folder: str) -> None:
        names = self._published(folder)
        if names:
            self._remove([MANIFEST, *sorted(names), INTENT], folder)

    def manifest(self, folder: str) -> dict[str, Any] | None:
        return self._remote.patiently(lambda: super(RemoteOutput, self).manifest(folder))

    def is_whole(self, manifest: Mapping[str, Any], folder: str, cache: Cache) -> bool:
        try:
            sizes = {each["path"]: each["bytes"] for each in manifest["outputs"]}
        except (KeyError, TypeError):
            return False
        there = self._remote.patiently(lambda: self._remote.files(_inside(folder)))
        # An exchange that was broken off at its very end is done once more, so that nothing of it stays.
        return (
            bool(sizes)
            and INTENT not in there
            and all(name in there and there[name].size == size for name, size in sizes.items())
        )

    def read(self, name: str) -> bytes | None:
        return self._remote.read(name, MOST_READ) if _is_inside(name) else None

    def write(self, name: str, data: bytes) -> None:
        self._remote.write(_inside(name), data)

    def names(self, prefix: str) -> list[str]:
        folder = prefix.rstrip("/")
        below = (f"{folder}/{name}" if folder else name for name in self._remote.files(folder))
        return sorted(without_chunks(name for name in below if not name.endswith(PARTIAL)))

    def append_log(self, name: str) -> Log:
        return open_object_log(self._remote, _inside(name))

    def read_log(self, name: str) -> Iterator[bytes]:
        return object_lines(self._remote, _inside(name))

    def lease(
        self, holder: Mapping[str, Any], beat: float = BEAT_SECONDS, waiting: Waiting | None = None
    ) -> AbstractContextManager[Lease]:
        return hold_object(self._remote, LEASE, holder, beat, waiting)

    def lease_holder(self, waiting: Waiting | None = None) -> dict[str, Any] | None:
        return object_holder(self._remote, LEASE, waiting=waiting)

    def _published(self, folder: str) -> set[str]:
        told = (self._remote.read(self._in(folder, name), MOST_NAMES) for name in (MANIFEST, INTENT))
        return set[str]().union(*(names_in(_parsed(each)) for each in told))

    def _remove(self, names: Iterable[str], folder: str) -> None:
        for name in names:
            self._remote.remove(self._in(folder, name))

    def _in(self, folder: str, name: str) -> str:
        return f"{_inside(folder)}/{name}"


def _parsed(data: bytes | None) -> Any:
    try:
        return json.loads(data) if data is not None else None
    except (ValueError, RecursionError):
        return None


def _is_inside(name: str) -> bool:
    return all(part not in {"", ".", ".."} for part in name.split("/")) and "\0" not in name


def _inside(name: str) -> str:
    if not _is_inside(name):
        raise InternalError.of("storage.outside", name=name)
    return name
