"""Recognises lessons that need no work, in the driver and without reading a script: two thousand in seconds.

What is remembered lives in the driver's cache and only ever saves work: it names a lesson's input files by their
digests, and the build that came of them. Digests of files are known by their sizes and time stamps.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.batch.fleet import fingerprint
from pipeline.batch.model import BatchOptions, LessonResult, Planned, Source
from pipeline.batch.storage import Output
from pipeline.batch.tasks import film_facts
from pipeline.lesson.find import SCRIPT
from pipeline.render.cache import Cache, key_of

MOST_FILES = 5_000
"""Of a lesson's folder whose names and stamps are looked at."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A lesson as the last run left it. `stamp` sums up its folder; `inputs` (name -> SHA-256) is empty when unsure."""

    stamp: str
    build: str
    inputs: Mapping[str, str]
    result: LessonResult


class Memory:
    """What earlier runs with the same options and the same product found out about lessons."""

    def __init__(self, cache: Cache, output: Output, options: BatchOptions, stamps: Mapping[Source, str]) -> None:
        self._cache, self._output, self._stamps = cache, output, stamps
        shape = repr((options.structure, options.profile, options.allow_code, options.check, options.check_profile))
        self._name = key_of({"seen": 1, "out": output.url, "options": shape, "product": fingerprint()})
        self._is_sure = not options.allow_code
        self._noted: dict[Source, str] = {}

    def unchanged(self, source: Source) -> LessonResult | None:
        """The result of a lesson whose published film is exactly what would be made of it now, or None."""
        seen = self._recall(source)
        if seen is None or not seen.inputs or not self._same_inputs(source, seen):
            return None
        manifest = self._output.manifest(seen.result.id)
        if manifest is None or manifest.get("build") != seen.build:
            return None
        if not self._output.is_whole(manifest, seen.result.id, self._cache):
            return None
        # What the check found to remark is not in the manifest.
        return replace(unchanged(source, seen.result.facts, seen.result.id, manifest), warnings=seen.result.warnings)

    def left_alone(self, source: Source) -> LessonResult | None:
        """The last result of a lesson whose files are as they were then, whatever came of it."""
        seen = self._recall(source)
        if seen is None or not seen.stamp or seen.stamp != self._stamp(source):
            return None
        return replace(seen.result, outcome="left-alone", script=source.shown, seconds=0.0, encoded=0)

    def remember(self, source: Source, result: LessonResult, planned: Planned | None) -> None:
        """Keep what a run found out about a lesson."""
        # A draft voice depends on a program of this machine, an animation on code: these are looked at again.
        sure = self._is_sure and planned is not None and not planned.drafts and result.outcome in {"made", "unchanged"}
        known = {
            # Without a stamp a lesson is never left alone: the next run tries it again.
            "stamp": "" if result.fleeting else self._noted.get(source, ""),
            "build": planned.build if planned is not None else "",
            "inputs": dict(planned.inputs) if sure and planned is not None else {},
            "result": result.to_json(),
        }
        self._cache.remember(self._of(source), known)

    def note(self, source: Source) -> None:
        """Look at a lesson's folder, before it is read."""
        self._noted[source] = self._stamp(source)

    def _of(self, source: Source) -> str:
        return f"seen:{self._name}:{source.script}"

    def _recall(self, source: Source) -> Seen | None:
        stored: Any = self._cache.recall(self._of(source))
        try:
            result = LessonResult.from_json(stored["result"])
            return Seen(stored["stamp"], stored["build"], stored["inputs"], result)
        except (KeyError, TypeError):
            return None

    def _same_inputs(self, source: Source, seen: Seen) -> bool:
        if not source.is_local:
            return bool(seen.stamp) and seen.stamp == self._stamp(source)
        folder = Path(source.script).parent
        try:
            return all(self._cache.digest(folder / name) == digest for name, digest in seen.inputs.items())
        except OSError:
            return False

    def _stamp(self, source: Source) -> str:
        if not source.is_local:
            return self._stamps.get(source, "")
        digest = sha256()
        for count, line in enumerate(_listing(Path(source.script).parent)):
            if count == MOST_FILES:
                return ""
            digest.update(line.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


def unchanged(source: Source, facts: Mapping[str, Any], lesson_id: str, manifest: Mapping[str, Any]) -> LessonResult:
    """The result of a lesson whose film lies there already."""
    return LessonResult(
        id=lesson_id,
        script=source.shown,
        outcome="unchanged",
        facts=facts,
        film=film_facts(manifest, lesson_id),
        warnings=tuple(manifest["warnings"]),
    )


def _listing(folder: Path) -> Iterator[str]:
    """Names, sizes and times of a lesson's folder; folders of other lessons below are theirs."""
    for path, names, files in os.walk(folder):
        names[:] = sorted(each for each in names if not (Path(path, each) / SCRIPT).exists())
        for name in sorted(files):
            try:
                facts = os.stat(os.path.join(path, name))  # noqa: PTH116, PTH118  # thousands of files: a Path each is slow
            except OSError:
                continue
            yield f"{os.path.relpath(path, folder)}/{name}:{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ino}\n"
