"""telesabaq build: one film in this process; several, or any on storage or a cluster, as a batch."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.options import profile_option, structure_option
from pipeline.cli.speak import Speaker

if TYPE_CHECKING:
    from pipeline.batch.run import BatchReport, Order
    from pipeline.render.build import Built, Options


@click.command("build")
@click.argument("lessons", nargs=-1, required=True)
@click.option("-o", "--out", default="out", show_default=True, help="Folder or address (s3://…) for the films.")
@profile_option
@structure_option
@click.option("--jobs", type=click.IntRange(1, 256), help="Encoders side by side (default: as cores and memory allow).")
@click.option("--explain", is_flag=True, help="List what was made again, and why.")
@click.option("--allow-code", is_flag=True, help="Run the Python files of animation: items. Only for your own lessons.")
@click.option("--scheduler", metavar="ADDRESS", help="Work on the Dask workers of this scheduler: tcp://host:8786.")
@click.option(
    "--keep-going/--fail-fast", default=True, show_default=True, help="When a lesson fails: make the others, or stop."
)
@click.option("--only-changed", is_flag=True, help="Leave lessons alone whose files are as at the last run.")
@click.option("--dry-run", is_flag=True, help="Tell what would be made, and make nothing.")
@click.option("--dashboard", is_flag=True, help="Serve Dask's dashboard while working.")
@click.option(
    "--check",
    type=click.Choice(["quick", "full", "off"]),
    help="Check films before they are published: without decoding (default of a batch), decoded whole, not at all.",
)
@click.option("--check-profile", default="platform", show_default=True, help="By which rules: see telesabaq check.")
@click.pass_obj
def command(
    lang: str | None,
    lessons: tuple[str, ...],
    out: str,
    profile: str,
    structure: str,
    jobs: int | None,
    explain: bool,
    allow_code: bool,
    scheduler: str | None,
    keep_going: bool,
    only_changed: bool,
    dry_run: bool,
    dashboard: bool,
    check: Any,
    check_profile: str,
) -> None:
    """Make the films of LESSONS: lesson folders, scripts, folders full of lessons, or addresses (s3://…) of such.

    Exit codes: 0 all films are there, 1 some are not, 2 wrong use, 3 our own failure, 130 interrupted.
    """
    from pipeline.specs import load_profile, load_structure

    speaker = Speaker(lang)
    of_a_batch = scheduler or only_changed or dry_run or dashboard or check or "://" in out
    script = None if of_a_batch else _only_one(lessons)
    if script is not None:
        from pipeline.render.build import Options
        from pipeline.render.engine import cores

        options = Options(
            load_structure(structure), load_profile(profile), jobs or cores(), allow_code, structure, profile
        )
        sys.exit(_build_one(speaker, script, Path(out), options, explain=explain))
    from pipeline.batch.model import BatchOptions
    from pipeline.batch.run import Order

    order = Order(
        named=lessons,
        options=BatchOptions(
            out=out,
            structure=load_structure(structure),
            profile=load_profile(profile),
            allow_code=allow_code,
            check=check or "quick",
            check_profile=check_profile,
            explain=explain,
            structure_name=structure,
            profile_name=profile,
        ),
        jobs=jobs,
        scheduler=scheduler,
        keep_going=keep_going,
        only_changed=only_changed,
        dashboard=dashboard,
        language=speaker.language,
    )
    sys.exit(_preview(speaker, order) if dry_run else _build_all(speaker, order))


def _only_one(lessons: tuple[str, ...]) -> Path | None:
    """The script, where exactly one on this machine is named."""
    if any("://" in each for each in lessons):
        return None
    from pipeline.lesson.find import find_lessons

    found = find_lessons([Path(each) for each in lessons])
    return found[0] if len(found) == 1 else None


# One film ----------------------------------------------------------------------------------------


def _build_one(speaker: Speaker, script: Path, out: Path, options: Options, *, explain: bool) -> int:
    from pipeline.cli.show import Live, Plain
    from pipeline.errors import InternalError, TelesabaqError
    from pipeline.memory import keep_freed_memory
    from pipeline.render.build import build
    from pipeline.render.cache import Cache

    keep_freed_memory()
    console = speaker.console
    show = Live(console, speaker.language, float(options.structure.fps)) if console.is_terminal else None
    started = time.monotonic()
    with show or Plain(console, speaker.language) as progress:
        try:
            built = build(script, out, options, Cache(), progress)
        except TelesabaqError as error:
            speaker.problems(error.problems)
            speaker.say("build.failed", lesson=script)
            return 3 if isinstance(error, InternalError) else 1
    _report(speaker, built, time.monotonic() - started, explain=explain)
    return 0


def _report(speaker: Speaker, built: Built, seconds: float, *, explain: bool) -> None:
    from pipeline.timecode import exact

    fps = exact(built.manifest["film"]["fps"])
    speaker.problems(built.problems)
    if explain:
        _explain(speaker, [each.to_json(fps) for each in built.remade])
    code = "build.up-to-date" if built.up_to_date else "build.done"
    film = built.manifest["film"]
    loudness = built.manifest["sound"]["loudness"]
    speaker.say(
        code,
        lesson=built.lesson_id,
        film=built.film,
        storyboard=built.folder / "storyboard.jpg",
        manifest=built.folder / "manifest.json",
        megabytes=f"{film['bytes'] / 1e6:.1f}",
        loudness="—" if loudness is None else f"{loudness:.1f}",
        seconds=f"{seconds:.1f}",
    )


def _explain(speaker: Speaker, reasons: Any) -> None:
    if not reasons:
        speaker.say("explain.nothing")
    for each in reasons:
        speaker.say("explain.line", at=each["at"], label=speaker.name(each["label"]), frames=each["frames"])
        speaker.say(each["reason"], before=each["before"], after=each["after"])


# A batch -----------------------------------------------------------------------------------------


def _build_all(speaker: Speaker, order: Order) -> int:
    from pipeline.batch.run import run_batch
    from pipeline.cli.show_batch import report, show_batch

    fps = float(order.options.structure.fps)
    with _interruptible() as asked, show_batch(speaker, fps, out=order.options.out) as watcher:
        done = run_batch(order, watcher, asked.is_set)
    _tell_reasons(speaker, order, done)
    interrupted = done.outcome == "interrupted"
    report(speaker, done.results, done.seconds, order.options.out, interrupted=interrupted, summed_up=done.summed_up)
    return 130 if done.outcome == "interrupted" else done.exit_code


def _tell_reasons(speaker: Speaker, order: Order, done: BatchReport) -> None:
    if order.options.explain:
        for each in done.results:
            if each.outcome in {"made", "refused"}:
                speaker.say("explain.lesson", lesson=each.id)
                _explain(speaker, done.remade.get(each.id, ()))


def _preview(speaker: Speaker, order: Order) -> int:
    from pipeline.batch.run import preview_batch
    from pipeline.cli.show_batch import show_batch, show_plan

    fps = float(order.options.structure.fps)
    with show_batch(speaker, fps, out=order.options.out) as watcher:
        preview = preview_batch(order, watcher)
    planned = [work.planned for work in preview.plan.works]
    unchanged = len(preview.unchanged) + len(preview.plan.unchanged)
    show_plan(speaker, planned, unchanged=unchanged, failed=preview.failures, told=True)
    return int(bool(preview.failures))


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Ctrl-C and a polite kill ask the batch to end in order; asked a second time, they end it at once."""
    asked = threading.Event()

    def ask(number: int, _frame: object) -> None:
        asked.set()
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
