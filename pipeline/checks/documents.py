"""Documents that hold programs: Office files with macros, PDFs that start something, packed programs."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline.checks.active import ActiveContent, Trouble
from pipeline.checks.members import MOST_READ, ZIP_BEGINS, Member
from pipeline.checks.office import in_document
from pipeline.checks.old_office import OLE_BEGINS, in_ole

if TYPE_CHECKING:
    import pikepdf

_RTF_OBJECT = re.compile(rb"\\obj(?:data|ocx|autlink|update)\b")
_FLASH = re.compile(rb"[FCZ]WS[\x03-\x2d]", re.DOTALL)
_PDF_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
_PDF_RAW = re.compile(rb"/(Launch|JavaScript|JS|EmbeddedFiles?)(?![A-Za-z0-9])")
_PDF_HEADER_WITHIN = 1024
_RTF_READ = 20_000_000
_DEEPEST_PDF = 40
_SILENT = logging.NullHandler()


def active_content(member: Member) -> tuple[ActiveContent, ...]:
    """The programs in a document, each sort once; nothing for a file that is no document of these forms."""
    head = member.head
    if head.startswith(OLE_BEGINS):
        found = _in_old_office(member)
    elif head.startswith(ZIP_BEGINS):
        found = in_document(member)
    elif b"%PDF-" in head[:_PDF_HEADER_WITHIN]:
        found = _in_pdf(member)
    elif head.startswith(b"{\\rt"):
        found = _in_rtf(member)
    else:
        found = iter([ActiveContent("flash")] if _is_flash(head) else [])
    return tuple(dict.fromkeys(found))


def _is_flash(head: bytes) -> bool:
    """FWS, CWS and ZWS with a version, and a length in front of a stage or of packed data."""
    if not _FLASH.match(head) or len(head) < 21:
        return False
    return head[:1] != b"C" or head[8:9] == b"\x78"


def _in_old_office(member: Member) -> Iterator[ActiveContent]:
    with member.open() as file:
        yield from in_ole(file)


def _in_rtf(member: Member) -> Iterator[ActiveContent]:
    with member.open() as file:
        if _RTF_OBJECT.search(file.read(_RTF_READ)):
            yield ActiveContent("rtf-objects")


def _in_pdf(member: Member) -> Iterator[ActiveContent]:
    import pikepdf

    # What its parser remarks on a hostile file is no message of ours.
    logging.getLogger("pikepdf").addHandler(_SILENT)
    with member.open() as file:
        try:
            with pikepdf.open(file, suppress_warnings=True) as pdf:
                yield from _walked(pdf)
        except pikepdf.PasswordError:
            yield ActiveContent("pdf-locked")
        except Exception:
            # Its parser has many ways to give up; some readers open such a document all the same.
            file.seek(0)
            yield from _raw_pdf(file)


def _walked(pdf: pikepdf.Pdf) -> Iterator[ActiveContent]:
    """Every object of a document, and the dictionaries written inside others."""
    import pikepdf

    waiting: list[tuple[Any, int]] = [(each, 0) for each in pdf.objects]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, pikepdf.Stream):
            each = each.stream_dict
        if isinstance(each, pikepdf.Dictionary):
            yield from _of_dictionary(each)
            below = [value for _, value in each.items()]
        elif isinstance(each, pikepdf.Array):
            below = list(each)
        else:
            continue
        if depth < _DEEPEST_PDF:
            # What is an object of its own is in the list already.
            waiting += [(value, depth + 1) for value in below if not getattr(value, "is_indirect", False)]


def _of_dictionary(each: Any) -> Iterator[ActiveContent]:
    if str(each.get("/S", "")) == "/Launch":
        yield ActiveContent("pdf-launch")
    if "/JS" in each or "/JavaScript" in each:
        yield ActiveContent("pdf-script")
    if "/EF" in each or "/EmbeddedFiles" in each:
        yield ActiveContent("pdf-files")


def _raw_pdf(file: BinaryIO) -> Iterator[ActiveContent]:
    """A document that cannot be opened as it should: what is written in it plainly."""
    content = _PDF_NAME.sub(lambda match: bytes([int(match[1], 16)]), file.read(MOST_READ))
    troubles: dict[bytes, Trouble] = {b"Launch": "pdf-launch", b"JS": "pdf-script", b"JavaScript": "pdf-script"}
    for match in _PDF_RAW.finditer(content):
        yield ActiveContent(troubles.get(match[1], "pdf-files"))
