"""Makes what is missing: one encoder a core, the longest work first; one failure stops the rest in order."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.errors import InternalError
from pipeline.media.container import open_own
from pipeline.media.ffmpeg import Cancelled
from pipeline.render.cache import Cache, Origin
from pipeline.render.objects import Kind
from pipeline.render.segments import Segment
from pipeline.specs import HouseFormat
from pipeline.timeline.model import Timeline


class Progress(Protocol):
    """Hears how a build goes on. Called from several threads."""

    def begin(self, lesson: str, frames: int) -> None:
        """Work starts on a lesson: this many frames are to be encoded."""

    def stage(self, name: str) -> None:
        """A stage begins: "read", "encode", "join", "finish"."""

    def frames(self, count: int) -> None:
        """So many more frames are encoded."""


class Silence:
    """Progress that nobody listens to."""

    def begin(self, lesson: str, frames: int) -> None: ...

    def stage(self, name: str) -> None: ...

    def frames(self, count: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work for the pool; `weight` puts the longest first."""

    weight: int
    run: Callable[[threading.Event], None]


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def segment_job(segment: Segment, cache: Cache, work: Path, progress: Progress, origin: Origin | None = None) -> Job:
    """Encode a segment and put it into the cache under its key, with what it was made for.

    The job raises UsageError when the cache's disk is full or says no.
    """
    kind: Kind = "clip" if segment.parts.get("step") == "clip" else "card"

    def run(cancel: threading.Event) -> None:
        target = work / f"{segment.key}.mp4"
        started, seen = time.monotonic(), 0

        def on_frame(frame: int) -> None:
            nonlocal seen
            if seen < frame <= segment.frames:
                progress.frames(frame - seen)
                seen = frame

        with cache.writing():
            log = segment.encode(target, on_frame, cancel)
        _expect_frames(segment, target)
        facts = {"log": log[-4000:], "frames": segment.frames}
        seconds = time.monotonic() - started
        cache.add(segment.key, target, facts, kind=kind, seconds=seconds, origin=origin)
        progress.frames(segment.frames - seen)

    return Job(segment.frames, run)


def sound_job(
    timeline: Timeline, house: HouseFormat, key: str, cache: Cache, work: Path, origin: Origin | None = None
) -> Job:
    """Mix and encode a film's sound (`key`: its sound_key) into the cache, with what it was made for.

    The heaviest of all jobs. It raises UsageError when the cache's disk is full or says no.
    """

    def run(cancel: threading.Event) -> None:
        from pipeline.audio.sound import make_sound

        started = time.monotonic()
        target, folder = work / f"{key}.m4a", work / f"{key}.sound"
        with cache.writing():
            folder.mkdir(exist_ok=True)
            report = make_sound(timeline, house, target, folder, cancel=cancel)
        seconds = time.monotonic() - started
        cache.add(key, target, report.to_json(), kind="sound", seconds=seconds, origin=origin)

    return Job(1 << 30, run)


def _expect_frames(segment: Segment, path: Path) -> None:
    with open_own(path) as container:
        found = container.streams.video[0].frames
    if found != segment.frames:
        raise InternalError.of("render.segment-too-short", name=segment.label, frames=found, expected=segment.frames)


def _guarded(job: Job, cancel: threading.Event) -> None:
    """Run a job unless another has failed; a failure is told to the others at once."""
    if cancel.is_set():
        raise Cancelled
    try:
        job.run(cancel)
    except BaseException:
        cancel.set()
        raise


def run_jobs(jobs: Sequence[Job], workers: int) -> None:
    """Run all jobs. The first failure calls the others off and is raised; Ctrl-C likewise."""
    cancel = threading.Event()
    pool = ThreadPoolExecutor(max(1, workers), thread_name_prefix="encode")
    try:
        futures = [pool.submit(_guarded, job, cancel) for job in sorted(jobs, key=lambda job: -job.weight)]
        wait(futures, return_when=FIRST_EXCEPTION)
    except BaseException:
        cancel.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    failures = [error for each in futures if not each.cancelled() and (error := each.exception()) is not None]
    real = [error for error in failures if not isinstance(error, Cancelled)]
    if failures:
        raise (real or failures)[0]
