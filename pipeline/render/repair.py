"""Looks at every byte of the cache, takes away what is damaged, and makes it again from the lesson it was made for."""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.errors import Problem, TelesabaqError
from pipeline.render.cache import Cache
from pipeline.render.engine import Job, Silence, cores, run_jobs, segment_job, sound_job
from pipeline.render.film import Film
from pipeline.render.objects import KEY, RECORD, Origin, Record, file_sha256
from pipeline.render.prepare import prepare
from pipeline.specs import load_profile, load_structure

Flaw = Literal["bytes", "size", "gone", "record", "no-file"]
"""What is wrong with an object: its bytes are not those of its record or cannot be read, it is longer or shorter, its
file is gone, its record cannot be read, something else than a file has its name.
"""

Heard = Callable[[int, int], None]
"""Hears how far the work is: (done, all)."""

SETTLE_SECONDS = 2.0
"""An object without a record may be one that another process is adding this moment; after this it is left over."""

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Damage:
    """An object that is not what its record says; it has been dropped. `record` if there was one to read."""

    key: str
    flaw: Flaw
    record: Record | None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was looked at (objects, bytes) and found.

    `swept`: objects of killed builds that never got their record, taken away. `foreign`: files that are none of ours,
    by their place among the objects; they are left alone.
    """

    objects: int
    bytes: int
    damaged: tuple[Damage, ...]
    swept: int
    foreign: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """How it went on with a damaged object: made again, or `problems` say why not."""

    damage: Damage
    remade: bool
    problems: tuple[Problem, ...] = ()


# Looking -----------------------------------------------------------------------------------------


def inspect(cache: Cache, heard: Heard = lambda _done, _all: None, threads: int | None = None) -> Inspection:
    """Compare every object with its record; what is damaged is dropped at once. `heard` is told bytes.

    Other processes may go on using the cache. Raises UsageError when the disk does not let damage be dropped.
    """
    sizes, records, foreign = _walk(cache)
    begun = time.monotonic()
    total, looked = sum(sizes.values()), 0
    damaged: list[Damage] = []
    keys = sorted(sizes | dict.fromkeys(records))
    for first in range(0, len(keys), _AT_ONCE):
        some = keys[first : first + _AT_ONCE]
        with ThreadPoolExecutor(threads or cores()) as pool:
            for key, found in zip(some, pool.map(lambda key: _judge(cache, key), some), strict=True):
                looked += sizes.get(key, 0)
                heard(looked, total)
                if found is not None:
                    damaged.append(found)
    orphans = [key for key in sizes if key not in records]
    swept = _sweep(cache, orphans, begun + SETTLE_SECONDS) if orphans else 0
    return Inspection(len(sizes), total, tuple(damaged), swept, tuple(sorted(foreign)))


def _walk(cache: Cache) -> tuple[dict[str, int], set[str], list[str]]:
    """Bytes of objects by key, keys of records, places of anything else."""
    sizes: dict[str, int] = {}
    records: set[str] = set()
    foreign: list[str] = []
    for name, entry in cache.objects.files():
        if KEY.fullmatch(name):
            try:
                sizes[name] = entry.stat(follow_symlinks=False).st_size
            except OSError:
                continue  # dropped meanwhile
        elif KEY.fullmatch(name.removesuffix(RECORD)):
            records.add(name.removesuffix(RECORD))
        else:
            foreign.append(name)
    return sizes, records, foreign


def _judge(cache: Cache, key: str) -> Damage | None:
    """What is wrong with an object, which is dropped then; None when nothing is, or it is no object (any more)."""
    for _ in range(3):
        record = cache.objects.record(key)
        flaw = _flaw(cache, key, record)
        if flaw is None:
            return None
        if cache.drop_damaged(key, record):
            return Damage(key, flaw, record)
        # Another process has put it there anew, or dropped it, while we were looking.
    return None


def _flaw(cache: Cache, key: str, record: Record | None) -> Flaw | None:
    path = cache.objects.path(key)
    if record is None:
        return "record" if _is_there(cache.objects.record_path(key)) else None
    try:
        facts = path.lstat()
        if not stat.S_ISREG(facts.st_mode):
            return "no-file"
        if facts.st_size != record.size:
            return "size"
        return None if file_sha256(path) == record.sha256 else "bytes"
    except FileNotFoundError:
        return "gone"
    except OSError:
        return "bytes"  # a disk that cannot give them back


def _sweep(cache: Cache, orphans: Iterable[str], settled: float) -> int:
    threading.Event().wait(max(0.0, settled - time.monotonic()))
    swept = 0
    for key in orphans:
        if not _is_there(cache.objects.record_path(key)) and _is_there(cache.objects.path(key)):
            cache.drop(key)
            swept += 1
    return swept


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


# Making again ------------------------------------------------------------------------------------


def remake(
    cache: Cache,
    damaged: Sequence[Damage],
    locate: Callable[[str], Path] = Path,
    *,
    allow_code: bool = False,
    workers: int | None = None,
    heard: Heard = lambda _done, _all: None,
) -> list[Repair]:
    """Plan the lessons again that damaged objects were made for, and make each object that still comes out of it.

    `locate` gives a script's local path. A record cannot allow code to run, only `allow_code` can. `heard` is told
    objects.
    """
    origins: dict[Origin | None, list[Damage]] = {}
    for each in damaged:
        origins.setdefault(each.record.origin if each.record is not None else None, []).append(each)
    repairs: list[Repair] = []
    for origin, some in origins.items():
        heard(len(repairs), len(damaged))
        if origin is None:
            unknown = (Problem("cache.origin-unknown"),)
            repairs += [Repair(each, remade=False, problems=unknown) for each in some]
        else:
            repairs += _remake_for(origin, some, cache, locate, allow_code and origin.allow_code, workers or cores())
    heard(len(repairs), len(damaged))
    return repairs


def _remake_for(
    origin: Origin, damaged: Sequence[Damage], cache: Cache, locate: Callable[[str], Path], code: bool, workers: int
) -> list[Repair]:
    """Of one lesson: one that fails does not stop the others."""
    failed: dict[str, tuple[Problem, ...]] = {}
    why: tuple[Problem, ...] = (Problem("cache.lesson-changed", None, {"lesson": origin.script}),)
    try:
        with cache.work_folder() as work:
            prepared = prepare(locate(origin.script), load_structure(origin.structure), cache, work, allow_code=code)
            film = Film(prepared, load_profile(origin.profile), cache, work)
            keys = {each.key for each in damaged}
            jobs = {
                each.key: segment_job(each, cache, work, Silence(), origin)
                for each in film.unique()
                if each.key in keys
            }
            if film.sound in keys:
                jobs[film.sound] = sound_job(film.timeline, film.house, film.sound, cache, work, origin)
            run_jobs([_noted(key, job, failed) for key, job in jobs.items()], workers)
    except TelesabaqError as error:
        why = error.problems
    except OSError as error:
        fields = {"lesson": origin.script, "reason": error.strerror or str(error)}
        why = (Problem("cache.lesson-unreadable", None, fields),)
    return [
        Repair(each, remade=True)
        if cache.find(each.key) is not None
        else Repair(each, remade=False, problems=failed.get(each.key, why))
        for each in damaged
    ]


def _noted(key: str, job: Job, failed: dict[str, tuple[Problem, ...]]) -> Job:
    def run(cancel: threading.Event) -> None:
        try:
            job.run(cancel)
        except TelesabaqError as error:
            failed[key] = error.problems

    return Job(job.weight, run)
