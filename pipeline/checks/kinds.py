"""Which kind a submitted file is, by its content and its name together.

Executable content makes a file OTHER whatever it is called, and is then judged as such; so does no content at all.
Else a name that claims a kind is taken at its word, and the rules of that kind say where the content disagrees.
Content alone decides for names that claim nothing.
"""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path
from stat import S_ISREG

from pipeline.checks.executables import executable_content
from pipeline.checks.subject import HEAD_BYTES, Kind
from pipeline.media import sniff
from pipeline.reports.season_page import is_gallery, openings

WAIVERS_FILE = "telesabaq-waivers.yaml"
MANIFEST = "manifest.json"
SUMMARY = "batch.json"
GALLERY = "index.html"
CUE_SHEET = "cues.csv"
EDITOR_SCHEMA = "lesson.schema.json"

_EXTENSIONS: dict[Kind, str] = {
    Kind.PICTURE: "jpg jpeg jpe jfif png apng svg svgz gif webp bmp dib tif tiff avif heic heif jxl ico",
    Kind.SOUND: "mp3 mp2 wav aac m4a m4b ogg oga opus flac wma aif aiff amr mka ac3 mid midi",
    Kind.VIDEO: "mp4 mov m4v avi mkv webm mpg mpeg vob wmv asf 3gp 3g2 mxf flv f4v ogv mts m2ts qt",
    Kind.CAPTIONS: "vtt srt ass ssa",
    Kind.ARCHIVE: "zip rar 7z tar tgz gz bz2 xz",
}
_BY_EXTENSION = {extension: kind for kind, line in _EXTENSIONS.items() for extension in line.split()}
_BY_NAME = {
    "lesson.yaml": Kind.SCRIPT,
    "lesson.yml": Kind.SCRIPT,
    "scenario.yaml": Kind.SCENARIO,
    "scenario.yml": Kind.SCENARIO,
    WAIVERS_FILE: Kind.WAIVERS,
}
_EMPTY_BUT_JUDGED = {Kind.SCRIPT, Kind.SCENARIO, Kind.WAIVERS}
"""Kinds whose own rules say that nothing is in the file."""

_ZIP_INSIDE = "docx docm dotx pptx pptm ppsx potx xlsx xlsm odt odp ods epub key pages numbers jar apk xpi crx"
ZIP_DOCUMENTS = frozenset(_ZIP_INSIDE.split())
"""Extensions of documents and programs that are a ZIP inside, and no archive to their author."""

_BATCH_RECORDS = re.compile(r"(?:.*/)?\.telesabaq/(?:lease\.json|journal/\d{6,12}-[0-9a-f]{4}\.jsonl)")
"""What a batch keeps in its output folder for itself; a lease that nobody holds is empty."""

_YAML = {"yaml", "yml"}
_SCRIPT_KEYS = re.compile(rb"^(explanation|questions|exercises|resources|links|teacher|topic)[ ]*:", re.MULTILINE)
_SCENARIO_KEYS = re.compile(rb"^(stages|letters|colours|title)[ ]*:", re.MULTILINE)
_CERTAIN = 3
"""So many keys of a form, and a file is of that form whatever it is called."""

_SOUND_DEMUXERS = {sniff.WAV, sniff.MP3, sniff.AAC, sniff.FLAC, sniff.OGG}
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B ")
_PICTURE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_PICTURES = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"\xff\x0a\0",
    b"\0\0\0\x0cJXL ",
)
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_SOUNDS = (b"#!AMR", b"MThd")
_BITMAP_HEADERS = {12, 40, 52, 56, 64, 108, 124}

_BEFORE_ROOT = re.compile(
    r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s[^<>\[]*(?:\[[^\]]*\]\s*)?>)", re.DOTALL | re.IGNORECASE
)
_SVG_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?svg[\s/>]")


def kind_of(path: Path, name: str) -> Kind:
    """The kind of one file; folders are told apart by pipeline.checks.discover.

    What is no plain file, or cannot be opened, is a LINK: never read from then on.
    """
    try:
        if not S_ISREG(path.lstat().st_mode):
            return Kind.LINK
        # A pipe that took the file's place a moment ago must not make us wait, nor a link lead us out.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return Kind.LINK
    if name.rpartition("/")[2] == GALLERY and head.startswith(openings()) and is_gallery(path):
        return Kind.RECORD
    return kind_of_bytes(head, name)


def kind_of_bytes(head: bytes, name: str) -> Kind:
    """The kind of a file with this beginning and this name."""
    wanted = claimed(name)
    if _BATCH_RECORDS.fullmatch(name) and (not head or head.startswith(b'{"')):
        return Kind.RECORD
    if not head and wanted not in _EMPTY_BUT_JUDGED:
        return Kind.OTHER
    if executable_content(head, name) is not None:
        return Kind.OTHER
    return wanted or _recorded(head, name) or _authored(head, name) or kind_by_content(head, name)


def kind_by_content(head: bytes, name: str) -> Kind:
    """The kind that content alone tells; the name only says which ZIPs are documents."""
    if _is_picture(head):
        return Kind.PICTURE
    if head.startswith(_ARCHIVES):
        return Kind.OTHER if extension_of(name) in ZIP_DOCUMENTS else Kind.ARCHIVE
    if head.removeprefix(codecs.BOM_UTF8).startswith(b"WEBVTT"):
        return Kind.CAPTIONS
    if head.startswith(_SOUNDS):
        return Kind.SOUND
    media = sniff.sniff_bytes(head[: sniff.HEAD_BYTES])
    if media is None:
        return Kind.OTHER
    return Kind.SOUND if media in _SOUND_DEMUXERS or _brand(head) in _SOUND_BRANDS else Kind.VIDEO


def claimed(name: str) -> Kind | None:
    """The kind that a name claims."""
    last = name.rpartition("/")[2].lower()
    if last in _BY_NAME:
        return _BY_NAME[last]
    return _BY_EXTENSION.get(extension_of(last))


def extension_of(name: str) -> str:
    """What stands behind the last dot, lower case: "photo.JPG" -> "jpg"; empty where there is no dot."""
    before, _, extension = name.rpartition("/")[2].rpartition(".")
    return extension.lower() if before else ""


def is_svg(head: bytes) -> bool:
    """Whether the bytes begin an SVG document: its root element, behind what XML allows before it."""
    text = as_text(head)
    at = 0
    while (match := _BEFORE_ROOT.match(text, at)) is not None:
        at = match.end()
    return _SVG_ROOT.match(text, at) is not None


def as_text(head: bytes) -> str:
    """The bytes as text by their byte order mark, else as UTF-8; what is none is replaced."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace")
    for begin, encoding in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if head.startswith(begin):
            return head.decode(encoding, "replace")
    return head.decode("utf-8", "replace")


def _recorded(head: bytes, name: str) -> Kind | None:
    """What the build writes beside a film, and `telesabaq new` beside a script for the author's editor."""
    last = name.rpartition("/")[2]
    if last in {MANIFEST, SUMMARY} and head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return Kind.RECORD
    if last == EDITOR_SCHEMA and b'"$id": "urn:telesabaq:lesson:' in head:
        return Kind.RECORD
    return Kind.RECORD if last == CUE_SHEET and head.startswith(b"track,start,end,") else None


def _authored(head: bytes, name: str) -> Kind | None:
    """A script or a scenario under a name of its author's own."""
    if extension_of(name) not in _YAML:
        return None
    if len(set(_SCENARIO_KEYS.findall(head))) >= _CERTAIN:
        return Kind.SCENARIO
    return Kind.SCRIPT if len(set(_SCRIPT_KEYS.findall(head))) >= _CERTAIN else None


def _is_picture(head: bytes) -> bool:
    if head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return True
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BITMAP_HEADERS:
        return True
    if head.startswith(b"\0\0\x01\0") and head[4:5] != b"\0" and head[9:10] == b"\0":
        return True
    return _brand(head) in _PICTURE_BRANDS or is_svg(head[:8192])


def _brand(head: bytes) -> bytes:
    return head[8:12] if head[4:8] == b"ftyp" else b""
