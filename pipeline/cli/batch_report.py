"""A batch before and after: what would be made, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.batch.addresses import masked
from pipeline.batch.model import LessonResult, Planned
from pipeline.cli.batch_words import SIGNS, Words, clean, fitted_in, is_wrong, padded
from pipeline.cli.speak import Speaker
from pipeline.messages import say

AGAIN = 10
"""Lessons up to which failures are still in sight at the end, and not told again."""

FAILURES_TOLD = 100


def report(
    speaker: Speaker,
    results: Sequence[LessonResult],
    seconds: float,
    output: str,
    *,
    interrupted: bool = False,
    summed_up: bool = True,
) -> None:
    """The end of a batch: failures once more, counts, film made, speed, where gallery and record lie, how to go on.

    Where nothing changed since the last run, that is one line. `seconds` the batch took; `output`: the folder or URL of
    the films; `interrupted` by a person, not by a failure; `summed_up`: whether gallery and record could be written.
    """
    words, console = Words(speaker.language, output), speaker.console
    place = masked(output).rstrip("/")
    wrong = [each for each in results if is_wrong(each)]
    if summed_up and results and not wrong and all(each.outcome in {"unchanged", "left-alone"} for each in results):
        fields = {"all": words.number(len(results)), "time": words.time(seconds), "gallery": f"{place}/index.html"}
        _put(speaker, say("progress.nothing-changed", speaker.language, **fields))
        return
    _tell_again(speaker, words, [each for each in wrong if len(results) > AGAIN or each.outcome == "left-alone"])
    console.print()
    speaker.say("progress.summary", all=words.number(len(results)), time=words.time(seconds))
    _tell_counts(speaker, words, results)
    made = [each for each in results if each.outcome == "made"]
    film = sum(_film_seconds(each) for each in made)
    if film and seconds > 0:
        times, rate = words.times(film / seconds), words.number(round(3600 * len(made) / seconds))
        told = say("progress.film", speaker.language, film=words.time(film), times=times, rate=rate)
        _put(speaker, f"  {told}")
    labels = {name: say(f"progress.{name}", speaker.language) for name in ("gallery", "record")}
    wide = max(map(len, labels.values()))
    for name, file in (("gallery", "index.html"), ("record", "batch.json")) if summed_up else ():
        console.print(f"  {labels[name]:{wide}}  {place}/{file}", markup=False, soft_wrap=True)
    # What is our own fault says itself what to do.
    if any(not each.ours for each in wrong) and not interrupted:
        _put(speaker, say("status.mend", speaker.language))
    elif any(each.outcome == "not-run" for each in results):
        _put(speaker, say("status.go-on", speaker.language))


def _tell_again(speaker: Speaker, words: Words, wrong: Sequence[LessonResult]) -> None:
    """What went wrong and is out of sight, or was not told at all."""
    if not wrong:
        return
    speaker.console.print()
    speaker.say("progress.without-film")
    for each in wrong[:FAILURES_TOLD]:
        for line in words.result(each):
            for part in fitted_in(speaker.console, line):
                speaker.console.print(part, soft_wrap=True)
    if len(wrong) > FAILURES_TOLD:
        speaker.say("progress.more-in-record", count=words.number(len(wrong) - FAILURES_TOLD))


def _tell_counts(speaker: Speaker, words: Words, results: Sequence[LessonResult]) -> None:
    from rich.text import Text

    counts = Counter(each.outcome for each in results)
    shown = {words.outcome(each): (words.number(counts[each]), SIGNS[each][1]) for each in SIGNS if counts[each]}
    wide, right = (
        max((len(each) for each in some), default=0) for some in (shown, [each for each, _ in shown.values()])
    )
    for outcome, (count, style) in shown.items():
        speaker.console.print(Text(f"  {outcome:{wide}}  {count:>{right}}", style=style))


def _put(speaker: Speaker, text: str) -> None:
    from rich.text import Text

    for line in fitted_in(speaker.console, Text(text)):
        speaker.console.print(line, soft_wrap=True)


def _film_seconds(result: LessonResult) -> float:
    from pipeline.timecode import exact

    film = result.film or {}
    return float(int(film["frames"]) / exact(film["fps"])) if film.get("frames") and film.get("fps") else 0.0


PLAN_COLUMNS = 80
"""Columns of a plan, also in a log."""


def show_plan(
    speaker: Speaker,
    planned: Sequence[Planned],
    *,
    unchanged: int = 0,
    failed: Sequence[LessonResult] = (),
    fps: float | None = None,
    told: bool = False,
) -> None:
    """What a batch would do: each lesson to make with its missing segments, the longest first; sums; what cannot be.

    `unchanged`: lessons that were not even planned; those of `planned` that are up to date are added. `fps`: frames
    that an earlier batch got done in a second, all workers together, from its first frame to its last film. `told`: a
    display has told already what cannot be made; it is told again only if the list above hides it.
    """
    words, console = Words(speaker.language), speaker.console
    to_make = sorted(
        (each for each in planned if not each.up_to_date), key=lambda each: (-each.frames_to_encode, each.id)
    )
    if to_make:
        heads = [say(f"progress.plan-{name}", speaker.language) for name in ("lesson", "segments", "frames")]
        console.print(_row(heads[0], heads[1], heads[2]), markup=False, style="bold")
    for each in to_make:
        missing = words.of(len(each.missing), len({piece.key for piece in each.pieces}))
        console.print(_row(clean(each.id), missing, words.number(each.frames_to_encode)), markup=False)
    for result in failed if not told or len(to_make) > AGAIN else ():
        for line in words.result(result):
            for part in fitted_in(console, line):
                console.print(part, soft_wrap=True)
    if to_make or failed:
        console.print()
    pieces = {piece.key: piece.frames for each in to_make for piece in each.missing}
    frames = sum(pieces.values())
    wanted = Counter(piece.key for each in to_make for piece in each.missing)
    sums = {"to-make": words.number(len(to_make))}
    if to_make:
        sums["segments"] = words.number(len(pieces))
        sums["shared"] = words.number(sum(count > 1 for count in wanted.values()))
        sums["frames"] = words.number(frames)
    sums["unchanged"] = words.number(unchanged + len(planned) - len(to_make))
    sums["cannot"] = words.number(len(failed))
    if fps and to_make:
        sums["time"] = words.time(frames / fps)
    labels = {name: say(f"progress.plan-{name}", speaker.language) for name in sums}
    wide, right = max(map(len, labels.values())), max(map(len, sums.values()))
    for name, value in sums.items():
        style = "red" if name == "cannot" and failed else ""
        console.print(f"{labels[name]:{wide}}  {value:>{right}}", markup=False, style=style)


def _row(lesson: str, segments: str, frames: str) -> str:
    """Three columns: the name, and two of numbers to the right."""
    numbers = f"  {segments:>16}  {frames:>12}"
    return f"{padded(lesson, PLAN_COLUMNS - len(numbers))}{numbers}"
