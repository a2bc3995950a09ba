"""What a season's batch has come to: `batch.json` for programs, and with it `index.html` for people (see gallery.py).

The summary belongs to the output folder, not to one run: whoever builds one corrected lesson sees the season with that
lesson mended. It has no clock, host or path of a machine in it; the same results give the same bytes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Protocol, get_args

from pipeline.batch.model import BAD, REFUSED, LessonResult, Outcome, told
from pipeline.errors import Problem
from pipeline.render.cache import Cache
from pipeline.specs import LANGUAGES

FORMAT = 1
BATCH = "batch.json"
PAGE = "index.html"
MOST_BYTES = 256_000_000
"""Of a summary that is read back: a season of 2,000 lessons takes about 3 MB."""
LONGEST_TEXT = 4000
MOST_PROBLEMS = 200
"""Of a lesson, errors and warnings each: what nobody reads to its end is cut off."""
READERS = 8
"""Files of an output folder read side by side: on storage each takes a round trip."""

_OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_UNDONE: frozenset[Outcome] = frozenset({"failed", "not-run"})
_ASIDE: frozenset[Outcome] = frozenset({"left-alone", "not-run", "failed"})
"""Outcomes of lessons that nobody made anything of in this run: what is known of them is known from before."""
_FPS = re.compile(r"[1-9]\d{0,6}(/[1-9]\d{0,6})?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SEVERITIES = {"error", "warning", "note"}
_MOST = 1 << 53
"""Whole numbers beyond are not the same in every reader of JSON."""


class Shelf(Protocol):
    """What a summary needs of an output folder (pipeline.batch.storage.Output has it). Names are relative to it;
    `read` gives None for what is not there and may be called from several threads; `write` is whole or not at all.
    """

    def read(self, name: str, /) -> bytes | None: ...
    def write(self, name: str, data: bytes, /) -> object: ...


def write_summary(
    output: Shelf, results: Sequence[LessonResult], run: Mapping[str, Any], cache: Cache, language: str
) -> tuple[Problem, ...]:
    """Write `batch.json` and `index.html`, and return what a person should know about it (notes).

    `run`: {run (its number), outcome, seconds, workers (how many), versions}, all but the number may be missing.
    Lessons of earlier runs stay as long as their films do. Raises what `output` raises.
    """
    from pipeline.batch.gallery import gallery
    from pipeline.batch.posters import thumbnails

    earlier, notes = _earlier(output)
    batch = summarise(results, run, earlier, _presence(output), notes)
    pictures = thumbnails(output, [each["film"] for each in batch["lessons"] if each["film"]], cache)
    # batch.json last: where one lies there is a gallery too, whenever the driver is killed.
    output.write(PAGE, gallery(batch, language, pictures).encode("utf-8", "backslashreplace"))
    output.write(BATCH, batch_bytes(batch))
    return tuple(notes)


def summarise(
    results: Sequence[LessonResult],
    run: Mapping[str, Any],
    earlier: Sequence[Mapping[str, Any]] = (),
    present: Callable[[Iterable[str]], frozenset[str]] = frozenset,
    notes: Sequence[Problem] = (),
) -> dict[str, Any]:
    """The batch as plain data (specs/schemas/batch.schema.json): this run's results, and the lessons of `earlier` that
    it did not see. `present` tells which of some film folders still hold a film.
    """
    number = _whole(run["run"])
    before = {each["id"]: each for each in earlier}
    lessons: list[Mapping[str, Any]] = [_record(each.to_json(), number) for each in results]
    seen, scripts = {each["id"] for each in lessons}, {each["script"] for each in lessons}
    kept = [each for each in earlier if each["id"] not in seen and not _renamed(each, scripts)]
    inherited = [before[each["id"]] for each in lessons if each["id"] in before and each["outcome"] in _ASIDE]
    there = present({each["film"]["folder"] for each in (*kept, *inherited) if each["film"]})
    lessons = [_with_past(each, before, there) for each in lessons]
    lessons += [each for each in (_still(each, there) for each in kept) if each is not None]
    lessons.sort(key=_order)
    return {
        "format": FORMAT,
        "run": _run(run, number, results),
        "totals": _totals(lessons),
        "notes": [_problem(each) for each in told(notes)],
        "lessons": lessons,
    }


def batch_bytes(batch: Mapping[str, Any]) -> bytes:
    """The file: JSON with one lesson a line, so that two runs can be compared line by line."""
    heads = [f'"{name}": {_dumped(value)}' for name, value in batch.items() if name != "lessons"]
    lessons = ",\n".join(_dumped(each) for each in batch["lessons"])
    return "".join(["{\n", *(f"{each},\n" for each in heads), f'"lessons": [\n{lessons}\n]\n}}\n']).encode()


def read_batch(raw: bytes) -> dict[str, Any]:
    """A batch.json, judged before it is believed. Raises ValueError for what is none of ours."""
    if len(raw) > MOST_BYTES:
        raise ValueError(len(raw))
    try:
        data = json.loads(raw, parse_constant=_no_number)
        if data["format"] != FORMAT:
            raise ValueError(data["format"])
        lessons = [_record(each, _whole(each["run"])) for each in data["lessons"]]
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return {**data, "lessons": lessons}


# What was there before ---------------------------------------------------------------------------


def _earlier(output: Shelf) -> tuple[list[dict[str, Any]], list[Problem]]:
    raw = output.read(BATCH)
    if raw is None:
        return [], []
    try:
        lessons: list[dict[str, Any]] = read_batch(raw)["lessons"]
    except ValueError:
        return [], [Problem("gallery.begun-anew", None, {"name": BATCH}, "note")]
    return lessons, []


def _presence(output: Shelf) -> Callable[[Iterable[str]], frozenset[str]]:
    """Which folders still hold a film: its manifest is the last that comes, or its poster is there."""

    def holds(folder: str) -> bool:
        return any(output.read(f"{folder}/{name}") is not None for name in ("manifest.json", "poster.jpg"))

    def present(folders: Iterable[str]) -> frozenset[str]:
        named = sorted(folders)
        if not named:
            return frozenset()
        with ThreadPoolExecutor(READERS) as pool:
            return frozenset(name for name, there in zip(named, pool.map(holds, named), strict=True) if there)

    return present


def _renamed(lesson: Mapping[str, Any], scripts: frozenset[str] | set[str]) -> bool:
    """Whether a failure of before is one of this run's lessons, which has been given another id since."""
    return not lesson["film"] and "/" in lesson["script"] and lesson["script"] in scripts


def _still(lesson: Mapping[str, Any], there: frozenset[str]) -> Mapping[str, Any] | None:
    """A lesson that this run did not see: as it was, or None when its film has gone.

    One without a film has nothing that could be gone, and a failure must not vanish because another lesson was built.
    """
    film = lesson["film"]
    if film is None or film["folder"] in there:
        return lesson
    return {**lesson, "film": None} if lesson["outcome"] in _UNDONE else None


def _with_past(record: Mapping[str, Any], before: Mapping[str, Any], there: frozenset[str]) -> Mapping[str, Any]:
    """A lesson of this run, with what only an earlier one knows: what it is about, the film that still lies there."""
    past = before.get(record["id"])
    if past is None or record["outcome"] not in _ASIDE:
        return record
    old = past["film"] if past["film"] and past["film"]["folder"] in there else None
    known = {**record, "facts": record["facts"] or past["facts"], "film": record["film"] or old}
    if record["outcome"] == "left-alone":
        # Nothing of it changed, so what was wrong with it still is.
        kept = {name: past[name] for name in ("outcome", "warnings", "errors")} if past["outcome"] in BAD else {}
        return {**known, "warnings": record["warnings"] or past["warnings"], **kept}
    if known["film"] and is_refused(known["film"]):
        known["film"] = None
    return known


# One lesson --------------------------------------------------------------------------------------


def _record(data: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A lesson as batch.json has it, from a result or from an earlier batch.json: typed, bounded, and of no machine."""
    film, home = data["film"], _home(str(data["script"]))
    return {
        "id": _text(data["id"], 200),
        "script": _script(_text(data["script"])),
        "outcome": _one_of(data["outcome"], _OUTCOMES),
        "run": number,
        "facts": _facts(data["facts"]),
        "film": None if film is None else _film(film, str(data["id"])),
        "warnings": [_problem(each, home) for each in data["warnings"][:MOST_PROBLEMS]],
        "errors": [_problem(each, home) for each in data["errors"][:MOST_PROBLEMS]],
        "segments": _whole(data["segments"]),
        "encoded": _whole(data["encoded"]),
        "seconds": _number(data["seconds"]),
        "attempts": _whole(data["attempts"]),
    }


def _facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """Empty of a script that could not be read."""
    if not data:
        return {}
    return {
        "language": _one_of(data["language"], ("kk", "ru")),
        "grade": _whole(data["grade"], 11),
        "subject": {"id": _text(data["subject"]["id"], 100), "name": _text(data["subject"]["name"], 300)},
        "topic": _text(data["topic"], 1000),
        "teacher": _text(data["teacher"], 300),
    }


def _film(data: Mapping[str, Any], lesson: str) -> dict[str, Any]:
    # These become addresses on a page: nothing may lead out of the output folder.
    poster = data["poster"]
    if poster and _SHA256.fullmatch(poster) is None:
        raise ValueError(poster)
    if _FPS.fullmatch(data["fps"]) is None:
        raise ValueError(data["fps"])
    outputs = data["outputs"]
    return {
        "folder": _one_of(data["folder"], (_plain_name(lesson), f"{REFUSED}/{lesson}")),
        "name": _plain_name(data["name"]),
        "bytes": _whole(data["bytes"]),
        "frames": _whole(data["frames"]),
        "fps": data["fps"],
        "loudness": None if data["loudness"] is None else _number(data["loudness"]),
        "peak": None if data["peak"] is None else _number(data["peak"]),
        "poster": poster,
        "outputs": [_plain_name(each) for each in outputs[:100]],
    }


def _problem(data: Mapping[str, Any], home: str = "") -> dict[str, Any]:
    """A told problem; `home` is the folder of the script, which no reader of a summary has."""
    where, remedy = data["where"], data.get("remedy") or {}
    place = None
    if where is not None:
        place = {
            "path": _script(_text(where["path"])),
            "line": _whole(where["line"]),
            "column": _whole(where["column"]),
        }
    return {
        "code": _text(data["code"], 100),
        "severity": _one_of(data["severity"], _SEVERITIES),
        "where": place,
        "message": {each: _text(_homeless(data["message"][each], home)) for each in LANGUAGES},
        "remedy": {each: _text(_homeless(remedy.get(each, ""), home)) for each in LANGUAGES},
    }


def is_refused(film: Mapping[str, Any]) -> bool:
    """Whether a film lies among those that our own check found errors in."""
    return str(film["folder"]).startswith(f"{REFUSED}/")


def _script(named: str) -> str:
    """A script as people know it: as it was named; of a path that only one machine has, its folder and its name."""
    if "://" in named:
        scheme, _, rest = named.partition("://")
        place, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
        if scheme != "file":
            return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}"
        named = f"/{path}"
    windows = PureWindowsPath(named)
    if named.startswith("/"):
        return "/".join(PurePosixPath(named).parts[1:][-2:])
    return "/".join(windows.parts[1:][-2:]) if windows.drive else named


def _home(script: str) -> str:
    return script.rpartition("/")[0] + "/" if script.startswith("/") else ""


def _homeless(text: Any, home: str) -> str:
    if not isinstance(text, str):
        raise TypeError(text)
    return text.replace(home, "") if len(home) > 1 else text


# The whole ---------------------------------------------------------------------------------------


def _run(run: Mapping[str, Any], number: int, results: Sequence[LessonResult]) -> dict[str, Any]:
    counts = Counter(each.outcome for each in results)
    return {
        "number": number,
        "outcome": _text(run.get("outcome", "incomplete"), 40),
        "seconds": _number(run.get("seconds", 0)),
        "workers": _whole(run.get("workers", 0)),
        "counts": {each: counts[each] for each in _OUTCOMES},
        "versions": {_text(name, 60): _text(each, 200) for name, each in sorted(run.get("versions", {}).items())},
    }


def _totals(lessons: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    # What of an earlier version still lies beside a failed lesson is not ready for air.
    films = [each["film"] for each in lessons if each["film"] and each["outcome"] not in BAD]
    return {
        "lessons": len(lessons),
        "films": len(films),
        "seconds": round(float(sum(seconds_of(each) for each in films)), 3),
        "bytes": sum(each["bytes"] for each in films),
    }


def seconds_of(film: Mapping[str, Any]) -> Fraction:
    """How long a film is, exactly."""
    return int(film["frames"]) / Fraction(film["fps"])


def _order(lesson: Mapping[str, Any]) -> tuple[Any, ...]:
    facts = lesson["facts"]
    about = (facts["grade"], facts["subject"]["id"], facts["language"]) if facts else (99, "", "")
    return (*about, lesson["id"], lesson["script"])


def _dumped(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "), allow_nan=False)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    # What hides or turns text over is written out: the file is also read by people.
    return text if text.isprintable() else "".join(_escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char if char.isprintable() or char == "\N{NO-BREAK SPACE}" else json.dumps(char)[1:-1]


# Judging values ----------------------------------------------------------------------------------


def _text(value: Any, most: int = LONGEST_TEXT) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value if len(value) <= most else f"{value[: most - 1]}…"


def _whole(value: Any, most: int = _MOST) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(value)
    return value


def _number(value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _MOST:
        raise ValueError(value)
    return value


def _one_of(value: Any, known: Iterable[Any]) -> Any:
    if value not in known:
        raise ValueError(value)
    return value


def _plain_name(value: Any) -> str:
    """A name that is one step of a path, and nothing else."""
    name = _text(value, 255)
    if name != value or name in {"", ".", ".."} or any(char in name for char in "/\\\0"):
        raise ValueError(name)
    return name


def _no_number(name: str) -> float:
    raise ValueError(name)
