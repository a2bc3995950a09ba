"""Lesson scripts wherever they lie, and local copies of those that lie in a store."""

from __future__ import annotations

import json
import os
import shutil
import time
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import Any

from pipeline.batch.model import Source
from pipeline.batch.remote import Entry, Remote, local_path
from pipeline.errors import LessonError, Place, Problem, UsageError
from pipeline.lesson.find import SCRIPT, find_lessons
from pipeline.render.cache import IN_USE_SECONDS, Cache, key_of
from pipeline.render.publish import LONGEST_NAME, locked

MOST_FILES = 2000
MOST_BYTES = 4_000_000_000
"""Of the folder of one lesson."""
LONGEST_PATH = 1000
"""Bytes of a file's name relative to the lesson's folder."""

_ATTEMPTS = 2


def find_sources(named: Sequence[str]) -> list[Source]:
    """The scripts of all lessons under paths, `file://` URLs and URLs of stores, in order, each once.

    Each names a script, a lesson's folder, or a folder with lessons anywhere below it; a store is listed once for each.
    Raises UsageError for a place that is not there or holds no lesson.
    """
    found: dict[str, Source] = {}
    for place in named:
        path = local_path(place)
        for source in _in_store(place) if path is None else _on_disk(place, path):
            found.setdefault(str(Path(source.script).resolve()) if source.is_local else source.script, source)
    return list(found.values())


def _on_disk(place: str, path: Path) -> Iterator[Source]:
    plain = "://" not in place
    for script in find_lessons([Path(place) if plain else path]):
        yield Source(str(script.absolute()), str(script))


def _in_store(place: str) -> Iterator[Source]:
    remote = Remote(place)
    names = remote.files()
    if SCRIPT in names:
        scripts = [SCRIPT]
    elif names:
        scripts = sorted((name for name in names if name.endswith(f"/{SCRIPT}")), key=lambda name: name.split("/"))
    else:
        scripts = [""] if remote.entry() is not None else []
    if not names and not scripts:
        raise UsageError.of("storage.no-such-place", place=remote.shown())
    if not scripts:
        raise UsageError.of("lesson.no-lesson-here", path=remote.shown(), script=SCRIPT)
    for name in scripts:
        yield Source(remote.address(name), _printable(remote.shown(name)))


def stamps(sources: Sequence[Source]) -> dict[Source, str]:
    """What the folder of each remote lesson looks like: a digest of its files' names, sizes and marks.

    The same stamp means that nothing changed. Lessons side by side are seen in one listing. Local lessons, and those
    whose store tells no marks, have none. Raises UsageError when a store refuses or does not answer.
    """
    together: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        if not source.is_local:
            folder = source.script.rpartition("/")[0]
            together[folder.rpartition("/")[0]].append(source)
    found: dict[Source, str] = {}
    for parent, members in together.items():
        if len(members) == 1 or parent.endswith("/"):
            for source in members:
                remote, _ = Remote.folder_of(source.script)
                found |= _stamped(source, remote.files())
            continue
        listing = Remote(parent).files()
        names = sorted(listing)
        for source in members:
            folder = source.script.rpartition("/")[0][len(parent) + 1 :]
            below = names[bisect_left(names, f"{folder}/") : bisect_left(names, f"{folder}0")]  # "0" comes after "/"
            found |= _stamped(source, {name[len(folder) + 1 :]: listing[name] for name in below})
    return found


def _stamped(source: Source, listing: Mapping[str, Entry]) -> dict[Source, str]:
    own = _own(listing)
    if not own or any(entry.mark is None for entry in own.values()):
        return {}
    return {source: key_of({"files": sorted((name, each.size, each.mark) for name, each in own.items())})}


def _own(listing: Mapping[str, Entry]) -> dict[str, Entry]:
    """The files of a lesson's folder without those of lessons below it."""
    others = {name.removesuffix(SCRIPT) for name in listing if name.endswith(f"/{SCRIPT}")}
    return {
        name: entry
        for name, entry in listing.items()
        if not others or not any(name[: at + 1] in others for at, sign in enumerate(name) if sign == "/")
    }


# Local copies ------------------------------------------------------------------------------------


def fetch(source: Source, cache: Cache) -> Path:
    """The script as a local path, with the files of its lesson's folder beside it. A local one is left where it is.

    A remote folder is mirrored in the cache: only what changed is read, each file whole or not at all, and what is gone
    there goes here. Mirrors that nobody has used the longest go when they outgrow the cache's limit.

    Raises LessonError for a folder that cannot be mirrored (hostile names, too much, a file that vanishes), UsageError
    when the store refuses or does not answer, or the disk is full.
    """
    if source.is_local:
        return Path(source.script)
    mirror = _Mirror(source, cache.folder / "inputs")
    try:
        with locked(mirror.lock):
            fresh = mirror.remote.patiently(mirror.refresh)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError.of("cache.unusable", folder=cache.folder, reason=reason) from error
    if fresh:
        _trim(cache.folder / "inputs", cache.limit)
    return mirror.script


def in_the_store(problems: Sequence[Problem], source: Source, cache: Cache) -> tuple[Problem, ...]:
    """Problems of a lesson, told of its files where they lie: the local copy of a remote one is nobody's to mend."""
    if source.is_local:
        return tuple(problems)
    folder = cache.folder / "inputs" / _key(source.script.rpartition("/")[0])
    home = source.shown.rpartition("/")[0]

    def moved(place: Place | None) -> Place | None:
        if place is None or not Path(place.file).is_relative_to(folder):
            return place
        # Below a folder of the lesson's name, which is the last of its address, too.
        return replace(place, file="/".join([home, *Path(place.file).relative_to(folder).parts[1:]]))

    return tuple(replace(each, place=moved(each.place)) for each in problems)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A mirrored file: as the store listed it, and the time stamp of the copy (ns), which shows when it was touched."""

    size: int | None
    mark: str | None
    stamp: int


class _Mirror:
    def __init__(self, source: Source, top: Path) -> None:
        self.place = Place(source.shown)
        self.remote, script = Remote.folder_of(source.script)
        # A lesson without an id is called after its folder.
        name = self.remote.url.rpartition("/")[2]
        key = _key(self.remote.url)
        self.lock, self._record, self._fresh = top / f"{key}.lock", top / f"{key}.json", top / f"{key}.part"
        self._judge([name, script])
        self.folder = top / key / name
        self.script = self.folder / script

    def refresh(self) -> bool:
        """Make the copy like the original; whether anything had to be read."""
        listing = self._listed()
        total = sum(entry.size or 0 for entry in listing.values())
        known = self._known()
        kept = {name: each for name, each in known.items() if self._stands(name, each, listing)}
        missing = {name: entry for name, entry in listing.items() if name not in kept}
        if kept == known and not missing:
            os.utime(self._record)
            return False
        # What is in doubt is forgotten first: a record must never vouch for a file that is being replaced.
        self._remember(kept, total)
        self._drop_others(listing)
        shutil.rmtree(self._fresh, ignore_errors=True)
        try:
            for name, entry in missing.items():
                kept[name] = self._read(name, entry)
        finally:
            shutil.rmtree(self._fresh, ignore_errors=True)
            self._remember(kept, total)
        return True

    def _listed(self) -> dict[str, Entry]:
        listing = _own(self.remote.files())
        if self.script.name not in listing:
            raise LessonError.of("storage.vanished", self.place, name=_printable(self.script.name))
        if len(listing) > MOST_FILES:
            raise LessonError.of("storage.too-many-files", self.place, count=len(listing), limit=MOST_FILES)
        self._judge(listing)
        folders = {name[:at] for name in listing for at, sign in enumerate(name) if sign == "/"}
        for name in sorted(folders & set(listing)):
            raise LessonError.of("storage.same-name", self.place, name=_printable(name))
        size = sum(entry.size or 0 for entry in listing.values())
        if size > MOST_BYTES:
            limit = MOST_BYTES // 1_000_000_000
            raise LessonError.of("storage.too-big", self.place, size=ceil(size / 1e9), limit=limit)
        return listing

    def _judge(self, names: Sequence[str] | Mapping[str, Entry]) -> None:
        for name in names:
            if not _is_safe(name):
                raise LessonError.of("storage.bad-name", self.place, name=_printable(name))

    def _read(self, name: str, entry: Entry) -> _Kept:
        target = self.folder / name
        # Its own name may be as long as names can be; under this one it lies until it is whole.
        partial = self._fresh / "0"
        before = entry
        for _ in range(_ATTEMPTS):
            self._fresh.mkdir(parents=True, exist_ok=True)
            there = self.remote.download(name, partial)
            after = self.remote.entry(name)
            if not there or after is None:
                raise LessonError.of("storage.vanished", self.place, name=_printable(name))
            facts = partial.stat()
            # A large object is read in ranges, which may be of two versions when it is replaced meanwhile.
            if after.mark == before.mark and after.size in {None, facts.st_size}:
                target.parent.mkdir(parents=True, exist_ok=True)
                partial.replace(target)
                return _Kept(entry.size, entry.mark, facts.st_mtime_ns)
            before = after
        raise LessonError.of("storage.changing", self.place, name=_printable(name))

    def _stands(self, name: str, kept: _Kept, listing: Mapping[str, Entry]) -> bool:
        entry = listing.get(name)
        if entry is None or kept.mark is None or (entry.size, entry.mark) != (kept.size, kept.mark):
            return False
        try:
            facts = (self.folder / name).stat()
        except OSError:
            return False
        return (facts.st_size, facts.st_mtime_ns) == (kept.size, kept.stamp)

    def _drop_others(self, listing: Mapping[str, Entry]) -> None:
        wanted = {self.folder / name for name in listing}
        for path in sorted(self.folder.rglob("*"), reverse=True):
            if not path.is_dir() and path not in wanted:
                path.unlink(missing_ok=True)
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()

    def _known(self) -> dict[str, _Kept]:
        try:
            files = json.loads(self._record.read_text(encoding="utf-8"))["files"]
            return {name: _Kept(**each) for name, each in files.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}

    def _remember(self, kept: Mapping[str, _Kept], total: int) -> None:
        files = {name: {"size": each.size, "mark": each.mark, "stamp": each.stamp} for name, each in kept.items()}
        fresh = self._record.with_suffix(".fresh")
        fresh.write_text(json.dumps({"url": self.remote.shown(), "bytes": total, "files": files}), encoding="utf-8")
        fresh.replace(self._record)


def _key(folder: str) -> str:
    """What the copy of a remote folder is called."""
    return sha256(folder.encode("utf-8", "surrogatepass")).hexdigest()


def _is_safe(name: str) -> bool:
    parts = name.split("/")
    return (
        all(parts)
        and not {".", ".."} & set(parts)
        and not any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in name)
        and max(len(part.encode()) for part in parts) <= LONGEST_NAME
        and len(name.encode()) <= LONGEST_PATH
    )


def _printable(name: str) -> str:
    """A stranger's name with its hidden signs written out, and no longer than a few lines."""
    signs = (each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in name)
    return "".join(signs)[:LONGEST_PATH]


def _trim(top: Path, limit: int) -> None:
    mirrors = []
    for record in top.glob("*.json"):
        with suppress(FileNotFoundError):  # another process dropped it meanwhile
            mirrors.append((record.stat().st_mtime, _bytes_of(record), record))
    excess = sum(size for _, size, _ in mirrors) - limit
    for used, size, record in sorted(mirrors):
        if excess <= 0 or _is_in_use(used):
            return
        with locked(record.with_suffix(".lock")), suppress(FileNotFoundError):
            if not _is_in_use(record.stat().st_mtime):
                record.unlink()
                shutil.rmtree(record.with_suffix(""), ignore_errors=True)
        excess -= size


def _is_in_use(used: float) -> bool:
    return time.time() - used < IN_USE_SECONDS


def _bytes_of(record: Path) -> int:
    try:
        told: Any = json.loads(record.read_text(encoding="utf-8"))["bytes"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return 0
    return told if isinstance(told, int) else 0
