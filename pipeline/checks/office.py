"""Documents that are a ZIP inside (Office, OpenDocument, e-books): their parts, and what opening one starts."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.checks.active import ActiveContent
from pipeline.checks.dangerous import dangerous_name
from pipeline.checks.executables import executable_content
from pipeline.checks.kinds import ZIP_DOCUMENTS, as_text, extension_of
from pipeline.checks.members import MOST_READ, ZIP_BEGINS, Member, archive_format
from pipeline.checks.old_office import OLE_BEGINS, in_ole
from pipeline.checks.private import private_folder
from pipeline.package.archive import Archive

_MOST_UNPACKED, _MOST_PARTS = 500_000_000, 20_000
_MOST_OF_A_PART = 20_000_000
_DEEPEST = 3
"""A letter with a table in which is a drawing."""
_PASTED = {"doc", "xls", "ppt", "docm", "xlsm", "pptm", "xlsb"}
"""What Office pastes into a document under its own name; the content tells whether it holds programs."""
_IWORK = {"key", "pages", "numbers"}

_LOADED = {"attachedtemplate", "oleobject", "frame", "subdocument", "afchunk"}
"""Relations of a document whose target becomes part of it, or runs, when it is opened."""
_CLICKED = {"hyperlink", "externallinkpath"}
"""Relations that wait for their reader."""
_SCHEME = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+:")
_SHARE = re.compile(r"(?:file:)?(?://[^/]|/{4,}[^/])")
_DDE = re.compile(r"[\s\"]*DDE(?:AUTO)?\b", re.IGNORECASE)
_TELLING = re.compile(
    r"instrText|fldSimple|ddeLink|dde-source|dde-connection|<(?:\w+:)?(?:Relationship|Override|Default)\b"
)


def in_document(member: Member) -> Iterator[ActiveContent]:
    """Programs in a ZIP: what it is as a whole, and as a document what is in it."""
    with private_folder("telesabaq-document-") as folder:
        yield from _in_zip(member.lay(folder / "zip"), member.name, 1)


def _in_zip(path: Path, name: str, depth: int) -> Iterator[ActiveContent]:
    archive = Archive(path)
    lower = _names(archive)
    listed = extension_of(name) in ZIP_DOCUMENTS
    if "androidmanifest.xml" in lower or "classes.dex" in lower:
        yield ActiveContent("program", "APK")
    elif "meta-inf/manifest.mf" in lower and any(name.endswith(".class") for name in lower):
        yield ActiveContent("program", "JAR")
    elif listed or "[content_types].xml" in lower:
        yield from _macros(lower)
        if _is_too_much(archive):
            yield ActiveContent("unreadable")
        else:
            yield from _said(archive)
            # What has another name is opened as an archive, and its files are judged there.
            if listed:
                yield from _inside(archive, name, depth)


def _is_too_much(archive: Archive) -> bool:
    parts = archive.entries
    return bool(archive.fatal) or len(parts) > _MOST_PARTS or sum(each.size for each in parts) > _MOST_UNPACKED


def _macros(lower: set[str]) -> Iterator[ActiveContent]:
    if any(name.rpartition("/")[2] == "vbaproject.bin" or name.startswith("xl/macrosheets/") for name in lower):
        yield ActiveContent("macros")
    if any(name.startswith(("basic/", "scripts/")) and name.endswith((".xml", ".py", ".bsh")) for name in lower):
        yield ActiveContent("macros")


def _inside(archive: Archive, document: str, depth: int) -> Iterator[ActiveContent]:
    """The parts that are programs, or hold some, by name and by content."""
    survey = archive.survey()
    for number, entry in enumerate(archive.entries):
        name, head = entry.name, survey.heads.get(number, b"")
        pasted = extension_of(name) in _PASTED and head.startswith((OLE_BEGINS, *ZIP_BEGINS))
        refused = dangerous_name(name)
        named = refused is not None and refused.severity == "error" and not (pasted and "/embeddings/" in name.lower())
        if named or executable_content(head, name) or archive_format(head):
            yield ActiveContent("inside", name)
        elif head.startswith(OLE_BEGINS):
            for found in in_ole(io.BytesIO(archive.read_entry(number, MOST_READ)), pasted=True):
                yield ActiveContent("inside", name) if found.trouble == "program" else found
        elif head.startswith(ZIP_BEGINS) or number in survey.zips:
            yield from _nested(archive, number, document, depth)


def _nested(archive: Archive, number: int, document: str, depth: int) -> Iterator[ActiveContent]:
    """A document in a document is judged as one; what other archives are there for cannot be told."""
    name = archive.entries[number].name
    with private_folder("telesabaq-document-") as folder:
        target = folder / "zip"
        archive.copy_entry(number, target)
        # Some programs paste a table under a name that claims nothing.
        pasted = "/embeddings/" in name.lower() and "[content_types].xml" in _names(Archive(target))
        own = extension_of(document) in _IWORK and name.lower().rpartition("/")[2] == "index.zip"
        if depth >= _DEEPEST or not (own or pasted or extension_of(name) in ZIP_DOCUMENTS):
            yield ActiveContent("inside", name)
            return
        for found in _in_zip(target, f"{name}.{extension_of(document)}" if own or pasted else name, depth + 1):
            yield ActiveContent("inside", name) if found.trouble == "program" else found


def _names(archive: Archive) -> set[str]:
    return {each.name.lower() for each in archive.entries}


def _said(archive: Archive) -> Iterator[ActiveContent]:
    """What the markup of a document makes a program do that opens it."""
    left = MOST_READ
    for number, entry in enumerate(archive.entries):
        if left > 0 and entry.name.lower().endswith((".xml", ".rels")):
            content = archive.read_entry(number, min(left, _MOST_OF_A_PART))
            left -= len(content)
            if _TELLING.search(as_text(content)):
                yield from _markup(content)


def _markup(content: bytes) -> Iterator[ActiveContent]:
    from lxml import etree

    # Its limit of depth would end the reading where a hostile file wants it to; the size is limited already.
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, huge_tree=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.LxmlError, LookupError, ValueError):
        yield ActiveContent("unreadable")
        return
    fields = [""]
    for element in root.iter(etree.Element) if root is not None else ():
        local = etree.QName(element).localname
        said = {etree.QName(key).localname: value for key, value in element.attrib.items()}
        if local == "fldChar" and said.get("fldCharType") == "begin":
            fields.append("")
        elif local == "instrText":
            # Word cuts a field where its letters were corrected, and so does who hides one.
            fields[-1] += "".join(map(str, element.itertext()))
        elif local == "fldSimple":
            fields.insert(0, str(said.get("instr", "")))
        elif local in {"ddeLink", "dde-source", "dde-connection-decl"}:
            yield ActiveContent("dde")
        elif local in {"Override", "Default"} and re.search(
            "(?i)vbaproject|macrosheet", str(said.get("ContentType", ""))
        ):
            yield ActiveContent("macros")
        elif local == "Relationship" and said.get("TargetMode") == "External" and _is_loaded(said):
            yield ActiveContent("remote", str(said.get("Target", "")))
    if any(_DDE.match(each) for each in fields):
        yield ActiveContent("dde")


def _is_loaded(relation: dict[str, object]) -> bool:
    """Whether opening a document fetches this target: a template from a server, or anything from a network share,
    to which Windows introduces itself with a password. A template on the author's own disk is ordinary.
    """
    role = str(relation.get("Type", "")).rpartition("/")[2].lower()
    target = str(relation.get("Target", "")).strip().lower().replace("\\", "/")
    if role in _CLICKED:
        return False
    return _SHARE.match(target) is not None or (role in _LOADED and _SCHEME.match(target) is not None)
