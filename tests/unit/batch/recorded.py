"""Journals of batches that never ran, and a folder to keep them in."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.batch.journal import FOLDER
from pipeline.batch.model import LessonResult, Outcome, told
from pipeline.errors import Place, Problem

HOLDER = {"host": "builder-3", "pid": 41231, "driver": "3f9ac1"}


class Shelf:
    """An output folder as a journal sees it, in a local folder. `holder`: the driver that is at work, if any."""

    def __init__(self, local: Path, holder: Mapping[str, Any] | None = None) -> None:
        self.local, self.url, self.shown, self.holder = local, str(local), local.name, holder

    def append_log(self, name: str) -> AppendedFile:
        return AppendedFile(self.local / name)

    def read_log(self, name: str) -> Iterator[bytes]:
        with (self.local / name).open("rb") as file:
            yield from file

    def names(self, prefix: str) -> list[str]:
        folder = self.local / prefix
        return [f"{prefix}{path.name}" for path in folder.iterdir()] if folder.is_dir() else []

    def lease_holder(self, waiting: object = None) -> Mapping[str, Any] | None:
        return self.holder


class AppendedFile:
    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, data: bytes) -> None:
        os.write(self._file, data)

    def flush(self) -> None:
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)


def lay(folder: Path, records: Iterable[Mapping[str, Any] | bytes], number: int = 1) -> Path:
    """The journal file of a run with these records; bytes are written as they are."""
    path = folder / FOLDER / f"{number:06d}-0a1b.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (each if isinstance(each, bytes) else json.dumps(each).encode() + b"\n" for each in records)
    path.write_bytes(b"".join(lines))
    return path


class Script:
    """Writes records down one after the other: `n` counts them, `t` goes on by `seconds` a record."""

    def __init__(self, seconds: float = 1.0) -> None:
        self.records: list[dict[str, Any]] = []
        self._seconds, self._t = seconds, -seconds

    def __call__(self, event: str, **fields: Any) -> None:
        self._t += fields.pop("after", self._seconds)
        head = {"n": len(self.records) + 1, "at": "2026-05-04T18:20:07.123Z", "t": round(self._t, 3), "event": event}
        self.records.append(head | fields)

    def begin(self, lessons: int, **facts: Any) -> None:
        common = {"run": 12, "out": "/work/season/out", "profile": "platform", "check": "quick", **HOLDER}
        self("run-started", **(common | {"lessons": lessons, "workers": 2} | facts))

    def segment(self, lesson: str, key: str, worker: str, frames: int = 500, **fields: Any) -> None:
        made = {"how": "encoded", "seconds": 7.0, "bytes": 900_000, "outcome": "made", "label": "clip", **fields}
        self("segment", lesson=lesson, key=key, frames=frames, worker=worker, **made)

    def end(self, lesson: str, outcome: Outcome, *errors: Problem, seconds: float = 300.0) -> None:
        result = LessonResult(lesson, f"season/{lesson}", outcome, seconds=seconds, errors=told(errors))
        self("lesson-ended", result=json.loads(json.dumps(result.to_json())))


def names(count: int) -> list[str]:
    return [
        f"{('kk', 'ru')[i % 2]}-{1 + i % 11}-{('algebra', 'biology', 'history')[i % 3]}-{i:04d}" for i in range(count)
    ]


WORKERS = ("tcp://10.0.4.17:40123", "tcp://10.0.4.18:35211", "tcp://10.0.4.19:42977")
SLIP = Problem("lesson.grade", Place("season/kk-3/lesson.yaml", 3, 8), {"found": 12})
MISSING = Problem("batch.input-changed", Place("season/ru-8/lesson.yaml"))


def season(lessons: int, ended: int, segments: int = 35, *, trouble: bool = True) -> Script:
    """A season of `lessons`, of which the first `ended` have ended and the next three are being made."""
    script = Script(seconds=0.9)
    all_names = names(lessons)
    script.begin(lessons)
    for each in all_names:
        script(
            "lesson-planned",
            lesson=each,
            script=f"season/{each}",
            segments=segments,
            missing=segments,
            frames=500 * segments,
            after=0.01,
        )
    unchanged = lessons // 20
    frames = (lessons - unchanged) * segments * 500
    script(
        "plan", lessons=lessons, unchanged=unchanged, segments=lessons * segments, missing=0, shared=1, frames=frames
    )
    for worker in WORKERS:
        script("worker-joined", worker=worker, after=0.01)
    for number, each in enumerate(all_names[: min(ended + 3, lessons)]):
        if number < unchanged:
            script.end(each, "unchanged", seconds=0.0)
            continue
        script("lesson-started", lesson=each, after=0)
        making = number >= ended
        for piece in range(segments if not making else 5 + 9 * (number - ended)):
            script.segment(each, f"{each}/{piece}", WORKERS[piece % 3])
        if making:
            continue
        script(
            "sound",
            lesson=each,
            key=f"{each}/sound",
            seconds=4.0,
            how="encoded",
            bytes=1,
            worker=WORKERS[0],
            outcome="made",
        )
        for step in ("stitched", "checked", "delivered"):
            script(step, lesson=each, seconds=1.5, worker=WORKERS[number % 3])
        outcome = "failed" if trouble and number % 17 == 9 else "refused" if trouble and number % 23 == 11 else "made"
        errors = () if outcome == "made" else (SLIP, SLIP) if outcome == "failed" else (MISSING,)
        script.end(each, outcome, *errors, seconds=200.0 + number * 37 % 101)
    if trouble:
        script("worker-lost", worker=WORKERS[1])
        script("retry", lesson=all_names[-1], step="make", worker=WORKERS[1], attempt=2, problem="the worker died")
    return script
