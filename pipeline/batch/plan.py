"""The plan of a batch as data: which lessons, in which order, in which portions of work, and what they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from pipeline.batch.model import Failure, Piece, Planned
from pipeline.errors import Place

PORTION_FRAMES = 1_500
"""Frames of pieces that are handed out together: a piece of a clip, or two dozen cards. Each task costs some
milliseconds. A worker that dies loses the piece it was making; those it has finished are in its machine's cache.
"""

LEAST_FRAMES = 200
"""Of a portion towards the end of a batch, so that no worker stands idle while another makes a last whole lesson."""

CARD_COST = 25
"""Frames that the setting of a piece costs besides its encoding."""

SOUND_COST = 250
"""Frames that a sound track is worth."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Pieces of one lesson that a worker makes one after the other; `shared` ones are wanted by other lessons too."""

    keys: tuple[str, ...]
    cost: int
    shared: bool = False


@dataclass(frozen=True, slots=True)
class LessonWork:
    """What is to be made for one film. `needs` are keys of shared pieces that may be made for another lesson."""

    planned: Planned
    portions: tuple[Portion, ...]
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Lessons to be made, the longest first. `clashes`: lessons whose id another one of the batch has already."""

    works: tuple[LessonWork, ...]
    unchanged: tuple[Planned, ...]
    clashes: tuple[tuple[Planned, Failure], ...]
    shared: int

    @property
    def frames(self) -> int:
        """Frames to encode, each shared piece once."""
        return sum({piece.key: piece.frames for work in self.works for piece in work.planned.missing}.values())

    @property
    def missing(self) -> int:
        """Segments to encode, each shared one once."""
        return len({piece.key for work in self.works for piece in work.planned.missing})

    @property
    def segments(self) -> int:
        """Segments that the films of the plan consist of."""
        return sum(len({piece.key for piece in work.planned.pieces}) for work in self.works)


def make_plan(planned: Iterable[Planned], taken: Mapping[str, str] | None = None, threads: int = 1) -> BatchPlan:
    """Order lessons and cut their work into portions for so many `threads` of workers.

    `planned` is in the order in which a person named the lessons: the first to claim an id has it.
    `taken`: ids that lessons outside of this plan have (unchanged ones), with their scripts.
    """
    owners = dict(taken or {})
    unchanged: list[Planned] = []
    to_make: list[Planned] = []
    clashes = []
    for each in planned:
        owner = owners.setdefault(each.id, each.source.script)
        if owner != each.source.script:
            clashes.append((each, Failure.of("build.same-id", Place(each.source.shown), id=each.id)))
        else:
            (unchanged if each.up_to_date else to_make).append(each)
    wanted = Counter(piece.key for each in to_make for piece in each.missing)
    shared = frozenset(key for key, lessons in wanted.items() if lessons > 1)
    to_make.sort(key=lambda each: (-each.frames_to_encode, each.source))
    sizes = _portion_sizes([_load(each, shared) for each in to_make], threads)
    works = tuple(
        LessonWork(each, _portions(each, shared, size), _needs(each, shared))
        for each, size in zip(to_make, sizes, strict=True)
    )
    return BatchPlan(works, tuple(unchanged), tuple(clashes), len(shared))


def _portion_sizes(loads: Sequence[int], threads: int) -> list[int]:
    """For each lesson how large its portions may be: the smaller the less is left to do (guided self-scheduling)."""
    if threads == 1:
        return [PORTION_FRAMES] * len(loads)
    left = list(accumulate(reversed(loads)))[::-1]
    return [min(PORTION_FRAMES, max(LEAST_FRAMES, each // (2 * threads))) for each in left]


def _load(planned: Planned, shared: frozenset[str]) -> int:
    own = sum(_cost(piece) for piece in planned.missing if piece.key not in shared)
    return own + sum(cost for _, cost in _sound(planned))


def _needs(planned: Planned, shared: frozenset[str]) -> frozenset[str]:
    return frozenset(piece.key for piece in planned.missing if piece.key in shared)


def _portions(planned: Planned, shared: frozenset[str], size: int) -> tuple[Portion, ...]:
    own = [piece for piece in planned.missing if piece.key not in shared]
    loads = [Portion((piece.key,), _cost(piece), shared=True) for piece in planned.missing if piece.key in shared]
    loads += _packed([(piece.key, _cost(piece)) for piece in own] + _sound(planned), size)
    return tuple(sorted(loads, key=lambda portion: -portion.cost))


def _sound(planned: Planned) -> list[tuple[str, int]]:
    return [] if planned.sound in planned.there else [(planned.sound, SOUND_COST)]


def _cost(piece: Piece) -> int:
    return piece.frames + CARD_COST


def _packed(items: Sequence[tuple[str, int]], size: int) -> list[Portion]:
    """Portions of at most `size` frames in the order given; what is longer stands alone."""
    portions: list[Portion] = []
    keys: list[str] = []
    load = 0
    for key, cost in items:
        if keys and load + cost > size:
            portions.append(Portion(tuple(keys), load))
            keys, load = [], 0
        keys.append(key)
        load += cost
    if keys:
        portions.append(Portion(tuple(keys), load))
    return portions
