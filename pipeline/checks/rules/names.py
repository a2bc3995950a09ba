"""Rules of file names: what every system can store, and no eye mistakes for another name."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.checks.archive import ArchiveSubject
from pipeline.checks.names import Fault, NameFault, known_faults, printable
from pipeline.checks.package import PackageSubject
from pipeline.checks.registry import Limits, rule
from pipeline.checks.subject import Kind, NotApplicable
from pipeline.checks.submission import SubmissionSubject
from pipeline.errors import Place
from pipeline.reports.model import Finding

Named = SubmissionSubject | PackageSubject | ArchiveSubject


@rule("NAM-001")
def no_two_names_become_one(subject: Named, limits: Limits) -> Iterator[Finding]:
    """Project policy: names that differ in case or in stored accents alone overwrite each other on other systems."""
    for each in _faults(subject, Fault.CASE, Fault.FORM):
        yield Finding(
            variant="form" if each.fault is Fault.FORM else "",
            fields={"name": each.part, "other": each.detail},
            place=_place(subject, each),
        )


@rule("NAM-002")
def no_name_is_reserved(subject: Named, limits: Limits) -> Iterator[Finding]:
    """Project policy: Windows keeps CON, AUX, COM1 and others for devices, with any ending."""
    for each in _faults(subject, Fault.RESERVED):
        yield Finding(fields={"name": each.part, "reserved": each.detail}, place=_place(subject, each))


@rule("NAM-003")
def no_character_is_forbidden(subject: Named, limits: Limits) -> Iterator[Finding]:
    r"""Project policy: <>:"|?*\ and control characters cannot be in a name on Windows; names are UTF-8."""
    for each in _faults(subject, Fault.CHARACTER, Fault.ENCODING):
        yield Finding(
            variant="encoding" if each.fault is Fault.ENCODING else "",
            fields={"name": each.part, "characters": each.detail},
            place=_place(subject, each),
        )


@rule("NAM-004")
def no_character_is_hidden(subject: Named, limits: Limits) -> Iterator[Finding]:
    """Project policy: characters that turn the writing round or show nothing make a name lie."""
    for each in _faults(subject, Fault.HIDDEN):
        yield Finding(fields={"name": each.part, "characters": each.detail}, place=_place(subject, each))


@rule("NAM-005")
def no_dot_or_space_at_the_edge(subject: Named, limits: Limits) -> Iterator[Finding]:
    """Project policy: Windows drops dots and spaces at the end of a name; a space in front is not seen."""
    for each in _faults(subject, Fault.EDGE):
        yield Finding(
            variant="start" if each.detail == "start" else "", fields={"name": each.part}, place=_place(subject, each)
        )


@rule("NAM-006")
def no_name_is_too_long(subject: Named, limits: Limits) -> Iterator[Finding]:
    """Project policy: 255 bytes a name is what file systems store, and a whole path has to fit Windows' 260."""
    for each in _faults(subject, Fault.LONG_NAME, Fault.LONG_PATH, max_path=limits["path"]):
        path = each.fault is Fault.LONG_PATH
        yield Finding(
            variant="path" if path else "",
            measured=each.measured,
            expected=limits["path"] if path else limits["name_bytes"],
            fields={"name": _cut(each.part)},
            place=_place(subject, each),
        )


@rule("NAM-007")
def no_word_is_of_two_alphabets(subject: Named, limits: Limits) -> Iterator[Finding]:
    """Project policy: a Latin letter in a Cyrillic word, or the reverse, looks right and is another name."""
    letters = {"latin": limits["latin"], "other": limits["other"]}
    for each in _faults(subject, Fault.MIXED, **letters):
        yield Finding(fields={"name": each.part, "word": each.detail}, place=_place(subject, each))


@rule("NAM-008")
def letters_are_stored_whole(subject: Named, limits: Limits) -> Iterator[Finding]:
    """Project policy: й and ё stored in two pieces, as a Mac does, are not found by a page that writes them in one.

    A script finds its files either way, so in a submission this is only worth knowing.
    """
    for each in _faults(subject, Fault.DECOMPOSED):
        yield Finding(
            severity=None if subject.kind is Kind.PACKAGE else "note",
            fields={"name": each.part},
            place=_place(subject, each),
        )


def _faults(subject: Named, *wanted: Fault, max_path: int = 0, latin: str = "", other: str = "") -> Iterator[NameFault]:
    names = subject.names if isinstance(subject, SubmissionSubject) else subject.tree.names
    if subject.kind is Kind.SUBMISSION and subject.task.file.depth:
        # What a ZIP held was judged by the names in its directory.
        raise NotApplicable
    found = known_faults(names, max_path or 1 << 20, latin, other)
    return (each for each in found if each.fault in wanted)


def _place(subject: Named, fault: NameFault) -> Place:
    name = printable(fault.name)
    if isinstance(subject, PackageSubject | ArchiveSubject):
        return subject.place(name)
    shown = subject.task.file.shown
    return Place(name if shown == "." else f"{shown}/{name}")


def _cut(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:60]}…{name[-15:]}"
