"""What lies in the cache folder, for people who look after it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.render.cache import Cache, Due
from pipeline.render.index import RunUses, Uses
from pipeline.render.objects import KEY, KINDS

INPUTS = "inputs"
"""The folder of lessons that were copied here from storage."""


@dataclass(frozen=True, slots=True)
class Share:
    """A number of things, and their bytes."""

    count: int = 0
    bytes: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(self.count + other.count, self.bytes + other.bytes)


@dataclass(frozen=True, slots=True)
class Survey:
    """What the cache holds. `kinds`: objects by kind; `inputs` copies of lessons, `work` folders, `rest` everything
    else (records, the index, parsed specs). `limit` in bytes and `due` are for objects; `free` bytes of the disk.
    `unused`: seconds since the first and the last object of `due` were used.
    """

    folder: Path
    limit: int
    kinds: dict[str, Share]
    inputs: Share
    work: Share
    rest: Share
    free: int | None
    uses: Uses
    runs: tuple[RunUses, ...]
    due: Due
    unused: tuple[float, float]

    @property
    def objects(self) -> Share:
        return sum(self.kinds.values(), Share())


def survey(cache: Cache, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Survey:
    """Look at everything in the cache; `progress` hears of (objects looked at, objects there)."""
    kinds, records = _objects(cache, progress)
    total, runs = cache.uses()
    due = cache.due()
    now = time.time()
    ages = [max(0.0, now - each.used) for each in due.objects]
    folders = {entry.name: entry for entry in os.scandir(cache.folder)}
    inputs = folders.pop(INPUTS, None)
    for known in (cache.objects.folder.name, cache.work.name):
        folders.pop(known, None)
    return Survey(
        folder=cache.folder,
        limit=cache.limit,
        kinds=kinds,
        inputs=_folders(Path(inputs.path)) if inputs is not None else Share(),
        work=_folders(cache.work),
        rest=sum((_below(Path(entry.path)) for entry in folders.values()), records),
        free=cache.free(),
        uses=total,
        runs=tuple(runs),
        due=due,
        unused=(max(ages, default=0.0), min(ages, default=0.0)),
    )


def _objects(cache: Cache, progress: Callable[[int, int], None]) -> tuple[dict[str, Share], Share]:
    """Objects by kind, and their records."""
    held = cache.objects.listing()
    kinds: dict[str, Share] = {}
    for done, each in enumerate(held):
        record = cache.objects.record(each.key)
        kind = record.kind if record is not None else "other"
        kinds[kind] = kinds.get(kind, Share()) + Share(1, each.size)
        if done % 500 == 0:
            progress(done, len(held))
    records = Share()
    for name, entry in cache.objects.files():
        if not KEY.fullmatch(name):
            records += Share(1, _size(entry))
    return {kind: kinds[kind] for kind in KINDS if kind in kinds}, records


def _folders(folder: Path) -> Share:
    """The folders in a folder, with the bytes of all that is in them."""
    try:
        entries = [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return Share()
    return Share(len(entries), sum(_below(each).bytes for each in entries))


def _below(path: Path) -> Share:
    """Files at or below a path, links not followed."""
    if not path.is_dir() or path.is_symlink():
        return Share(1, _size(path))
    files = [Path(folder, name) for folder, _, names in os.walk(path) for name in names]
    return Share(len(files), sum(_size(each) for each in files))


def _size(path: Path | os.DirEntry[str]) -> int:
    try:
        return path.stat(follow_symlinks=False).st_size
    except OSError:
        return 0
