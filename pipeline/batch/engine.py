"""From sources to films: plans every lesson first, then makes the longest first, each film as soon as it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.batch.dispatch import Dispatcher, Recorder, Step
from pipeline.batch.fleet import Fleet
from pipeline.batch.model import BatchOptions, Failure, Finished, LessonResult, Made, Piece, Planned, Source, told
from pipeline.batch.plan import BatchPlan, LessonWork
from pipeline.batch.progress import Watcher
from pipeline.batch.tasks import finish_lesson, make_pieces, plan_lessons

STEPS_A_THREAD = 4
"""Steps handed out for each thread of a worker, so that none is idle and the scheduler stays small."""

LESSONS_A_STEP = 8
"""Lessons that a worker plans in one go, when there are many."""

PIECES, FINISH = "pieces", "finish"

FINISH_PRIORITY = 1_000_000
"""A film whose pieces are there goes before everything else."""

LOW_MEMORY_BYTES = 250_000_000
"""Free memory of this machine under which an embedded batch hands out no further work."""

Ended = Callable[[LessonResult], None]


@dataclass(eq=False)
class _Lesson:
    """A lesson on its way: the pieces it still waits for, and what it has cost so far."""

    work: LessonWork
    order: int
    watcher: Watcher
    todo: set[str]
    frames: dict[str, int]
    """Of each missing piece; a shared one counts for the lesson it is made for, and only there."""
    encoded: int = 0
    """Frames of the pieces that are made."""
    made: list[Made] = field(default_factory=list)
    steps: set[Step] = field(default_factory=set)
    futures: list[Any] = field(default_factory=list)
    """Of finished portions: as long as they are kept, the scheduler knows where the pieces lie."""
    attempts: int = 1
    ended: bool = False

    @property
    def planned(self) -> Planned:
        return self.work.planned

    def heard(self, stage: str) -> None:
        """A running step tells how far it is."""
        total = sum(self.frames.values())
        done = self.encoded + sum(step.frames for step in self.steps)
        self.watcher.lesson(self.planned.id, stage, min(done, total), total)


class Engine:
    """One batch on one fleet. `ended` hears of every lesson once, as soon as it is over."""

    def __init__(
        self,
        fleet: Fleet,
        options: BatchOptions,
        journal: Recorder,
        watcher: Watcher,
        stopping: Callable[[], bool],
        ended: Ended,
    ) -> None:
        self._fleet, self._options, self._journal, self._watcher = fleet, options, journal, watcher
        self._dispatcher = Dispatcher(fleet, journal, watcher, stopping)
        self._ended = ended
        self._queue: list[_Lesson] = []
        self._waiting: dict[str, set[_Lesson]] = {}
        self._under_way: set[str] = set()
        self._made_keys: set[str] = set()
        self._where: dict[str, set[str]] = {}
        self._dispatcher.joined = self._look_again

    def threads(self) -> int:
        """Steps that the fleet can work on at once, at least one."""
        return self._dispatcher.threads()

    # Planning ------------------------------------------------------------------------------------

    def plan(self, sources: Sequence[Source]) -> dict[Source, Planned | Failure]:
        """Read and lay out every lesson on the workers; what each is made of, or why it cannot be made."""
        size = max(1, min(LESSONS_A_STEP, len(sources) // (self._dispatcher.threads() * STEPS_A_THREAD)))
        for start in range(0, len(sources), size):
            self._submit_plan(sources[start : start + size])
        found: dict[Source, Planned | Failure] = {}
        for step, outcome in self._dispatcher.outcomes():
            some = step.arguments[0]
            if isinstance(outcome, Failure) and len(some) > 1:
                # One of these scripts spoils the step, or kills its worker; the others must not fail for it.
                for source in some:
                    self._submit_plan([source])
                continue
            answers = [outcome] if isinstance(outcome, Failure) else outcome
            for source, each in zip(some, answers, strict=True):
                found[source] = each
                self._note_planned(each)
            self._watcher.planning(len(found), len(sources))
        planned = {source: found[source] for source in sources}
        return planned if self._fleet.is_embedded else self._looked_around(planned)

    def _submit_plan(self, sources: Sequence[Source]) -> None:
        self._dispatcher.submit(Step("plan", plan_lessons, (tuple(sources), self._options), named=False))

    def _note_planned(self, planned: Planned | Failure) -> None:
        if isinstance(planned, Planned):
            self._journal.record(
                "lesson-planned",
                lesson=planned.id,
                script=planned.source.shown,
                segments=len({piece.key for piece in planned.pieces}),
                missing=len(planned.missing),
                frames=planned.frames_to_encode,
            )

    def _looked_around(self, found: dict[Source, Planned | Failure]) -> dict[Source, Planned | Failure]:
        """Reckon with what other workers' caches hold of what the planning worker lacked."""
        lessons = [each for each in found.values() if isinstance(each, Planned) and not each.up_to_date]
        self._where = self._fleet.holders(sorted({key for each in lessons for key in each.keys}))
        known = self._where.keys()
        return {
            source: replace(each, there=each.there | (each.keys & known)) if isinstance(each, Planned) else each
            for source, each in found.items()
        }

    def _look_again(self) -> None:
        """Workers that were started anew hold what they held before, under another address."""
        if not self._fleet.is_embedded:
            with suppress(OSError, TimeoutError):  # the scheduler is going away: it is asked once more when it is back
                found = self._fleet.holders(sorted(self._where))
                # What nobody has now a worker may bring that joins later.
                self._where = {key: found.get(key, set()) for key in self._where}

    # Making --------------------------------------------------------------------------------------

    def make(self, plan: BatchPlan) -> None:
        """Make every film of the plan. Raises Stopped as the dispatcher does; lessons not ended then were not run."""
        for order, work in enumerate(plan.works):
            frames = {piece.key: piece.frames for piece in work.planned.missing if piece.key not in work.needs}
            todo = {key for portion in work.portions for key in portion.keys}
            self._queue.append(_Lesson(work, order, self._watcher, todo, frames))
        self._queue.reverse()
        self._fill()
        for step, outcome in self._dispatcher.outcomes():
            lesson: _Lesson = step.about
            lesson.steps.discard(step)
            lesson.attempts = max(lesson.attempts, step.attempt)
            if isinstance(outcome, Failure):
                self._spoilt(lesson, step, outcome)
            elif step.kind == FINISH:
                self._finished(lesson, step, outcome)
            else:
                self._made(lesson, step, outcome)
            self._fill()

    def stop(self) -> None:
        """Call off all that is under way."""
        self._dispatcher.cancel_all()

    def _fill(self) -> None:
        """Start lessons until every worker has enough to do."""
        room = self._dispatcher.threads() * STEPS_A_THREAD
        while self._queue and len(self._dispatcher) < room:
            if self._fleet.is_embedded and len(self._dispatcher) and _free_memory() < LOW_MEMORY_BYTES:
                return
            self._start(self._queue.pop())

    def _start(self, lesson: _Lesson) -> None:
        self._journal.record("lesson-started", lesson=lesson.planned.id)
        lesson.todo -= self._made_keys
        for key in lesson.todo:
            self._waiting.setdefault(key, set()).add(lesson)
        portions = [
            tuple(key for key in portion.keys if key in lesson.todo and key not in self._under_way)
            for portion in lesson.work.portions
        ]
        portions = [keys for keys in portions if keys]
        if len(portions) == 1 and lesson.todo == set(portions[0]) and lesson.work.needs.isdisjoint(portions[0]):
            # Nobody else waits for these, and no other worker would: whoever makes them joins them as well.
            self._finish(lesson, portions[0])
            return
        for keys in portions:
            self._hand_out(lesson, keys)
        if not lesson.todo:
            self._finish(lesson)

    def _hand_out(self, lesson: _Lesson, keys: tuple[str, ...]) -> None:
        self._under_way.update(keys)
        lesson.frames |= {piece.key: piece.frames for piece in lesson.planned.missing if piece.key in keys}
        arguments = (lesson.planned, self._options, keys)
        self._submit(lesson, Step(PIECES, make_pieces, arguments, priority=-lesson.order, keys=keys))

    def _finish(self, lesson: _Lesson, keys: tuple[str, ...] = ()) -> None:
        """Have the film joined; these pieces of it are made before, in the same step."""
        self._under_way.update(keys)
        after, priority = tuple(lesson.futures), -lesson.order if keys else FINISH_PRIORITY
        self._submit(lesson, Step(FINISH, finish_lesson, (), after, priority, keys=keys, renew=self._tell_where))

    def _tell_where(self, step: Step) -> None:
        """Name the workers that hold a film's pieces: those that are there now."""
        planned = step.about.planned
        alive = frozenset() if self._fleet.is_embedded else self._fleet.addresses()
        where = {key: sorted(self._where[key] & alive) for key in planned.keys if key in self._where}
        step.arguments = (planned, self._options, where)

    def _submit(self, lesson: _Lesson, step: Step) -> None:
        step.about, step.lesson = lesson, lesson.planned.id
        lesson.steps.add(step)
        self._dispatcher.submit(step)

    # What became of it ---------------------------------------------------------------------------

    def _made(self, lesson: _Lesson, step: Step, pieces: Sequence[Made]) -> None:
        """A portion is there: whoever waited for one of its pieces is a step further."""
        self._under_way.difference_update(step.keys)
        labels = {piece.key: piece for piece in lesson.planned.pieces}
        if not lesson.ended:
            lesson.futures.append(step.future)
        for each in pieces:
            self._made_keys.add(each.key)
            if not self._fleet.is_embedded:
                self._where.setdefault(each.key, set()).add(each.worker)
            lesson.made.append(each)
            lesson.encoded += lesson.frames.get(each.key, 0)
            self._note_made(lesson, each, labels.get(each.key))
            for waiting in self._waiting.pop(each.key, set()):
                waiting.todo.discard(each.key)
                if not waiting.todo and not waiting.ended:
                    self._finish(waiting)

    def _note_made(self, lesson: _Lesson, made: Made, piece: Piece | None) -> None:
        about = {"lesson": lesson.planned.id, "key": made.key, "how": made.how, "seconds": made.seconds}
        about |= {"bytes": made.bytes, "worker": made.worker, "outcome": "made"}
        if piece is None:
            self._journal.record("sound", **about)
        else:
            self._journal.record("segment", label=piece.label, frames=piece.frames, **about)

    def _finished(self, lesson: _Lesson, step: Step, finished: Finished) -> None:
        self._under_way.difference_update(step.keys)
        result = finished.result
        labels = {piece.key: piece for piece in lesson.planned.pieces}
        for each in finished.gathered:
            lesson.made.append(each)
            self._note_made(lesson, each, labels.get(each.key))
        for name, seconds in result.steps.items():
            self._journal.record(name, lesson=result.id, seconds=seconds, worker=result.worker)
        encoded = sum(each.how == "encoded" and each.key != lesson.planned.sound for each in lesson.made)
        seconds = result.seconds + sum(each.seconds for each in lesson.made)
        self._end(
            lesson,
            replace(result, encoded=encoded, seconds=round(seconds, 3), attempts=lesson.attempts),
        )

    def _spoilt(self, lesson: _Lesson, step: Step, failure: Failure) -> None:
        """A step is given up. Its lesson fails, and no other."""
        self._under_way.difference_update(step.keys)
        if lesson.ended:
            self._adopt(step.keys)
            return
        if failure.killed and len(step.keys) > 1:
            # One of these pieces kills whatever worker takes it on; the others must not die for it.
            for key in step.keys:
                self._hand_out(lesson, (key,))
            return
        for key in step.keys:
            self._journal.record("segment", lesson=lesson.planned.id, key=key, outcome="failed", worker=failure.worker)
        seconds = round(sum(each.seconds for each in lesson.made), 3)
        self._end(lesson, failed(lesson.planned, failure, seconds=seconds, attempts=lesson.attempts))
        self._adopt(step.keys)

    def _end(self, lesson: _Lesson, result: LessonResult) -> None:
        lesson.ended = True
        lesson.futures.clear()
        orphans: list[str] = []
        for step in list(lesson.steps):
            if not any(self._waiting.get(key, set()) - {lesson} for key in step.keys):
                self._dispatcher.cancel(step)
                self._under_way.difference_update(step.keys)
                lesson.steps.discard(step)
        for key in lesson.todo:
            waiting = self._waiting.get(key, set())
            waiting.discard(lesson)
            if not waiting:
                self._waiting.pop(key, None)
            elif key not in self._under_way:
                orphans.append(key)
        self._ended(result)
        self._adopt(orphans)

    def _adopt(self, keys: Iterable[str]) -> None:
        """A shared piece whose lesson failed is made for another that waits for it, out of that one's files."""
        for key in keys:
            heirs = sorted(self._waiting.get(key, ()), key=lambda each: each.order)
            if heirs and key not in self._under_way:
                self._hand_out(heirs[0], (key,))


def failed(planned: Planned, failure: Failure, *, seconds: float = 0.0, attempts: int = 1) -> LessonResult:
    """The result of a lesson that was planned but could not be made."""
    return LessonResult(
        id=planned.id,
        script=planned.source.shown,
        outcome="failed",
        facts=planned.facts,
        warnings=planned.warnings,
        errors=told(failure.problems),
        segments=len({piece.key for piece in planned.pieces}),
        seconds=seconds,
        attempts=attempts,
        worker=failure.worker,
        ours=failure.ours,
        fleeting=failure.fleeting,
    )


def _free_memory() -> int:
    import psutil

    return int(psutil.virtual_memory().available)
