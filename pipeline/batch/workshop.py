"""A worker's own place: its cache, and the lessons it has open, each read and laid out once for all its steps."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.batch.model import BatchOptions, Source
from pipeline.batch.storage import fetch
from pipeline.errors import LessonError, Place
from pipeline.render.cache import Cache, Origin
from pipeline.render.film import Film
from pipeline.render.prepare import prepare

KEPT_OPEN = 6
"""Lessons a worker keeps laid out; each holds its texts and a few pictures of cards."""


@dataclass
class _Open:
    film: Film
    closing: ExitStack
    stamp: tuple[int, int, int, int]
    users: int = 0


class Workshop:
    """One a process. Tasks of several threads may use it at once."""

    def __init__(self, store: Cache | None = None) -> None:
        self.cache = store or Cache()
        self._open: OrderedDict[tuple[str, str], _Open] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def film(self, source: Source, options: BatchOptions, build: str | None = None) -> Iterator[Film]:
        """The lesson, laid out. `build`: what it was planned as.

        Raises LessonError when the script has errors or, with `build`, when its files changed since it was planned.
        """
        name = (source.script, repr((options.structure, options.profile, options.allow_code)))
        opened = self._take(name, source, options)
        try:
            if build is not None and _key(opened.film) != build:
                # Perhaps only what we have open is old: another worker planned what lies there now.
                self._give_back(name, opened, forget=True)
                opened = self._take(name, source, options)
                if _key(opened.film) != build:
                    raise LessonError.of("batch.input-changed", Place(source.shown))
            yield opened.film
        finally:
            self._give_back(name, opened)

    def _take(self, name: tuple[str, str], source: Source, options: BatchOptions) -> _Open:
        script = fetch(source, self.cache)
        stamp = _stamp(script)
        with self._lock:
            known = self._open.get(name)
            if known is not None and known.stamp == stamp:
                known.users += 1
                self._open.move_to_end(name)
                return known
        opened = self._opened(source, script, stamp, options)
        with self._lock:
            opened.users = 1
            before = self._open.pop(name, None)
            self._open[name] = opened
            idle = [each for each in self._open if not self._open[each].users]
            dropped = [self._open.pop(each) for each in idle[: max(0, len(self._open) - KEPT_OPEN)]]
            if before is not None and not before.users:
                dropped.append(before)
        for each in dropped:
            each.closing.close()
        return opened

    def _opened(self, source: Source, script: Path, stamp: tuple[int, int, int, int], options: BatchOptions) -> _Open:
        with ExitStack() as stack:
            work = stack.enter_context(self.cache.work_folder())
            prepared = prepare(script, options.structure, self.cache, work, allow_code=options.allow_code)
            named = (options.structure_name, options.profile_name)
            origin = Origin.of(source.script, *named, allow_code=options.allow_code)
            return _Open(Film(prepared, options.profile, self.cache, work, origin), stack.pop_all(), stamp)

    def _give_back(self, name: tuple[str, str], opened: _Open, *, forget: bool = False) -> None:
        with self._lock:
            opened.users -= 1
            current = self._open.get(name)
            if forget and current is opened:
                del self._open[name]
                current = None
            over = current is not opened and opened.users <= 0
        if over:
            opened.closing.close()

    def close(self) -> None:
        """Give every work folder back; one that a task is still working in follows when the task ends."""
        with self._lock:
            left = [each for each in self._open.values() if not each.users]
            self._open.clear()
        for each in left:
            each.closing.close()


def _key(film: Film) -> str:
    """The film's key, "" when one of its files is gone; reading the lesson anew then tells which."""
    try:
        return film.key()
    except OSError:
        return ""


def _stamp(script: Path) -> tuple[int, int, int, int]:
    try:
        facts = script.stat()
    except OSError:
        return (0, 0, 0, 0)  # the reading that follows says what is wrong
    return (facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


@cache
def workshop() -> Workshop:
    """The workshop of this process, opened on first use."""
    return Workshop()


def close_workshop() -> None:
    """Close the workshop of this process, if it was ever opened."""
    if workshop.cache_info().currsize:
        workshop().close()
