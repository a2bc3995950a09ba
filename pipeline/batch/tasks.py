"""What workers do: the three kinds of tasks that the scheduler hands out.

What an author can mend comes back as a Failure; anything else is raised, and the driver decides whether another worker
should try.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.batch.checking import check_findings
from pipeline.batch.fleet import fingerprint
from pipeline.batch.inputs import in_the_store
from pipeline.batch.model import (
    REFUSED,
    BatchOptions,
    Failure,
    Finished,
    LessonResult,
    Made,
    Piece,
    Planned,
    Source,
    told,
)
from pipeline.batch.peers import fetch_piece
from pipeline.batch.storage import open_output
from pipeline.batch.telling import Teller, own_address
from pipeline.batch.workshop import Workshop, workshop
from pipeline.errors import LessonError, MediaError, Place, TelesabaqError
from pipeline.render.cache import key_of
from pipeline.render.explain import explain, remember
from pipeline.render.film import Film, Joined

SOUND = "sound"

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})

FLEETING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ESTALE})
"""System errors that belong to a machine, not to a lesson: another worker may not meet them."""

_ELSEWHERE = frozenset({"cache.full", "storage.unreachable", "storage.refused", "storage.vanished", "storage.changing"})
"""Problems that another worker may not have, or that are over by then: its machine has room, its key opens the store,
somebody has finished uploading.
"""

Where = Mapping[str, Sequence[str]]
"""Key of a piece -> addresses of workers that hold it."""


def plan_lessons(sources: Sequence[Source], options: BatchOptions) -> tuple[Planned | Failure, ...]:
    """Read, measure and lay out lessons; name everything that each is made of."""
    return tuple(_plan(source, options) for source in sources)


def _plan(source: Source, options: BatchOptions) -> Planned | Failure:
    shop = workshop()
    try:
        with shop.film(source, options) as film:
            return _planned(film, source, options, shop)
    except TelesabaqError as error:
        return _failure(error, source, shop)


def _planned(film: Film, source: Source, options: BatchOptions, shop: Workshop) -> Planned:
    lesson, key = film.lesson, film.key()
    output = open_output(options.out)
    manifest = output.manifest(lesson.id)
    done = manifest is not None and manifest.get("build") == key and output.is_whole(manifest, lesson.id, shop.cache)
    done = done and _passed_the_check(film, key, output.local, options, shop)
    pieces = tuple(Piece(each.key, each.label, each.frames, each.shown) for each in film.segments)
    everything = frozenset(piece.key for piece in pieces) | {film.sound}
    there = everything if done else film.there()
    inputs = film.inputs()
    return Planned(
        source=source,
        id=lesson.id,
        build=key,
        facts=facts_of(film),
        pieces=pieces,
        sound=film.sound,
        there=there,
        inputs=inputs,
        input_bytes=0 if source.is_local else _bytes_of(film, inputs),
        up_to_date=done,
        drafts=any(sound.kind == "draft" for sound in film.timeline.sounds),
        warnings=tuple(manifest["warnings"]) if done and manifest else (),
        remade=_reasons(film, there, shop) if options.explain and not done else (),
    )


def _passed_the_check(film: Film, build: str, out: Path | None, options: BatchOptions, shop: Workshop) -> bool:
    """Whether a published film may stay: also one that was made without a check. What lies in a store is trusted."""
    if out is None or options.check == "off":
        return True
    name = f"checked:{key_of({'build': build, 'how': options.check, 'by': options.check_profile, 'we': fingerprint()})}"
    if shop.cache.recall(name) is None and check_findings(out / film.lesson.id, options, film.work)[0]:
        return False  # joined and checked once more, it is put aside with its findings
    shop.cache.remember(name, value=True)
    return True


def facts_of(film: Film) -> dict[str, Any]:
    """What a lesson is, for lists of lessons."""
    lesson = film.lesson
    return {
        "language": lesson.language,
        "grade": lesson.grade,
        "subject": {"id": lesson.subject_id, "name": lesson.subject},
        "topic": lesson.topic.plain,
        "teacher": lesson.teacher.name,
    }


def _bytes_of(film: Film, inputs: Mapping[str, str]) -> int:
    folder = film.lesson.folder
    return sum((folder / name).stat().st_size for name in inputs if (folder / name).is_file())


def _reasons(film: Film, there: frozenset[str], shop: Workshop) -> tuple[dict[str, Any], ...]:
    fps = film.timeline.structure.fps
    missing = [segment for segment in film.unique() if segment.key not in there]
    remade = explain(film.segments, missing, film.lesson.id, shop.cache)
    return tuple(each.to_json(fps) for each in remade)


def make_pieces(
    planned: Planned, options: BatchOptions, keys: Sequence[str], *, task: str
) -> tuple[Made, ...] | Failure:
    """Make these pieces of a lesson (segments and its sound), one after the other, into this worker's cache."""
    shop = workshop()
    teller = Teller(task, planned.id)
    try:
        with shop.film(planned.source, options, planned.build) as film, shop.cache.writing():
            made = tuple(_made(film, key, shop, teller) for key in keys)
            _expect_as_planned(film, planned, made, shop)
            return made
    except TelesabaqError as error:
        return _explained(error, planned, options, shop)


def _expect_as_planned(film: Film, planned: Planned, made: Sequence[Made], shop: Workshop) -> None:
    """Raise LessonError when the files of a lesson are not those it was planned with, and drop what was made."""
    with suppress(OSError):
        if film.inputs() == planned.inputs:
            return
    for each in made:
        # Perhaps made of something else than their names say.
        shop.cache.drop(each.key)
    raise LessonError.of("batch.input-changed", Place(planned.source.shown))


def _explained(error: TelesabaqError, planned: Planned, options: BatchOptions, shop: Workshop) -> Failure:
    """Why a step failed: a file that vanished or changed meanwhile is the reason of whatever came after."""
    try:
        with shop.film(planned.source, options, planned.build):
            return _failure(error, planned.source, shop)
    except TelesabaqError as reason:
        return _failure(reason, planned.source, shop)


def _made(film: Film, key: str, shop: Workshop, teller: Teller) -> Made:
    started = time.monotonic()
    found = shop.cache.find(key)
    how: Any = "found"
    if found is None:
        how = "encoded"
        teller.stage("sound" if key == film.sound else "encode")
        for job in film.jobs([key], teller):
            job.run(teller.cancel)
        found = film.piece(key)
    return Made(key, found.stat().st_size, round(time.monotonic() - started, 3), how, own_address())


def finish_lesson(
    planned: Planned, options: BatchOptions, where: Where, *_made_of: object, task: str
) -> Finished | Failure:
    """Join, check and publish a film; pieces that no worker has, not yet or not any more, are made here."""
    shop = workshop()
    teller = Teller(task, planned.id)
    steps: dict[str, float] = {}
    try:
        with shop.film(planned.source, options, planned.build) as film, shop.cache.writing():
            gathered = _gather(film, where, shop, teller)
            made = [each for each in gathered if each.how == "encoded"]
            if made:
                _expect_as_planned(film, planned, made, shop)
            teller.stage("join")
            with teller.timed("stitched", steps):
                joined = film.join(planned.build)
            folder = _laid_out(joined, film)
            teller.stage("check")
            with teller.timed("checked", steps):
                errors, warnings = check_findings(folder, options, film.work)
            teller.stage("publish")
            with teller.timed("delivered", steps):
                _publish(planned, options, folder, joined, refused=bool(errors))
            remember(film.segments, planned.id, shop.cache)
            shop.cache.trim()
            remarks = told(in_the_store(joined.problems, planned.source, shop.cache))
            result = _result(planned, joined, errors, (*remarks, *warnings), steps)
            return Finished(result, tuple(gathered))
    except TelesabaqError as error:
        return _explained(error, planned, options, shop)


def _gather(film: Film, where: Where, shop: Workshop, teller: Teller) -> list[Made]:
    """Every piece into this worker's cache: from other workers, or made here when none has it."""
    gathered, silent = [], set[str]()
    for key in dict.fromkeys([*(each.key for each in film.segments), film.sound]):
        if shop.cache.find(key) is None:
            started = time.monotonic()
            fetched = fetch_piece(key, where.get(key, ()), shop.cache, film.work, silent)
            if fetched is not None:
                seconds = round(time.monotonic() - started, 3)
                gathered.append(Made(key, fetched.stat().st_size, seconds, "fetched", own_address()))
            else:
                gathered.append(_made(film, key, shop, teller))
    return gathered


def _laid_out(joined: Joined, film: Film) -> Path:
    """The files in a folder of the lesson's name, as they will be published, so that they are checked as such."""
    folder = film.work / "finished" / film.lesson.id
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.iterdir():
        stale.unlink()
    for name, path in joined.files.items():
        path.replace(folder / name)
    return folder


def _publish(planned: Planned, options: BatchOptions, folder: Path, joined: Joined, *, refused: bool) -> None:
    output = open_output(options.out)
    files = {name: folder / name for name in joined.files}
    good, bad = planned.id, f"{REFUSED}/{planned.id}"
    output.publish(files, bad if refused else good)
    # What lies in the other place was made of an older script, and must not be taken for this one's film.
    output.withdraw(good if refused else bad)


def _result(
    planned: Planned,
    joined: Joined,
    errors: Sequence[Mapping[str, Any]],
    warnings: Sequence[Mapping[str, Any]],
    steps: Mapping[str, float],
) -> LessonResult:
    folder = f"{REFUSED}/{planned.id}" if errors else planned.id
    return LessonResult(
        id=planned.id,
        script=planned.source.shown,
        outcome="refused" if errors else "made",
        facts=planned.facts,
        film=film_facts(joined.manifest, folder),
        warnings=tuple(warnings),
        errors=tuple(errors),
        segments=len({piece.key for piece in planned.pieces}),
        seconds=round(sum(steps.values()), 3),
        worker=own_address(),
        steps=dict(steps),
    )


def film_facts(manifest: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """What a list of films tells of one, from its manifest."""
    film, outputs = manifest["film"], manifest["outputs"]
    posters = [each["sha256"] for each in outputs if each["path"] == "poster.jpg"]
    return {
        "folder": folder,
        "name": outputs[0]["path"],
        "bytes": film["bytes"],
        "frames": film["frames"],
        "fps": film["fps"],
        "loudness": manifest["sound"].get("loudness"),
        "peak": manifest["sound"].get("true_peak"),
        "poster": posters[0] if posters else "",
        "outputs": [each["path"] for each in outputs],
    }


def _failure(error: TelesabaqError, source: Source, shop: Workshop) -> Failure:
    failure = Failure.from_error(error, own_address(), again=is_fleeting(error))
    return replace(failure, problems=in_the_store(failure.problems, source, shop.cache))


def is_fleeting(error: BaseException) -> bool:
    """Whether the machine failed rather than the lesson: a full disk, a killed encoder, a host that does not answer."""
    codes = {problem.code for problem in error.problems} if isinstance(error, TelesabaqError) else set()
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in _NO_ROOM and "build.cannot-write" in codes:
            return False  # the output folder is full for every worker
        if isinstance(seen, OSError) and (seen.errno in FLEETING or isinstance(seen, ConnectionError | TimeoutError)):
            return True
        if isinstance(seen, MediaError) and any(_was_killed(each.fields) for each in seen.problems):
            return True
        seen = seen.__cause__ or seen.__context__
    return bool(codes & _ELSEWHERE)


def _was_killed(fields: Mapping[str, object]) -> bool:
    code = fields.get("code")
    return (isinstance(code, int) and code < 0) or "No space left on device" in str(fields.get("log", ""))
