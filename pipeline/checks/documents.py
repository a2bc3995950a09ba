"""Documents that hold programs: Office files with macros, PDFs that start something, packed programs."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from pipeline.checks.dangerous import dangerous_name
from pipeline.checks.kinds import ZIP_DOCUMENTS, extension_of
from pipeline.checks.members import MOST_READ, ZIP_BEGINS, Member
from pipeline.package.archive import Archive

if TYPE_CHECKING:
    import pikepdf

Trouble = Literal[
    "program",
    "macros",
    "object",
    "inside",
    "pdf-launch",
    "pdf-script",
    "pdf-files",
    "pdf-locked",
    "rtf-objects",
    "flash",
]

OLE_BEGINS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_INSTALLERS = re.compile(r"000C108[246]-0000-0000-C000-000000000046", re.IGNORECASE)
"""Class of the root of .msi, .mst and .msp files."""
_MACRO_STREAMS = {"_vba_project", "_vba_project_cur", "vba"}
_RTF_OBJECT = re.compile(rb"\\obj(?:data|ocx|autlink|update)\b")
_FLASH = re.compile(rb"[FCZ]WS[\x03-\x2d]", re.DOTALL)
_PDF_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
_PDF_RAW = re.compile(rb"/(Launch|JavaScript|JS|EmbeddedFiles?)(?![A-Za-z0-9])")
_PDF_HEADER_WITHIN = 1024
_RTF_READ = 20_000_000
_DEEPEST_PDF = 40
_SILENT = logging.NullHandler()


@dataclass(frozen=True, slots=True)
class ActiveContent:
    """What was found in a document: a trouble, and its name or the file inside that it is about."""

    trouble: Trouble
    detail: str = ""


def active_content(member: Member) -> tuple[ActiveContent, ...]:
    """The programs in a document, each sort once; nothing for a file that is no document of these forms."""
    head = member.head
    if head.startswith(OLE_BEGINS):
        found = _in_ole(member)
    elif head.startswith(ZIP_BEGINS):
        found = _in_zip(member)
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


def _in_ole(member: Member) -> Iterator[ActiveContent]:
    import olefile

    with member.open() as file:
        try:
            with olefile.OleFileIO(file) as ole:
                if _INSTALLERS.fullmatch(str(ole.root.clsid if ole.root else "")):
                    yield ActiveContent("program", "MSI")
                paths = [tuple(part.lower() for part in path) for path in ole.listdir(streams=True, storages=True)]
        except Exception:
            # Its parser raises whatever it stumbles over; a document that cannot be opened runs nothing either.
            return
    if any(_MACRO_STREAMS & set(path) for path in paths):
        yield ActiveContent("macros")
    if any(path[-1] == "\x01ole10native" for path in paths):
        yield ActiveContent("object")


def _in_zip(member: Member) -> Iterator[ActiveContent]:
    names = _names_in_zip(member)
    lower = {name.lower() for name in names}
    if "androidmanifest.xml" in lower or "classes.dex" in lower:
        yield ActiveContent("program", "APK")
    elif "meta-inf/manifest.mf" in lower and any(name.endswith(".class") for name in lower):
        yield ActiveContent("program", "JAR")
    elif extension_of(member.name) in ZIP_DOCUMENTS:
        if any(name.rpartition("/")[2] == "vbaproject.bin" for name in lower):
            yield ActiveContent("macros")
        if any(name.startswith(("basic/", "scripts/")) and name.endswith((".xml", ".py", ".bsh")) for name in lower):
            yield ActiveContent("macros")
        # Tables and slides that were pasted into a document lie in it as files of the old formats.
        inside = [name for name in names if "/embeddings/" not in name.lower() and dangerous_name(name)]
        if inside:
            yield ActiveContent("inside", inside[0])
    elif "[content_types].xml" in lower and any(name.rpartition("/")[2] == "vbaproject.bin" for name in lower):
        yield ActiveContent("macros")


def _names_in_zip(member: Member) -> list[str]:
    """What the directory of a ZIP lists; nothing where it cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        return [each.name for each in Archive(member.lay(Path(folder) / "zip")).entries]


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
