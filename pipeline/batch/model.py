"""What a batch is made of. Everything here is plain data: it travels between driver and workers, and into the journal.

The driver is the process a person started; workers make segments and films. The plan goes
lessons -> segments -> stitch -> deliver -> check; every step is named by the content it makes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from pipeline.errors import InternalError, Place, Problem, TelesabaqError
from pipeline.messages import remedy, what
from pipeline.specs import LANGUAGES, Profile, Structure, load_profile, load_structure

Outcome = Literal["made", "unchanged", "refused", "failed", "left-alone", "not-run"]
"""How a lesson ended.

made: its film was made or made again and published. unchanged: what lies in the output folder is what would be made.
refused: the film was made, and our own check found errors in it; it lies under REFUSED, not among the good ones.
failed: no film could be made of it. left-alone: `--only-changed`, and its files are as they were at the last run.
not-run: the batch ended before its turn.
"""

BAD: frozenset[Outcome] = frozenset({"refused", "failed", "not-run"})
"""Outcomes after which a batch is not complete: exit code 1."""

Check = Literal["quick", "full", "off"]
"""How finished films are checked before they are published: without decoding, decoded whole, not at all."""

PASSING = frozenset({"batch.input-changed", "build.cannot-write", "cache.full", "cache.unusable"})
"""Codes of problems that have gone once somebody has made room, or has finished editing."""

OWN_FOLDER = ".telesabaq"
"""What a batch keeps for itself in the output folder: journals, the lease, refused films."""

REFUSED = f"{OWN_FOLDER}/refused"


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A lesson script where it lies. `script`: an absolute path, or a URL; `shown`: as the person named it."""

    script: str
    shown: str

    @property
    def is_local(self) -> bool:
        return "://" not in self.script


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How films are made: the same for all lessons of a batch, and sent to every worker."""

    out: str
    structure: Structure = field(default_factory=load_structure)
    profile: Profile = field(default_factory=load_profile)
    allow_code: bool = False
    check: Check = "quick"
    check_profile: str = "platform"
    explain: bool = False
    structure_name: str = "tv-lesson"
    profile_name: str = "platform"
    """What structure and profile were loaded by."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment as the plan sees it: its key, what it is, frames to encode, frames of the film it fills."""

    key: str
    label: str
    frames: int
    shown: int


@dataclass(frozen=True, slots=True)
class Planned:
    """A lesson that can become a film. `build` names what would be published, `sound` its sound track.

    `there` are the keys (of pieces and sound) that the planning worker's cache holds; `inputs` digests (SHA-256) of
    the files it is made of by name; `up_to_date` says that the output folder holds exactly this build, `drafts` that a
    draft voice speaks in it.
    """

    source: Source
    id: str
    build: str
    facts: Mapping[str, Any]
    pieces: tuple[Piece, ...]
    sound: str
    there: frozenset[str]
    inputs: Mapping[str, str]
    input_bytes: int
    up_to_date: bool
    drafts: bool = False
    warnings: tuple[dict[str, Any], ...] = ()
    remade: tuple[dict[str, Any], ...] = ()

    @property
    def missing(self) -> tuple[Piece, ...]:
        """Pieces to make, each once, the longest first."""
        unique = {piece.key: piece for piece in self.pieces if piece.key not in self.there}
        return tuple(sorted(unique.values(), key=lambda piece: -piece.frames))

    @property
    def keys(self) -> frozenset[str]:
        """Everything the film is joined from: segments and sound."""
        return frozenset(piece.key for piece in self.pieces) | {self.sound}

    @property
    def frames_to_encode(self) -> int:
        return sum(piece.frames for piece in self.missing)

    def __sizeof__(self) -> int:
        # The scheduler weighs moving work against moving data; where the inputs lie is where the work is cheap.
        return self.input_bytes


@dataclass(frozen=True, slots=True)
class Made:
    """One piece that a worker now holds. `how`: encoded there, found in its cache, or fetched from another worker."""

    key: str
    bytes: int
    seconds: float
    how: Literal["encoded", "found", "fetched"]
    worker: str

    def __sizeof__(self) -> int:
        return self.bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step could not be done: the same problems a single build would tell.

    `again`: another worker may succeed where this one did not (disk full, encoder killed). `killed`: workers died of
    it. `ours`: a promise of the product was not kept (exit 3), the lesson is not to blame.
    """

    problems: tuple[Problem, ...]
    worker: str = ""
    again: bool = False
    killed: bool = False
    ours: bool = False

    @property
    def fleeting(self) -> bool:
        """Whether the lesson's files are not to blame."""
        return self.again or self.killed or self.ours or any(each.code in PASSING for each in self.problems)

    @classmethod
    def of(cls, code: str, place: Place | None = None, /, **fields: object) -> Self:
        return cls((Problem(code, place, fields),))

    @classmethod
    def from_error(cls, error: TelesabaqError, worker: str = "", *, again: bool = False) -> Self:
        return cls(error.problems, worker, again, ours=isinstance(error, InternalError))


@dataclass(frozen=True, slots=True)
class LessonResult:
    """How a lesson ended, as the journal, the summary and the gallery tell it.

    `facts`: language, grade, subject {id, name}, topic, teacher (empty of a script that could not be read).
    `film`: its folder in the output folder, name, bytes, frames, fps, loudness (LUFS), peak (dBTP), or None.
    `warnings`, `errors`: see `told`. Seconds are of work, summed over workers; `worker` finished the film.
    """

    id: str
    script: str
    outcome: Outcome
    facts: Mapping[str, Any] = field(default_factory=dict)
    film: Mapping[str, Any] | None = None
    warnings: tuple[Mapping[str, Any], ...] = ()
    errors: tuple[Mapping[str, Any], ...] = ()
    segments: int = 0
    encoded: int = 0
    seconds: float = 0.0
    attempts: int = 1
    worker: str = ""
    steps: Mapping[str, float] = field(default_factory=dict)
    """Seconds of the last steps: stitched, checked, delivered."""
    ours: bool = False
    """It failed by our own fault, see Failure."""
    fleeting: bool = False
    """The same files may do better next time: a machine failed, or somebody was changing them meanwhile."""

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raises TypeError or KeyError for what is none of ours."""
        known = {name: data[name] for name in cls.__slots__}
        return cls(**known | {"warnings": tuple(known["warnings"]), "errors": tuple(known["errors"])})


@dataclass(frozen=True, slots=True)
class Finished:
    """What the last step of a lesson sends back: the result, and the pieces it had to fetch or make on the way."""

    result: LessonResult
    gathered: tuple[Made, ...]


def told(problems: Sequence[Problem]) -> tuple[dict[str, Any], ...]:
    """Problems in words of all three languages, for records that are read elsewhere and later."""
    return tuple(_told(problem) for problem in problems)


def _told(problem: Problem) -> dict[str, Any]:
    place = problem.place
    return {
        "code": problem.code,
        "severity": problem.severity,
        "where": {"path": place.file, "line": place.line, "column": place.column} if place else None,
        "message": {language: what(problem, language) for language in LANGUAGES},
        "remedy": {language: remedy(problem, language) or "" for language in LANGUAGES},
    }
