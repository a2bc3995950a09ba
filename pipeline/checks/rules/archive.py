"""Rules of archives: what a ZIP from a stranger must not do to the one who opens it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipeline.checks.archive import RULES, Caps, ZippedSubject
from pipeline.checks.kinds import claimed, extension_of
from pipeline.checks.members import ZIP_BEGINS, archive_format, members_of, nested
from pipeline.checks.names import printable
from pipeline.checks.registry import Limits, rule
from pipeline.checks.subject import Blocked, Kind, Subject
from pipeline.errors import Severity
from pipeline.media.foreign import foreign
from pipeline.package.zip_records import Concern, Fault
from pipeline.reports.model import Finding

_TOLD_BY_READING = ("bomb", "whole", "around")
"""Concerns about which reading the entries to their ends tells more."""

_SHOWN = {Kind.PICTURE, Kind.SOUND, Kind.VIDEO}


@rule("ARC-001")
def is_a_zip(subject: ZippedSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E1: an application is a ZIP archive, by its content and by its name."""
    fatal = subject.archive.fatal
    extension = extension_of(subject.name)
    if fatal is not None and fatal.concern == "form":
        found = foreign(subject.head)
        real = "TAR" if archive_format(subject.head) == "TAR" else found.name if found and found.name else ""
        variant = "html" if found and found.nature == "html" else ("" if real else "unknown")
        yield Finding(variant=variant, measured=real, expected="ZIP")
    elif extension != "zip" and (not subject.task.file.settled or _is_called_another(subject, limits)):
        variant = "misnamed" if extension else "without-extension"
        yield Finding(variant=variant, measured=f".{extension}", expected=".zip")


def _is_called_another(subject: ZippedSubject, limits: Limits) -> bool:
    """Whether an archive inside another has the name of something else. What is that too is told by ARC-005."""
    return extension_of(subject.name) in limits["other_formats"] and subject.head.startswith(ZIP_BEGINS)


@rule("ARC-002")
def is_no_bomb(subject: ZippedSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: what an archive unpacks to is bounded, and as much as it says."""
    subject.caps = caps = Caps.of(limits)
    if subject.plain:
        over = [] if subject.archive.fatal else list(subject.over(caps))
        yield from _findings(subject, over, {}) if over else _told(subject, "bomb")
        if over or subject.archive.fatal:
            return
    inside = nested(subject)
    file = subject.task.file
    if subject.kind is Kind.ARCHIVE and not file.settled and file.depth >= caps.depth:
        yield Finding(variant="depth", expected=caps.depth, fields=_named(subject.name))
    elif inside and file.depth >= caps.depth:
        yield Finding(variant="depth", expected=caps.depth, fields=_named(inside[0].name))
    elif len(inside) > caps.nested:
        yield Finding(variant="nested", measured=len(inside), expected=caps.nested)


@rule("ARC-003")
def is_whole(subject: ZippedSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: the archive is complete, and every entry unpacks to the bytes that were packed."""
    yield from _told(subject, "whole")


@rule("ARC-004")
def records_agree(subject: ZippedSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: the directory and the entries' own headers tell the same, so that all programs open the same."""
    yield from _told(subject, "records")


@rule("ARC-005")
def nothing_is_hidden_around(subject: ZippedSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: no bytes before, between or behind the entries, and no files in comments."""
    shows = subject.task.file.settled and claimed(subject.name) in _SHOWN
    for found in _told(subject, "around"):
        # Of a picture in a package that is an archive as well, the archive is what does not belong there.
        yield replace(found, variant="behind-media") if shows and found.variant == "prefix" else found


@rule("ARC-006")
def paths_stay_inside(subject: ZippedSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: names lead to places inside the folder that the archive is unpacked to."""
    yield from _told(subject, "path", milder=("dots",))


@rule("ARC-007")
def holds_plain_files(subject: ZippedSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: no links, pipes or devices."""
    yield from _told(subject, "link")


@rule("ARC-008")
def is_not_encrypted(subject: ZippedSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: what needs a password cannot be judged."""
    yield from _told(subject, "encrypted")


@rule("ARC-009")
def names_stand_for_one_file(subject: ZippedSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: no name is there twice, and no file is a folder at once."""
    yield from _told(subject, "twice")


@rule("ARC-010")
def methods_are_common(subject: ZippedSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: entries are stored or deflated, which every program opens."""
    yield from _told(subject, "method", milder=("uncommon",))


@rule("ARC-011")
def names_are_marked_as_utf8(subject: ZippedSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: names come out with the same letters everywhere."""
    yield from _told(subject, "letters", noted=("unix",))


@rule("ARC-012")
def archives_inside_are_zips(subject: Subject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E1 and E6: what is inside can be looked into."""
    for each in members_of(subject):
        if name := archive_format(each.head):
            yield Finding(measured=name, place=each.place, fields=_named(each.name))


def _told(
    subject: ZippedSubject, concern: Concern, milder: tuple[str, ...] = (), noted: tuple[str, ...] = ()
) -> Iterator[Finding]:
    """The faults of one concern. What a fatal fault keeps from being known is Blocked by its rule."""
    faults = [each for each in subject.archive.faults if each.concern == concern]
    fatal = subject.archive.fatal
    if not faults and fatal is not None:
        raise Blocked(RULES[fatal.concern])
    if fatal is None and concern in _TOLD_BY_READING and not any(subject.over(subject.caps)):
        faults += [each for each in subject.survey.faults if each.concern == concern]
    severities: dict[str, Severity] = {**dict.fromkeys(milder, "warning"), **dict.fromkeys(noted, "note")}
    yield from _findings(subject, faults, severities)


def _findings(subject: ZippedSubject, faults: list[Fault], severities: Mapping[str, Severity]) -> Iterator[Finding]:
    for each in faults:
        yield Finding(
            variant=each.variant,
            measured=each.measured,
            expected=each.expected,
            severity=severities.get(each.variant),
            place=subject.place(printable(each.entry)) if each.entry else None,
            fields={**_named(each.entry), "count": each.count},
        )


def _named(name: str) -> dict[str, str]:
    shown = printable(name)
    return {"name": shown if len(shown) <= 120 else f"{shown[:80]}…{shown[-30:]}"}
