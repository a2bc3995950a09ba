"""One lesson, from script to published film."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.audio.report import SoundReport
from pipeline.audio.sound import make_sound, sound_key
from pipeline.errors import InternalError, LessonError, Place, Problem
from pipeline.media import ffmpeg
from pipeline.render.cache import Cache, key_of
from pipeline.render.deliver import deliver
from pipeline.render.engine import Job, Progress, Silence, cores, run_jobs, segment_job
from pipeline.render.explain import Remade, explain, remember
from pipeline.render.manifest import build_manifest, input_files, read_manifest, write_manifest
from pipeline.render.plan import plan_segments
from pipeline.render.prepare import Prepared, prepare
from pipeline.render.publish import publish, withdraw
from pipeline.render.segments import Segment
from pipeline.render.sidecars import cue_sheet, poster, storyboard
from pipeline.render.stitch import Labels, Piece
from pipeline.specs import (
    HouseFormat,
    Profile,
    Structure,
    fonts_folder,
    load_house_format,
    load_profile,
    load_structure,
)
from pipeline.timeline.captions import write_captions
from pipeline.timeline.model import CardShot

VERSION = 2
"""Raise when the steps after encoding would make other bytes from the same segments."""

STORYBOARD_FONT = "NotoSans-Regular.ttf"


@dataclass(frozen=True, slots=True)
class Options:
    """How to build. `workers` encoders run side by side, by default one a core."""

    structure: Structure = field(default_factory=load_structure)
    profile: Profile = field(default_factory=load_profile)
    workers: int = field(default_factory=cores)
    allow_code: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did. `remade` lists the segments that were encoded; empty when everything was there."""

    lesson_id: str
    folder: Path
    film: Path
    manifest: dict[str, Any]
    problems: tuple[Problem, ...]
    remade: tuple[Remade, ...]
    up_to_date: bool


def build(
    path: Path,
    out: Path,
    options: Options,
    cache: Cache,
    progress: Progress | None = None,
    taken: Collection[str] = (),
) -> Built:
    """Make the film of the lesson at `path` in `out`/<id>/.

    `taken` are ids of other lessons of the same run: one of the same name would write over their films.
    Raises LessonError or MediaError when the lesson cannot become a film (nothing is written then),
    UsageError when the output cannot be written, InternalError when the film is not what was promised.
    """
    heard = progress or Silence()
    heard.stage("read")
    with cache.work_folder() as work:
        prepared = prepare(path, options.structure, cache, work, allow_code=options.allow_code)
        if prepared.lesson.id in taken:
            raise LessonError.of("build.same-id", Place(str(prepared.lesson.script)), id=prepared.lesson.id)
        return _Build(prepared, out, options, cache, work, heard).run()


class _Build:
    def __init__(
        self, prepared: Prepared, out: Path, options: Options, cache: Cache, work: Path, progress: Progress
    ) -> None:
        self.prepared, self.options, self.cache, self.work, self.progress = prepared, options, cache, work, progress
        self.lesson, self.timeline = prepared.lesson, prepared.timeline
        self.folder = out / self.lesson.id
        self.house: HouseFormat = load_house_format()
        self.segments: Sequence[Segment] = plan_segments(prepared, self.house, options.profile, cache)
        self.sound = sound_key(self.timeline, cache.digest, self.house)

    def run(self) -> Built:
        if sum(segment.shown for segment in self.segments) != self.timeline.frames:
            raise InternalError.of("render.plan-does-not-add-up", frames=self.timeline.frames)
        key = self.key()
        done = self.up_to_date(key)
        if done is not None:
            return self.built(done, (), up_to_date=True)
        missing = [segment for segment in _unique(self.segments) if self.cache.find(segment.key) is None]
        remade = explain(self.segments, missing, self.lesson.id, self.cache)
        self.progress.begin(self.lesson.id, sum(segment.frames for segment in missing))
        self.progress.stage("encode")
        jobs = [segment_job(segment, self.cache, self.work, self.progress) for segment in missing]
        if self.cache.find(self.sound) is None:
            jobs.append(Job(1 << 30, self.make_sound))
        run_jobs(jobs, self.options.workers)
        manifest = self.deliver(key)
        remember(self.segments, self.lesson.id, self.cache)
        self.cache.trim()
        return self.built(manifest, tuple(remade), up_to_date=False)

    # Names -------------------------------------------------------------------------------------

    def key(self) -> str:
        """Names everything that shapes the published files."""
        lesson, timeline = self.lesson, self.timeline
        return key_of(
            {
                "version": VERSION,
                "segments": [(segment.key, segment.uses) for segment in self.segments],
                "sound": self.sound,
                "cues": timeline.cues,
                "chapters": timeline.chapters,
                "sheet": cue_sheet(timeline),
                "labels": self.labels(),
                "profile": self.options.profile,
                "inputs": [(name, self.cache.digest(each)) for name, each in input_files(lesson, timeline).items()],
                "lesson": [lesson.id, lesson.description, lesson.keywords, lesson.textbook_pages],
                "poster": self.poster_key(),
                "ffmpeg": ffmpeg.build_id(),
            }
        )

    def labels(self) -> Labels:
        lesson = self.lesson
        return Labels(
            lesson.topic.plain, lesson.teacher.name, lesson.language, lesson.description, self.timeline.chapters
        )

    def poster_key(self) -> str:
        first = self.timeline.shots[0]
        return self.prepared.typesetter.key(first.card) if isinstance(first, CardShot) else ""

    def up_to_date(self, key: str) -> dict[str, Any] | None:
        """The manifest of what lies in the output folder, if that is exactly what this build would make."""
        manifest = read_manifest(self.folder)
        if manifest is None or manifest.get("build") != key:
            return None
        try:
            whole = all(self.cache.digest(self.folder / each["path"]) == each["sha256"] for each in manifest["outputs"])
        except (OSError, KeyError, TypeError):
            return None
        return manifest if whole else None

    # Work --------------------------------------------------------------------------------------

    def make_sound(self, cancel: Any) -> None:
        target = self.work / "sound.m4a"
        folder = self.work / "sound"
        folder.mkdir()
        report = make_sound(self.timeline, self.house, target, folder, cancel=cancel)
        self.cache.add(self.sound, target, report.to_json())

    def piece(self, segment: Segment) -> Piece:
        path = self.cache.find(segment.key)
        if path is None:
            raise InternalError.of("render.segment-vanished", name=segment.label)
        return Piece(path, segment.uses)

    def deliver(self, key: str) -> dict[str, Any]:
        self.progress.stage("join")
        lesson, timeline, profile = self.lesson, self.timeline, self.options.profile
        film = self.work / f"{lesson.id}.{profile.extension}"
        sound = self.cache.find(self.sound)
        assert sound is not None
        pieces = [self.piece(segment) for segment in self.segments]
        board = self.work / "storyboard.jpg"
        with ThreadPoolExecutor(1) as beside:
            drawn = beside.submit(storyboard, pieces, timeline, fonts_folder() / STORYBOARD_FONT, board)
            deliver(pieces, sound, timeline, self.labels(), profile, film, self.work)
            drawn.result()
        self.progress.stage("finish")
        outputs = {film.name: film}
        for form in ("vtt", "srt") if timeline.cues else ():
            outputs[f"{lesson.id}.{form}"] = self.write(f"{lesson.id}.{form}", write_captions(timeline.cues, form))
        outputs["cues.csv"] = self.write("cues.csv", cue_sheet(timeline))
        first = timeline.shots[0]
        if isinstance(first, CardShot):
            poster(self.prepared.typesetter.png(first.card), self.work / "poster.jpg")
            outputs["poster.jpg"] = self.work / "poster.jpg"
        outputs[board.name] = board
        manifest = build_manifest(
            key=key,
            lesson=lesson,
            timeline=timeline,
            profile=profile,
            house=self.house,
            sound=self.sound_report().to_json(),
            outputs=outputs,
            problems=self.problems(),
            store=self.cache,
        )
        write_manifest(manifest, self.work / "manifest.json")
        before = read_manifest(self.folder)
        # The manifest goes last: until it is there, the folder does not claim to be finished.
        publish(outputs | {"manifest.json": self.work / "manifest.json"}, self.folder)
        withdraw(before, outputs, self.folder)
        return manifest

    def write(self, name: str, text: str) -> Path:
        path = self.work / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    # Report ------------------------------------------------------------------------------------

    def sound_report(self) -> SoundReport:
        return SoundReport.from_json(self.cache.facts(self.sound), self.timeline)

    def problems(self) -> tuple[Problem, ...]:
        """Warnings and notes of every step, also of those that an earlier build did."""
        found = [*self.prepared.problems, *self.sound_report().problems]
        for segment in _unique(self.segments):
            log = self.cache.facts(segment.key)["log"].strip()
            if log:
                last = log.splitlines()[-1]
                found.append(Problem("render.decoder-complained", segment.place, {"log": last}, "warning"))
        return tuple(found)

    def built(self, manifest: dict[str, Any], remade: tuple[Remade, ...], *, up_to_date: bool) -> Built:
        film = self.folder / f"{self.lesson.id}.{self.options.profile.extension}"
        return Built(self.lesson.id, self.folder, film, manifest, self.problems(), remade, up_to_date)


def _unique(segments: Sequence[Segment]) -> list[Segment]:
    return list({segment.key: segment for segment in segments}.values())
