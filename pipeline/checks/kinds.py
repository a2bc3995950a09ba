"""Which kind a submitted file is, by its content and its name together.

Executable content makes a file OTHER whatever it is called, and is then judged as such. Else a name that claims a
kind is taken at its word, and the rules of that kind say where the content disagrees. Content alone decides for
names that claim nothing.
"""

from __future__ import annotations

from pathlib import Path
from stat import S_ISREG

from pipeline.checks.subject import HEAD_BYTES, Kind
from pipeline.media import sniff

_BY_EXTENSION: dict[Kind, tuple[str, ...]] = {
    Kind.PICTURE: (".jpg", ".jpeg", ".png", ".svg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".ico"),
    Kind.SOUND: (".mp3", ".wav", ".aac", ".m4a", ".ogg", ".oga", ".opus", ".flac", ".wma"),
    Kind.VIDEO: (".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".3gp", ".mxf", ".flv"),
    Kind.CAPTIONS: (".vtt", ".srt", ".ass", ".ssa"),
    Kind.ARCHIVE: (".zip",),
}
_BY_NAME = {"lesson.yaml": Kind.SCRIPT, "scenario.yaml": Kind.SCENARIO, "telesabaq-waivers.yaml": Kind.WAIVERS}
_SOUND_DEMUXERS = {sniff.WAV, sniff.MP3, sniff.AAC, sniff.FLAC, sniff.OGG}


def kind_of(path: Path, name: str) -> Kind:
    """The kind of one file; folders are told apart by pipeline.checks.discover. Raises OSError."""
    if not S_ISREG(path.lstat().st_mode):
        return Kind.LINK
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return kind_of_bytes(head, name)


def kind_of_bytes(head: bytes, name: str) -> Kind:
    """The kind of a file with this beginning and this name."""
    if is_executable(head):
        return Kind.OTHER
    return claimed(name) or _by_content(head)


def claimed(name: str) -> Kind | None:
    """The kind that a name claims."""
    last = name.rpartition("/")[2].lower()
    if last in _BY_NAME:
        return _BY_NAME[last]
    return next((kind for kind, endings in _BY_EXTENSION.items() if last.endswith(endings)), None)


def is_executable(head: bytes) -> bool:
    """Whether the bytes begin a program that a machine would run as it stands."""
    return head.startswith(
        (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"dex\n", b"#!")
    )


def _by_content(head: bytes) -> Kind:
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")):
        return Kind.PICTURE
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Kind.ARCHIVE
    if b"<svg" in head[:4096].lower():
        return Kind.PICTURE
    media = sniff.sniff_bytes(head[: sniff.HEAD_BYTES])
    if media is None:
        return Kind.OTHER
    return Kind.SOUND if media in _SOUND_DEMUXERS else Kind.VIDEO
