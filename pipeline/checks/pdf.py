"""What a PDF starts, fetches or sends by itself, told from its objects."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline.checks.active import ActiveContent, Trouble
from pipeline.checks.members import MOST_READ

if TYPE_CHECKING:
    import pikepdf

_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
_RAW: dict[bytes, Trouble] = {
    b"Launch": "pdf-launch",
    b"JavaScript": "pdf-script",
    b"JS": "pdf-script",
    b"EmbeddedFile": "pdf-files",
    b"EmbeddedFiles": "pdf-files",
    b"SubmitForm": "pdf-sends",
    b"ImportData": "pdf-sends",
    b"RichMedia": "pdf-media",
    b"Rendition": "pdf-media",
}
_RAW_NAME = re.compile(rb"/(" + b"|".join(_RAW) + rb")(?![A-Za-z0-9])")
_ACTIONS: dict[str, Trouble] = {
    "/Launch": "pdf-launch",
    "/SubmitForm": "pdf-sends",
    "/ImportData": "pdf-sends",
    "/Movie": "pdf-media",
    "/Rendition": "pdf-media",
    "/RichMediaExecute": "pdf-media",
}
_LEADS = {"/GoToR", "/GoToE", "/Thread", "/URI"}
_FORM_SCRIPT = re.compile(rb"<(?:[\w.-]+:)?(?:script|submit|execute)\b", re.IGNORECASE)
_UNSEEN = b"<script "
_MOST_OF_A_FORM = 20_000_000
_ELSEWHERE = re.compile(r"(?:file:|javascript:|vbscript:|data:)|[a-z]:[/\\]|[/\\]{2}|/[a-z]/", re.IGNORECASE)
"""Shares, to which Windows introduces itself with a password; files on the reader's own disk; code. An address of the
web is a link, a file beside the document another chapter.
"""
_DEEPEST = 40
_SILENT = logging.NullHandler()


def in_pdf(file: BinaryIO) -> Iterator[ActiveContent]:
    import pikepdf

    # What its parser remarks on a hostile file is no message of ours.
    logging.getLogger("pikepdf").addHandler(_SILENT)
    try:
        with pikepdf.open(file, suppress_warnings=True) as pdf:
            yield from _walked(pdf)
    except pikepdf.PasswordError:
        yield ActiveContent("pdf-locked")
    except Exception:
        # Its parser has many ways to give up; some readers open such a document all the same.
        file.seek(0)
        yield from _raw(file)


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
        if depth < _DEEPEST:
            # What is an object of its own is in the list already.
            waiting += [(value, depth + 1) for value in below if not getattr(value, "is_indirect", False)]


def _of_dictionary(each: Any) -> Iterator[ActiveContent]:
    action = str(each.get("/S", ""))
    if action in _ACTIONS:
        yield ActiveContent(_ACTIONS[action])
    elif action in _LEADS and (where := _elsewhere(each)):
        yield ActiveContent("pdf-remote", where)
    if "/JS" in each or "/JavaScript" in each or ("/XFA" in each and _acts(each["/XFA"])):
        yield ActiveContent("pdf-script")
    if "/EF" in each or "/EmbeddedFiles" in each:
        yield ActiveContent("pdf-files")
    if str(each.get("/Subtype", "")) in {"/RichMedia", "/Movie", "/Screen", "/3D"}:
        yield ActiveContent("pdf-media")


def _elsewhere(action: Any) -> str:
    """Where an action leads that is neither the web nor beside the document; empty for any other."""
    import pikepdf

    file = action.get("/F")
    told = [action.get("/URI"), file]
    if isinstance(file, pikepdf.Dictionary):
        told = [file.get(key) for key in ("/F", "/UF", "/DOS", "/Unix", "/Mac")]
    return next((text for text in (str(each).strip() for each in told if each) if _ELSEWHERE.match(text)), "")


def _acts(form: Any) -> bool:
    """Whether a form of Adobe's (XFA) holds scripts or sends something."""
    import pikepdf

    parts = list(form) if isinstance(form, pikepdf.Array) else [form]
    return any(_FORM_SCRIPT.search(content) for content in map(_content, parts))


def _content(part: Any) -> bytes:
    """A piece of a form, at most so much of it; what is packed as only few programs can read counts as a script."""
    import pikepdf

    if isinstance(part, pikepdf.String):
        return bytes(part)
    if not isinstance(part, pikepdf.Stream):
        return b""
    raw, packing = part.read_raw_bytes(), part.get("/Filter")
    if packing is None:
        return raw
    try:
        return zlib.decompressobj().decompress(raw, _MOST_OF_A_FORM) if str(packing) == "/FlateDecode" else _UNSEEN
    except zlib.error:
        return _UNSEEN


def _raw(file: BinaryIO) -> Iterator[ActiveContent]:
    """A document that cannot be opened as it should: what is written in it plainly."""
    content = _NAME.sub(lambda match: bytes([int(match[1], 16)]), file.read(MOST_READ))
    for match in _RAW_NAME.finditer(content):
        yield ActiveContent(_RAW[match[1]])
