"""Makes damaged files of every kind, has them judged as a stranger's are, and tells what went wrong with the judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from pipeline.checks.confine import Bounds
from pipeline.checks.run import CheckOptions, check_paths
from tests.fuzz.mutate import MOST_BYTES, mutated, mutated_inside
from tests.unit.checks.corpus import cases

SAMPLES = Path(__file__).parents[2] / "sample_lessons"
BOUNDS = Bounds(seconds=60)

_ENDINGS = (".jpg", ".png", ".svg", ".gif", ".mp3", ".wav", ".mp4", ".mov", ".zip", ".vtt", ".srt", ".html", "")


@dataclass(frozen=True)
class Trouble:
    """The checker's own failure on one damaged file. `number` and the seed make the file again."""

    number: int
    name: str
    what: str


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """Sound and faulty files to start from: name and bytes, at most MOST_BYTES each."""
    found = [(path.name, path.read_bytes()) for path in sorted(SAMPLES.rglob("*")) if _is_small(path)]
    with TemporaryDirectory() as folder:
        for number, case in enumerate(cases()):
            own = Path(folder) / str(number)
            own.mkdir()
            laid = case.lay(own)
            files = [laid] if laid.is_file() else [path for path in sorted(laid.rglob("*")) if path.is_file()]
            found += [(path.name, path.read_bytes()) for path in files if _is_small(path)]
    return tuple(found)


def _is_small(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and 0 < path.stat().st_size <= MOST_BYTES


def damaged(seed: int, number: int) -> tuple[str, bytes]:
    """File `number` of a run: always the same for the same seed."""
    chance = Random(f"{seed}:{number}")  # noqa: S311  # to be had again, not to be secret
    # A kind is drawn first: the corpus holds far more of some than of others.
    endings = sorted({_ending(name) for name, _ in seeds()})
    ending = chance.choice(endings)
    name, data = chance.choice([each for each in seeds() if _ending(each[0]) == ending])
    _, other = chance.choice(seeds())
    inside = ending == ".zip" and chance.random() < 0.6
    data = mutated_inside(data, other, chance) if inside else mutated(data, other, chance)
    if chance.random() < 0.1:
        name = f"{Path(name).stem}{chance.choice(_ENDINGS)}"
    return name, data


def _ending(name: str) -> str:
    return name if name.endswith(".yaml") else Path(name).suffix.lower()


def hunt(seed: int, numbers: range, folder: Path, jobs: int = 1) -> Iterator[Trouble]:
    """Judge these files in one check; only what befell the checker is told, whatever the verdicts were.

    `folder` must be the current one: reports then name the files by their numbers.
    """
    paths = [kept(folder, seed, number) for number in numbers]
    report = check_paths(paths, CheckOptions(jobs=jobs, bounds=BOUNDS))
    judged = {_number(subject.path) for subject in report.subjects}
    for subject, finding in report.findings():
        if finding.rule == "RUN-001" and finding.variant != "too-large":
            yield Trouble(_number(subject.path), subject.path, f"{finding.variant} {dict(finding.fields)}")
    for number in set(numbers) - judged:
        yield Trouble(number, damaged(seed, number)[0], "has no verdict")


def _number(shown: str) -> int:
    return int(shown.partition("/")[0])


def kept(folder: Path, seed: int, number: int) -> Path:
    """Write one file of a run; its path."""
    name, data = damaged(seed, number)
    path = folder / str(number) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
