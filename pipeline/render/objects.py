"""Finished things in a folder, each with a small record that vouches for it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from math import isfinite
from pathlib import Path
from typing import Any, Literal, Self, cast

Kind = Literal["clip", "card", "sound", "animation", "other"]
KINDS: tuple[Kind, ...] = ("clip", "card", "sound", "animation", "other")
"""What objects are: pieces of clips, still cards, films' sound, drawn animations, what nobody gave a kind."""

KEY = re.compile(r"[0-9a-f]{64}")
RECORD = ".json"
RECORD_BYTES = 1 << 20
"""The longest record that is read."""


def file_sha256(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Origin:
    """What an object was made for, so that it can be made again.

    `script`: absolute path or URL; `structure` and `profile`: names of specs, or absolute paths of YAML files.
    """

    script: str
    structure: str = "tv-lesson"
    profile: str = "platform"
    allow_code: bool = False

    @classmethod
    def of(cls, script: str | Path, structure: str, profile: str, *, allow_code: bool = False) -> Self:
        """As a caller named them: relative paths are made absolute."""
        place = script if "://" in str(script) else Path(script).absolute()
        return cls(str(place), _absolute(structure), _absolute(profile), allow_code)

    @classmethod
    def judged(cls, told: object) -> Self | None:
        """From plain data; None when it is none of ours."""
        if not isinstance(told, dict) or set(told) != set(cls.__slots__):
            return None
        words = all(isinstance(told[name], str) for name in ("script", "structure", "profile"))
        return cls(**told) if words and isinstance(told["allow_code"], bool) else None


def _absolute(name: str) -> str:
    return str(Path(name).absolute()) if name.endswith((".yaml", ".yml")) else name


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of an object. `seconds` of work went into it; 0 where nobody measured."""

    size: int
    sha256: str
    kind: Kind = "other"
    seconds: float = 0.0
    origin: Origin | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        origin = asdict(self.origin) if self.origin is not None else None
        return {name: getattr(self, name) for name in self.__slots__} | {"origin": origin}

    @classmethod
    def judged(cls, told: object) -> Self | None:
        """From plain data; None when it vouches for nothing."""
        if not isinstance(told, Mapping):
            return None
        size, digest, facts = told.get("size"), told.get("sha256"), told.get("facts")
        if not (isinstance(size, int) and isinstance(digest, str) and isinstance(facts, dict)):
            return None
        if not KEY.fullmatch(digest):
            return None
        kind, seconds = told.get("kind"), told.get("seconds")
        return cls(
            size=size,
            sha256=digest,
            kind=kind if kind in KINDS else "other",
            seconds=float(seconds) if isinstance(seconds, int | float) and isfinite(seconds) and seconds >= 0 else 0.0,
            origin=Origin.judged(told.get("origin")),
            facts=facts,
        )


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """An object as a listing shows it: when it was last used (seconds of the wall clock), its bytes, its key."""

    used: float
    size: int
    key: str


class Objects:
    """The folder of objects. Each appears whole, before the record without which it does not count."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._folder = folder, str(folder)

    def path(self, key: str) -> Path:
        return Path(self._place(key))

    def record_path(self, key: str) -> Path:
        return Path(self._place(key) + RECORD)

    def find(self, key: str) -> Mapping[str, Any] | None:
        """The raw record of an object that is there with its size; marks it as used. The fast way: see `Record`."""
        place = self._place(key)
        try:
            told = json.loads(_read(place + RECORD))
            if os.stat(place).st_size != told["size"]:  # noqa: PTH116  # called tens of thousands of times
                return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        try:
            os.utime(place)
        except FileNotFoundError:
            return None  # dropped this moment
        except OSError:
            pass  # a cache that cannot be written still serves what it holds
        return cast("Mapping[str, Any]", told)

    def record(self, key: str) -> Record | None:
        """The record of an object, if it vouches for one."""
        try:
            return Record.judged(json.loads(_read(self._place(key) + RECORD)))
        except (OSError, ValueError, RecursionError):
            return None

    def add(self, key: str, made: Path, record: Record) -> Path:
        """Move a finished file of the same disk in. Raises OSError, and leaves nothing that counts then."""
        place, note = self.path(key), made.with_name(made.name + ".record")
        try:
            place.parent.mkdir(exist_ok=True)
            note.write_text(json.dumps(record.to_json(), sort_keys=True), encoding="utf-8")
            os.utime(made)
            before = self.record(key)
            if before is None or (before.size, before.sha256) != (record.size, record.sha256):
                # The record of an older object must never vouch for a newer one, however this ends.
                self.record_path(key).unlink(missing_ok=True)
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            made.replace(place)
        except OSError:
            with suppress(OSError):
                note.unlink(missing_ok=True)
            raise
        try:
            note.replace(self.record_path(key))
        except OSError:
            for left in (note, self.record_path(key), place):
                with suppress(OSError):
                    left.unlink(missing_ok=True)
            raise
        return place

    def drop(self, key: str) -> None:
        """Take an object away, its record first. Raises OSError where that is not allowed."""
        for path in (self.record_path(key), self.path(key)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def listing(self) -> list[Held]:
        """All objects, with or without a record."""
        held = []
        for name, entry in self.files():
            if KEY.fullmatch(name):
                try:
                    facts = entry.stat(follow_symlinks=False)
                except OSError:
                    continue  # another process dropped it meanwhile
                held.append(Held(facts.st_mtime, facts.st_size, name))
        return held

    def files(self) -> Iterator[tuple[str, os.DirEntry[str]]]:
        """Everything in the folders where objects lie, as (its name, or its place if it does not belong there, entry).

        The name of an object is its key, that of a record a key with RECORD.
        """
        for folder in _scan(self._folder):
            if not (len(folder.name) == 2 and folder.is_dir(follow_symlinks=False)):
                yield folder.name, folder
                continue
            for entry in _scan(folder.path):
                belongs = entry.name.startswith(folder.name)
                yield (entry.name if belongs else f"{folder.name}/{entry.name}"), entry

    def _place(self, key: str) -> str:
        return f"{self._folder}/{key[:2]}/{key}"


def _scan(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except FileNotFoundError:
        return


def _read(path: str) -> bytes:
    """A record's bytes. Raises OSError, ValueError for what is too long to be one."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        data = os.read(file, 1 << 16)
        while len(data) >= 1 << 16 and (more := os.read(file, RECORD_BYTES)):
            data += more
            if len(data) > RECORD_BYTES:
                raise ValueError(path)
        return data
    finally:
        os.close(file)
