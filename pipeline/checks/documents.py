"""Documents that hold programs: Office files with macros, PDFs that start something, packed programs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.checks.active import ActiveContent
from pipeline.checks.members import ZIP_BEGINS, Member
from pipeline.checks.office import in_document
from pipeline.checks.old_office import OLE_BEGINS, in_ole
from pipeline.checks.pdf import in_pdf

_RTF_OBJECT = re.compile(rb"\\obj(?:data|ocx|autlink|update)\b")
_FLASH = re.compile(rb"[FCZ]WS[\x03-\x2d]", re.DOTALL)
_PDF_HEADER_WITHIN = 1024
_RTF_READ = 20_000_000


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
    first: dict[str, ActiveContent] = {}
    for each in found:
        first.setdefault(each.trouble, each)
    return tuple(first.values())


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
    with member.open() as file:
        yield from in_pdf(file)
