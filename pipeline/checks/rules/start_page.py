"""The page that starts an application (E2)."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.checks.executables import executable_content
from pipeline.checks.package import START, PackageSubject
from pipeline.checks.registry import Limits, rule
from pipeline.checks.subject import Blocked, NotApplicable
from pipeline.errors import Severity
from pipeline.package.archive import SURVEY_HEAD
from pipeline.package.charset import PRESCANNED, declaration, is_utf8
from pipeline.package.references import MOST_BYTES, extension
from pipeline.reports.model import Finding

_XHTML = {"xhtml", "xht"}
_BINARY_SIGNS = (b"\0", b"PK\3\4", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@rule("PKG-001")
def starts_with_index_html(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E1, E2: `index.html` lies in the root of the archive, in exactly these letters."""
    names = package.names
    if START in names:
        if not package.plain:
            yield Finding(variant="folder", severity="note", measured=START, expected=START)
        return
    folders = {name.partition("/")[0] for name in names}
    root = [name for name in names if "/" not in name]
    other_case = next((name for name in root if name.lower() == START), None)
    short = next((name for name in root if name.lower() == "index.htm"), None)
    deeper = sorted(
        (name for name in names if name.rpartition("/")[2].lower() == START), key=lambda n: (n.count("/"), n)
    )
    pages = sorted(package.pages, key=lambda name: (name.count("/"), name))
    if other_case or short:
        variant, measured = ("case", other_case) if other_case else ("htm", short)
    elif deeper and not root and len(folders) == 1:
        variant, measured = "wrapped", deeper[0]
    elif deeper:
        variant, measured = "deeper", deeper[0]
    elif pages:
        variant, measured = "other-name", pages[0]
    else:
        variant, measured = "", None
    place = package.place(measured) if measured else None
    yield Finding(variant=variant, measured=measured, expected=START, place=place, fields={"files": len(names)})


@rule("PKG-002")
def start_page_is_html(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E1, E2: what starts the application is an HTML page; XHTML pages are well-formed XML."""
    look = package.start_looks
    data = package.tree.read(START, MOST_BYTES)
    if executable_content(data[:SURVEY_HEAD], START) is not None:
        raise Blocked("DNG-003")
    if _is_binary(data):
        yield Finding(variant="binary", place=package.place(START))
    elif look.cut_off:
        yield Finding(variant="cut-off", place=package.place(START, data.count(b"\n") + 1, 1))
    elif data.strip() and not look.tags:
        variant = "json" if data.lstrip()[:1] in {b"{", b"["} else "no-tags"
        yield Finding(variant=variant, place=package.place(START))
    for name in package.pages:
        fault = package.read.ill_formed.get(name)
        if fault is not None and extension(name) in _XHTML:
            line, column, reason = fault
            severity: Severity | None = None if name in package.used else "warning"
            yield Finding(
                variant="ill-formed",
                measured=reason[:120],
                severity=severity,
                place=package.place(name, line, column),
                fields={"file": name},
            )


@rule("PKG-003")
def start_page_declares_its_letters(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy (HTML standard): a page says in its first 1024 bytes which character set it is in, and is in it.

    Without that each browser guesses by itself, and Kazakh letters come out as garbage on some.
    """
    if not package.start_looks.tags:
        # Of what is no page another rule tells.
        raise NotApplicable
    data = package.tree.read(START, MOST_BYTES)
    declared = declaration(data)
    place = package.place(START, 1, 1)
    if declared is None:
        late = declaration(data, within=limits["search"])
        if late is not None:
            line = data.count(b"\n", 0, late.offset) + 1
            yield Finding(
                variant="late",
                severity="warning",
                measured=late.offset,
                expected=PRESCANNED,
                place=package.place(START, line, 1),
            )
        elif data.isascii():
            yield Finding(variant="plain", severity="note", place=place)
        else:
            yield Finding(severity="warning", expected="UTF-8", place=place)
        return
    place = package.place(START, data.count(b"\n", 0, declared.offset) + 1, 1)
    if not declared.codec:
        yield Finding(variant="unknown", measured=declared.label, expected="UTF-8", place=place)
    elif not data.isascii() and declared.how != "bom":
        if declared.codec == "utf-8" and not is_utf8(data):
            yield Finding(variant="not-utf-8", measured=declared.label, place=place)
        elif declared.codec != "utf-8" and is_utf8(data):
            yield Finding(variant="is-utf-8", measured=declared.label, expected="UTF-8", place=place)


@rule("PKG-004")
def start_page_starts_something(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E2: `index.html` starts the application: it shows or runs something."""
    look = package.start_looks
    data = package.tree.read(START, MOST_BYTES)
    if not data.strip():
        yield Finding(variant="empty", place=package.place(START))
    elif _is_binary(data) or not look.tags or look.cut_off:
        raise Blocked("PKG-002")
    elif not look.starts:
        yield Finding(place=package.place(START))


def _is_binary(data: bytes) -> bool:
    return data.startswith(_BINARY_SIGNS) or (b"\0" in data[:4096] and not data.startswith(_WIDE_MARKS))
