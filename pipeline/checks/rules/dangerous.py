"""Rules of dangerous files (E6): by name, by content, and programs in documents. One file, one finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.checks.active import ActiveContent, Trouble
from pipeline.checks.dangerous import dangerous_name
from pipeline.checks.documents import active_content
from pipeline.checks.executables import executable_content
from pipeline.checks.members import Member, members_of
from pipeline.checks.names import printable
from pipeline.checks.registry import Limits, rule
from pipeline.checks.subject import NotApplicable, Subject
from pipeline.reports.model import Finding
from pipeline.rulebook import Basis


@rule("DNG-001")
def no_extension_of_the_list(subject: Subject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E6: no files with the extensions that the document lists."""
    yield from _by_name(subject, "order")


@rule("DNG-002")
def no_extension_of_their_kin(subject: Subject, limits: Limits) -> Iterator[Finding]:
    """Project policy: nor with others of the same families."""
    yield from _by_name(subject, "policy")


@rule("DNG-003")
def no_program_by_content(subject: Subject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E6: no executables, whatever they are called."""
    for each in _others(subject):
        found = _active(each)
        if found and found[0].trouble == "program":
            yield Finding(measured=found[0].detail, place=each.place, fields=_file(each))


@rule("DNG-004")
def no_program_in_a_document(subject: Subject, limits: Limits) -> Iterator[Finding]:
    """Project policy: no macros, no PDFs that start something, no objects that run when a document is opened."""
    milder: Mapping[Trouble, Any] = dict.fromkeys(limits["warnings"], "warning")
    for each in _others(subject):
        for found in _active(each):
            # That a plug-in of the past is one is told by its name.
            if found.trouble != "program" and not (found.trouble == "flash" and dangerous_name(each.name)):
                yield Finding(
                    variant=found.trouble,
                    severity=milder.get(found.trouble),
                    place=each.place,
                    fields={**_file(each), "inside": printable(found.detail)},
                )


def _by_name(subject: Subject, basis: Basis) -> Iterator[Finding]:
    for each in _all(subject):
        found = dangerous_name(each.name)
        if found is not None and found.basis == basis:
            yield Finding(
                variant="disguised" if found.disguised else found.in_hand,
                severity=found.severity,
                measured=found.extension,
                place=each.place,
                fields=_file(each),
            )


def _all(subject: Subject) -> tuple[Member, ...]:
    if not subject.plain and not members_of(subject):
        raise NotApplicable
    return members_of(subject)


def _others(subject: Subject) -> Iterator[Member]:
    """The files that are not refused for their names already."""
    names = ((each, dangerous_name(each.name)) for each in _all(subject))
    return (each for each, found in names if found is None or found.severity == "warning")


def _active(member: Member) -> tuple[ActiveContent, ...]:
    """The program that a file is, or what is in a document; looked into once for the two rules that ask."""
    known: tuple[ActiveContent, ...] | None = member.__dict__.get("active_content")
    if known is None:
        program = executable_content(member.head, member.name)
        known = (ActiveContent("program", program),) if program else active_content(member)
        member.__dict__["active_content"] = known
    return known


def _file(member: Member) -> dict[str, str]:
    return {"file": printable(member.name.rpartition("/")[2])}
