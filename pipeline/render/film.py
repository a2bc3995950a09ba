"""A lesson on its way to a film: what it is made of, what is missing, and how the pieces are joined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.audio.report import SoundReport
from pipeline.audio.sound import sound_key
from pipeline.errors import InternalError, Problem
from pipeline.media import ffmpeg
from pipeline.render.cache import Cache, Origin, key_of
from pipeline.render.deliver import deliver
from pipeline.render.engine import Job, Progress, segment_job, sound_job
from pipeline.render.manifest import build_manifest, input_files, write_manifest
from pipeline.render.plan import plan_segments
from pipeline.render.prepare import Prepared
from pipeline.render.segments import Segment
from pipeline.render.sidecars import cue_sheet, storyboard
from pipeline.render.stitch import Labels, Piece
from pipeline.specs import HouseFormat, Profile, fonts_folder, load_house_format
from pipeline.timeline.captions import write_captions
from pipeline.timeline.model import CardShot

VERSION = 3
"""Raise when the steps after encoding would make other bytes from the same segments."""

STORYBOARD_FONT = "NotoSans-Regular.ttf"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Joined:
    """A finished film in a work folder. `files`: name -> file, the film first and the manifest last.

    `problems` are the warnings and notes that the manifest tells.
    """

    files: dict[str, Path]
    manifest: dict[str, Any]
    problems: tuple[Problem, ...] = ()


class Film:
    """The film of a prepared lesson. Nothing is made until it is asked for.

    `work` is its private folder; `origin` is kept with what is made, so that it can be made again.
    """

    def __init__(
        self, prepared: Prepared, profile: Profile, cache: Cache, work: Path, origin: Origin | None = None
    ) -> None:
        self.prepared, self.profile, self.cache, self.work, self.origin = prepared, profile, cache, work, origin
        self.lesson, self.timeline = prepared.lesson, prepared.timeline
        self.house: HouseFormat = load_house_format()
        self.segments: Sequence[Segment] = plan_segments(prepared, self.house, profile, cache)
        self.sound = sound_key(self.timeline, cache.digest, self.house)
        if sum(segment.shown for segment in self.segments) != self.timeline.frames:
            raise InternalError.of("render.plan-does-not-add-up", frames=self.timeline.frames)

    # Names -------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The film's file name."""
        return f"{self.lesson.id}.{self.profile.extension}"

    def key(self) -> str:
        """Names everything that shapes the published files, which may have changed since the last call."""
        return key_of({"film": self._plan_key, "inputs": sorted(self.inputs().items())})

    @cached_property
    def _plan_key(self) -> str:
        lesson, timeline = self.lesson, self.timeline
        return key_of(
            {
                "version": VERSION,
                "segments": [(segment.key, segment.uses) for segment in self.segments],
                "sound": self.sound,
                "cues": timeline.cues,
                "chapters": timeline.chapters,
                "sheet": cue_sheet(timeline),
                "labels": self._labels(),
                "profile": self.profile,
                "lesson": [lesson.id, lesson.description, lesson.keywords, lesson.textbook_pages],
                "ffmpeg": ffmpeg.build_id(),
            }
        )

    def inputs(self) -> dict[str, str]:
        """Files that the film is made of: name relative to the lesson's folder -> SHA-256, of now."""
        return {name: self.cache.digest(each) for name, each in self._files.items()}

    @cached_property
    def _files(self) -> dict[str, Path]:
        return input_files(self.lesson, self.timeline)

    def unique(self) -> list[Segment]:
        """Every segment once, in the order of the film."""
        return list({segment.key: segment for segment in self.segments}.values())

    def there(self) -> frozenset[str]:
        """Keys of what the cache holds of all that the film needs. Asked once a build: the cache counts its hits."""
        return self.cache.wanted([*(segment.key for segment in self.unique()), self.sound])

    def _labels(self) -> Labels:
        lesson = self.lesson
        return Labels(
            lesson.topic.plain, lesson.teacher.name, lesson.language, lesson.description, self.timeline.chapters
        )

    # Work --------------------------------------------------------------------------------------

    def jobs(self, keys: Iterable[str], progress: Progress) -> list[Job]:
        """What makes these pieces (segments, the sound) and puts them into the cache."""
        segments = {segment.key: segment for segment in self.segments}
        return [
            sound_job(self.timeline, self.house, key, self.cache, self.work, self.origin)
            if key == self.sound
            else segment_job(segments[key], self.cache, self.work, progress, self.origin)
            for key in keys
        ]

    def join(self, key: str) -> Joined:
        """Film, files beside it and manifest, in the work folder. All segments and the sound are in the cache.

        Raises InternalError when one is not, or when the film is not as promised.
        """
        timeline, work = self.timeline, self.work
        film, board, poster = work / self.name, work / "storyboard.jpg", work / "poster.jpg"
        pieces = [Piece(self.piece(segment.key), segment.uses) for segment in self.segments]
        sound = self.piece(self.sound)
        with ThreadPoolExecutor(1) as beside:
            drawn = beside.submit(storyboard, pieces, timeline, fonts_folder() / STORYBOARD_FONT, board, poster)
            deliver(pieces, sound, timeline, self._labels(), self.profile, film, work)
            drawn.result()
        outputs = {film.name: film}
        for form in ("vtt", "srt") if timeline.cues else ():
            outputs[f"{self.lesson.id}.{form}"] = self._write(
                f"{self.lesson.id}.{form}", write_captions(timeline.cues, form)
            )
        outputs["cues.csv"] = self._write("cues.csv", cue_sheet(timeline))
        if isinstance(timeline.shots[0], CardShot):
            outputs[poster.name] = poster
        outputs[board.name] = board
        problems = self.problems()
        manifest = build_manifest(
            key=key,
            lesson=self.lesson,
            timeline=timeline,
            profile=self.profile,
            house=self.house,
            sound=self.sound_report().to_json(),
            outputs=outputs,
            problems=problems,
            store=self.cache,
        )
        write_manifest(manifest, work / MANIFEST)
        return Joined(outputs | {MANIFEST: work / MANIFEST}, manifest, problems)

    def piece(self, key: str) -> Path:
        """A segment or the sound that has been made. Raises InternalError when the cache does not hold it."""
        path = self.cache.find(key)
        if path is None:
            label = next((each.label for each in self.segments if each.key == key), "sound")
            raise InternalError.of("render.segment-vanished", name=label)
        return path

    def _write(self, name: str, text: str) -> Path:
        path = self.work / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    # Report ------------------------------------------------------------------------------------

    def sound_report(self) -> SoundReport:
        """What the mixing found; the sound must be in the cache."""
        return SoundReport.from_json(self.cache.facts(self.sound), self.timeline)

    def problems(self) -> tuple[Problem, ...]:
        """Warnings and notes of every step, also of those that an earlier build did."""
        found = [*self.prepared.problems]
        if self.cache.record(self.sound) is not None:
            found += self.sound_report().problems
        for segment in self.unique():
            # A film may be up to date long after its segments have left the cache.
            record = self.cache.record(segment.key)
            log = record.facts["log"].strip() if record is not None else ""
            if log:
                last = log.splitlines()[-1]
                found.append(Problem("render.decoder-complained", segment.place, {"log": last}, "warning"))
        return tuple(found)
