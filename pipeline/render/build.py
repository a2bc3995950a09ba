"""One lesson, from script to published film."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import Problem
from pipeline.render.cache import Cache, Origin
from pipeline.render.engine import Progress, Silence, cores, run_jobs
from pipeline.render.explain import Remade, explain, remember
from pipeline.render.film import Film
from pipeline.render.manifest import read_manifest
from pipeline.render.prepare import prepare
from pipeline.render.publish import is_whole, publish
from pipeline.specs import Profile, Structure, load_profile, load_structure


@dataclass(frozen=True, slots=True)
class Options:
    """How to build. `workers` encoders run side by side, by default one a core.

    The names are those that structure and profile were loaded by.
    """

    structure: Structure = field(default_factory=load_structure)
    profile: Profile = field(default_factory=load_profile)
    workers: int = field(default_factory=cores)
    allow_code: bool = False
    structure_name: str = "tv-lesson"
    profile_name: str = "platform"


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


def build(path: Path, out: Path, options: Options, cache: Cache, progress: Progress | None = None) -> Built:
    """Make the film of the lesson at `path` in `out`/<id>/.

    Raises LessonError or MediaError when the lesson cannot become a film (nothing is written then),
    UsageError when the output cannot be written, InternalError when the film is not what was promised.
    """
    heard = progress or Silence()
    heard.stage("read")
    with cache.work_folder() as work:
        prepared = prepare(path, options.structure, cache, work, allow_code=options.allow_code)
        named = (options.structure_name, options.profile_name)
        origin = Origin.of(prepared.lesson.script, *named, allow_code=options.allow_code)
        film = Film(prepared, options.profile, cache, work, origin)
        return _build(film, out / prepared.lesson.id, options, heard)


def _build(film: Film, folder: Path, options: Options, progress: Progress) -> Built:
    key = film.key()
    done = up_to_date(folder, key, film.cache)
    if done is not None:
        return Built(film.lesson.id, folder, folder / film.name, done, film.problems(), (), up_to_date=True)
    there = film.there()
    missing = [segment for segment in film.unique() if segment.key not in there]
    remade = explain(film.segments, missing, film.lesson.id, film.cache)
    progress.begin(film.lesson.id, sum(segment.frames for segment in missing))
    progress.stage("encode")
    keys = [segment.key for segment in missing]
    run_jobs(film.jobs(keys if film.sound in there else [*keys, film.sound], progress), options.workers)
    progress.stage("join")
    joined = film.join(key)
    progress.stage("finish")
    publish(joined.files, folder)
    remember(film.segments, film.lesson.id, film.cache)
    film.cache.trim()
    return Built(
        film.lesson.id, folder, folder / film.name, joined.manifest, joined.problems, tuple(remade), up_to_date=False
    )


def up_to_date(folder: Path, key: str, cache: Cache) -> dict[str, Any] | None:
    """The manifest of what lies in a lesson's output folder, if that is exactly the build called `key`."""
    manifest = read_manifest(folder)
    if manifest is None or manifest.get("build") != key:
        return None
    return manifest if is_whole(manifest, folder, cache.digest) else None
