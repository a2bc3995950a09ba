"""What a package finds out about the people who use it (E10): trackers, beacons, devices, fingerprints, forms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.checks.package import PackageSubject
from pipeline.checks.registry import Limits, rule
from pipeline.package.forms import asks_for
from pipeline.package.markup import CAPTURE
from pipeline.package.model import Call, ScriptFacts
from pipeline.package.trackers import Tracker, ids_in, set_up_by, tracker_of_url
from pipeline.reports.model import Finding

_LOOKED_AT = {"link", "namespace"}
"""Uses that no page carries out by itself: a person may follow a link to a tracker's own site."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Where a tracker was met. `sure`: the page talks to it or sets it up; otherwise its address is just written."""

    tracker: Tracker
    file: str
    line: int
    column: int
    shown: str
    sure: bool
    alone: bool = True
    """It tells by itself; otherwise only beside another sign of the same service."""


@rule("PRV-001")
def no_trackers(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E10: services that count or follow people; one finding a service, at its surest place."""
    found: dict[str, list[_Evidence]] = {}
    for each in (*_in_pages(package), *_in_scripts(package, limits["library_bytes"])):
        found.setdefault(each.tracker.id, []).append(each)
    for evidence in found.values():
        if not any(each.alone for each in evidence):
            continue
        best = max(evidence, key=lambda each: each.sure)
        yield Finding(
            measured=best.shown[:200],
            variant="" if best.sure else "mentioned",
            severity=None if best.sure else "warning",
            place=package.place(best.file, best.line, best.column),
            fields={"tracker": best.tracker.name, "places": len(evidence)},
        )


def _in_pages(package: PackageSubject) -> Iterator[_Evidence]:
    for file, reference in package.markup_references:
        if reference.use in _LOOKED_AT or reference.use == "mention":
            continue
        tracker = tracker_of_url(reference.url)
        if tracker is not None:
            yield _Evidence(tracker, file, reference.line, reference.column, reference.url, sure=True)


def _in_scripts(package: PackageSubject, library_bytes: int) -> Iterator[_Evidence]:
    for file, facts, inline in package.scripts:
        if not inline and package.library(file) is not None:
            continue
        own = inline or package.tree.size(file) < library_bytes
        yield from _addresses(file, facts, own=own)
        yield from _set_ups(file, facts)


def _addresses(file: str, facts: ScriptFacts, *, own: bool) -> Iterator[_Evidence]:
    """Addresses in a script. In a large file one that is only mentioned may belong to a library nobody set up."""
    for reference in facts.references:
        tracker = tracker_of_url(reference.url) if reference.use not in _LOOKED_AT else None
        if tracker is not None:
            sure = own or reference.use != "mention"
            yield _Evidence(tracker, file, reference.line, reference.column, reference.url, sure=sure)
    for call in facts.calls:
        tracker = tracker_of_url(call.argument) if call.argument and call.name == "navigator.sendBeacon" else None
        if tracker is not None:
            yield _Evidence(tracker, file, call.line, call.column, call.argument or "", sure=True)


def _set_ups(file: str, facts: ScriptFacts) -> Iterator[_Evidence]:
    for call in facts.calls:
        tracker = set_up_by(call)
        if tracker is not None:
            shown = ", ".join(each for each in (call.argument, *call.more) if each)
            yield _Evidence(tracker, file, call.line, call.column, f"{call.name}({shown})", sure=True)
    for tracker, text, line, column, alone in ids_in(facts):
        yield _Evidence(tracker, file, line, column, text, sure=True, alone=alone)


@rule("PRV-002")
def no_beacons(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E10: sendBeacon exists to report on people as they leave; trackers are PRV-001's."""
    for file, call in _calls(package, {"navigator.sendBeacon"}):
        if call.argument and tracker_of_url(call.argument):
            continue
        host = _host(call.argument)
        yield Finding(
            measured=host or call.argument,
            variant="" if host else "unknown",
            severity=None if host else "warning",
            place=package.place(file, call.line, call.column),
        )


@rule("PRV-003")
def no_watching_devices(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E10: camera, microphone, place and other devices that tell of a person; once a script each.

    Of a script that no page asks for (libraries come with several versions of themselves) it is only noted.
    """
    seen: set[str] = set()
    for file, field in package.fields:
        if field.kind == CAPTURE and file not in seen:
            seen.add(file)
            yield Finding(
                measured="<input capture>", variant="field", place=package.place(file, field.line, field.column)
            )
    for file, call in _once(_calls(package, limits["calls"])):
        yield Finding(
            measured=call.name,
            variant=limits["calls"][call.name],
            severity=None if file in package.useful else "note",
            place=package.place(file, call.line, call.column),
        )


@rule("PRV-004")
def no_fingerprints(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E10: many properties of a device read together tell one device from all others."""
    weights = limits["weights"]
    for file, facts, inline in package.scripts:
        if not inline and package.library(file) is not None:
            continue
        first = {call.name.removesuffix("="): call for call in reversed(facts.calls)}
        read = sorted(set(first) & set(weights))
        small = inline or package.tree.size(file) <= limits["small_bytes"]
        if sum(weights[name] for name in read) >= limits["small_score" if small else "score"]:
            start = min((first[name] for name in read), key=lambda call: (call.line, call.column))
            yield Finding(
                measured=", ".join(read),
                place=package.place(file, start.line, start.column),
                fields={"count": len(read)},
            )


@rule("PRV-005")
def storage_is_known(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E10: cookies and storage keep data on the pupil's device; once for each kind."""
    seen: set[str] = set()
    for file, call in _calls(package, limits["calls"]):
        if call.name not in seen:
            seen.add(call.name)
            yield Finding(measured=call.name.rstrip("="), place=package.place(file, call.line, call.column))


@rule("PRV-006")
def forms_ask_for_nothing_personal(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E10: fields and questions for names, phones, addresses; once a page and kind."""
    seen: set[tuple[str, str]] = set()
    for file, field in package.fields:
        what = asks_for(field.kind, field.words, field.shown)
        if what is not None and (file, what) not in seen:
            seen.add((file, what))
            yield Finding(measured=what, variant=what, place=package.place(file, field.line, field.column))
    for file, call in _calls(package, {"prompt"}):
        what = asks_for("text", "", call.argument) if call.argument else None
        if what is not None and (file, what) not in seen:
            seen.add((file, what))
            yield Finding(measured=what, variant=what, place=package.place(file, call.line, call.column))


def _calls(package: PackageSubject, names: Iterable[str]) -> Iterator[tuple[str, Call]]:
    """Calls of these names, but for those inside well-known libraries."""
    wanted = set(names)
    for file, facts, inline in package.scripts:
        if inline or package.library(file) is None:
            yield from ((file, call) for call in facts.calls if call.name in wanted)


def _once(calls: Iterator[tuple[str, Call]]) -> Iterator[tuple[str, Call]]:
    seen: set[tuple[str, str]] = set()
    for file, call in calls:
        if (file, call.name) not in seen:
            seen.add((file, call.name))
            yield file, call


def _host(url: str | None) -> str:
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
