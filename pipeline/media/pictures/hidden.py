"""What stands in a picture file that is no picture: archives, programs, documents, scripts, and bytes nobody can name.

Long signatures are looked for everywhere, short ones only where a file of that sort would have to begin, so that the
noise of packed pixels is never taken for something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.media.hidden import find_program
from pipeline.media.pictures.jpeg import walk_jpeg
from pipeline.media.pictures.layout import Layout, Note, Raw

HiddenSort = Literal["archive", "program", "document", "script", "film", "maker", "unknown", "blob"]
"""film: the moment that a phone records with a photograph. maker: what a camera or phone adds for its own use.
unknown: bytes behind the picture's end that nothing here recognises. blob: such bytes inside the picture."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Something found at a byte of the file; `size` is known for what stands behind the picture."""

    sort: HiddenSort
    what: str
    at: int
    size: int = 0


_ANYWHERE: tuple[tuple[bytes, HiddenSort, str], ...] = (
    (b"Rar!\x1a\x07", "archive", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "archive", "7z"),
    (b"MSCF\x00\x00\x00\x00", "archive", "CAB"),
    (b"ustar\x0000", "archive", "TAR"),
    (b"ustar  \x00", "archive", "TAR"),
    (b"\x7fELF\x01\x01\x01", "program", "ELF"),
    (b"\x7fELF\x02\x01\x01", "program", "ELF"),
    (b"dex\n035\x00", "program", "DEX"),
    (b"dex\n038\x00", "program", "DEX"),
    (b"dex\n039\x00", "program", "DEX"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "program", "LNK"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "document", "MS Office"),
    (b"EICAR-STANDARD-ANTIVIRUS", "program", "EICAR"),
)
_AT_TAIL: tuple[tuple[bytes, HiddenSort, str], ...] = (
    (b"PK\x03\x04", "archive", "ZIP"),
    (b"\x1f\x8b\x08", "archive", "gzip"),
    (b"BZh", "archive", "bzip2"),
    (b"\xfd7zXZ", "archive", "xz"),
    (b"MZ", "program", "PE"),
    (b"\xca\xfe\xba\xbe", "program", "Java"),
    (b"\xcf\xfa\xed\xfe", "program", "Mach-O"),
    (b"\xce\xfa\xed\xfe", "program", "Mach-O"),
    (b"#!", "program", "#!"),
    (b"{\\rtf", "document", "RTF"),
)
_SERVER = re.compile(
    rb"<\?php\b|<\?=\s*(?:\$_(?:GET|POST|REQUEST|COOKIE)|eval|system|exec|passthru|shell_exec|`)|<%@\s*page"
    rb"|<%[=!]?\s*(?:eval\b|Runtime\.|request\.|response\.|Process\b|execute\b|System\.|java\.|out\.print|Server\.)",
    re.IGNORECASE,
)
_SERVER_BLOCK = re.compile(rb"<%[=!@\s][^<>]{1,2000}%>")
"""Of any language; only in texts, where it does not come about by chance."""

_PDF = re.compile(rb"%PDF-[12]\.")
# No "<" within a tag: each character is then looked at once, however a stranger piles up tags.
_MARKUP = re.compile(
    rb"<script\s[^<>]{0,300}\bsrc\s*=|<iframe\s[^<>]{0,300}\bsrc\s*="
    rb"|<[a-z][a-z0-9]{0,20}[\s/][^<>]{0,300}\bon[a-z]{3,20}\s*=\s*[\"'a-z]|<a\s[^<>]{0,300}href\s*=\s*[\"']?javascript:",
    re.IGNORECASE,
)
_SCRIPT, _SCRIPT_ENDS = re.compile(rb"<script\b[^<>]{0,300}>", re.IGNORECASE), re.compile(rb"</script", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|hta:application)\b", re.IGNORECASE)
_CODE = re.compile(
    rb"\b(?:eval|alert|Function|setTimeout|atob|CreateObject|ActiveXObject)\s*\(|\bdocument\.(?:cookie|write|location)\b"
    rb"|\bpowershell\b|\bcmd(?:\.exe)?\s+/c\b|@echo\s+off\b|\bWScript\.",
    re.IGNORECASE,
)
_ENDS_COMMENT = re.compile(rb"\*/\s*[=;(]")
_TEXT_OF_GIF = re.compile(rb"GIF8[79]a[\t\n\r\x20-\x7e]{8,}")
_PADDING = re.compile(rb"[\x00\t\n\r \xff]*")
"""One class of bytes and no group: a group would remember every one of a hundred million zeros."""

_MAKERS = re.compile(rb"cbipcbbl|AXS[!*]|vivo\{|jxrs|QDIOBS|CANON OPTIONAL DATA")
_MOTION_PHOTO = b"MotionPhoto_Data"
_FILM_BOXES = {b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"meta", b"moof", b"sidx", b"mfra", b"styp"}
_ROOM = 65_536
"""Bytes that may stand about inside or behind a picture without anybody knowing what for, where there is a reason for
some.
"""
_MOST_PICTURES = 64
_PDF_WITHIN = 1024
"""Readers of PDF look for its beginning no further in."""
_TAIL_HEAD = 65_536
_MOST_FOUND = 5
_MOST_BOXES = 10_000


def hidden_in(raw: Raw, layout: Layout | None, further: Sequence[Layout] = ()) -> list[Hidden]:
    """Everything in a file that no picture needs, at most one of a name. `layout` is None for a drawing; `further` are
    the layouts of the pictures behind the first.
    """
    if layout is None:
        return list(_server_code(raw))
    found: dict[str, Hidden] = {}
    notes = [note for each in (layout, *further) for note in each.notes or ()]
    for each in (*_everywhere(raw), *_in_notes(raw, notes), *_text_alone(raw, layout)):
        found.setdefault(each.what, each)
    end = _behind_padding(raw, (layout, *further)[-1].end) if layout.end else len(raw)
    if found:
        return list(found.values())[:_MOST_FOUND]
    behind = [_tail(raw, end)] if end < len(raw) else []
    return behind + [
        Hidden("blob", each.unknown_name, each.unknown_at, each.unknown)
        for each in (layout, *further)
        if each.unknown > _ROOM
    ]


def further_pictures(raw: Raw, layout: Layout) -> list[Layout]:
    """The pictures behind the first: cameras put several into one JPEG, and pad what they write."""
    found: list[Layout] = []
    end = layout.end
    while end and raw[:2] == b"\xff\xd8" and len(found) < _MOST_PICTURES:
        at = _behind_padding(raw, end)
        if raw[at : at + 3] != b"\xff\xd8\xff":
            break
        further = walk_jpeg(raw, at)
        if further.flaw is not None:
            break
        found.append(further)
        end = further.end
    return found


def _behind_padding(raw: Raw, at: int) -> int:
    padding = _PADDING.match(raw, at)
    end = padding.end() if padding else at
    # The last of them may begin another picture.
    return end - 1 if end > at and raw[end - 1 : end + 1] == b"\xff\xd8" else end


def _everywhere(raw: Raw) -> Iterator[Hidden]:
    for magic, sort, what in _ANYWHERE:
        at = raw.find(magic)
        if at > 0:
            yield Hidden(sort, what, at)
    yield from _zip(raw)
    yield from _windows_program(raw)
    yield from _server_code(raw)
    document = _PDF.search(raw, 0, _PDF_WITHIN)
    if document:
        yield Hidden("document", "PDF", document.start())
    # A picture that is a JavaScript program too turns its header into a name and a comment.
    opener = {b"\xff\xd8": slice(4, 6), b"GI": slice(6, 8)}.get(raw[:2])
    if opener and (raw[opener] == b"/*" or raw[opener][:1] == b"=") and _ENDS_COMMENT.search(raw):
        yield Hidden("script", "JavaScript", opener.start)


def _text_alone(raw: Raw, layout: Layout) -> Iterator[Hidden]:
    """A text that begins with the letters of a GIF, and that a browser runs as a script: GIF89a=1;..."""
    if layout.flaw is not None and _TEXT_OF_GIF.fullmatch(raw[:200]):
        yield Hidden("script", raw[:20].decode("ascii"), 6)


def _server_code(raw: Raw) -> Iterator[Hidden]:
    server = _SERVER.search(raw)
    if server:
        yield Hidden("script", server[0].decode("latin-1"), server.start())


def _zip(raw: Raw) -> Iterator[Hidden]:
    """A ZIP is read from its end: a record that points back to a directory, which must stand where it says."""
    at = raw.find(b"PK\x05\x06")
    while at >= 0:
        record = raw[at : at + 22]
        size = int.from_bytes(record[12:16], "little")
        directory = at - size
        entries = record[10:12] != b"\x00\x00"
        stands = directory >= 0 and raw[directory : directory + 4] == b"PK\x01\x02"
        large = at >= 20 and raw[at - 20 : at - 16] == b"PK\x06\x07"
        whole = len(record) == 22 and record[4:6] == b"\x00\x00"
        if large or (whole and (stands if entries else not size)):
            yield Hidden("archive", "ZIP", at)
            return
        at = raw.find(b"PK\x05\x06", at + 4)


def _windows_program(raw: Raw) -> Iterator[Hidden]:
    at = find_program(raw)
    if at >= 0:
        yield Hidden("program", "PE", at)


def _in_notes(raw: Raw, notes: list[Note]) -> Iterator[Hidden]:
    for note in notes:
        # Windows writes its remarks with two bytes a letter.
        text = note.data.replace(b"\x00", b"") if note.sort == "exif" else note.data
        markup = _markup(text)
        if markup:
            yield Hidden("script", markup[0][:40].decode("latin-1"), max(0, raw.find(markup[0][:40])))
        server = _SERVER.search(text) or (_SERVER_BLOCK.search(text) if note.sort in {"text", "xmp"} else None)
        if server:
            yield Hidden("script", server[0][:40].decode("latin-1"), max(0, raw.find(server[0][:40])))
        if note.data.startswith(b"#!/"):
            yield Hidden("program", "#!", max(0, raw.find(note.data[:64])))


def _markup(text: bytes) -> re.Match[bytes] | None:
    """Markup that would run; a script only where it ends, so that words about scripts are none."""
    script = _SCRIPT.search(text)
    if script and _SCRIPT_ENDS.search(text, script.end()):
        return script
    return _MARKUP.search(text)


def _tail(raw: Raw, at: int) -> Hidden:
    size = len(raw) - at
    head = raw[at : at + _TAIL_HEAD]
    for magic, sort, what in _AT_TAIL:
        if head.startswith(magic):
            return Hidden(sort, what, at, size)
    page = _PAGE.search(head) or _markup(head) or _CODE.search(head)
    if page:
        return Hidden("script", page[0][:40].decode("latin-1"), at + page.start(), size)
    document = _PDF.search(raw, at)
    if document:
        return Hidden("document", "PDF", document.start(), size)
    if _holds_film(raw, at):
        return Hidden("film", "MP4", at, size)
    maker = _MAKERS.match(head) or b"CANON OPTIONAL DATA" in head
    if _is_samsung(raw, at) or (maker and size <= _ROOM):
        return Hidden("maker", head[:8].decode("latin-1"), at, size)
    return Hidden("unknown", "", at, size)


def _holds_film(raw: Raw, at: int) -> bool:
    """Whether what stands there is a film to its end, alone or behind the mark that Samsung's phones set."""
    marked = raw.find(_MOTION_PHOTO, at)
    # The zeros that a film begins with were taken for padding.
    begins = at + raw[at : at + 8].find(b"ftyp") - 4 if b"ftyp" in raw[at : at + 8] else -1
    begins = marked + len(_MOTION_PHOTO) if marked >= 0 and begins < 0 else begins
    near = begins - at <= _ROOM or _is_samsung(raw, at)
    if begins < 0 or raw[begins + 4 : begins + 8] != b"ftyp" or not near:
        return False
    end, boxes = begins, 0
    while boxes < _MOST_BOXES:
        size = int.from_bytes(raw[end : end + 4], "big") or len(raw) - end
        known = raw[end + 4 : end + 8] in _FILM_BOXES or not boxes
        if not known or size < 8 or end + size > len(raw):
            break
        end, boxes = end + size, boxes + 1
    return boxes > 1 and (len(raw) - end <= _ROOM or _is_samsung(raw, end))


def _is_samsung(raw: Raw, at: int) -> bool:
    """Whether blocks and a directory of them, as Samsung's phones write it, fill the rest of the file."""
    length = int.from_bytes(raw[-8:-4], "little")
    directory = len(raw) - 8 - length
    if raw[-4:] != b"SEFT" or directory < at or raw[directory : directory + 4] != b"SEFH":
        return False
    count = int.from_bytes(raw[directory + 8 : directory + 12], "little")
    if length != 12 + 12 * count:
        return False
    entries = [raw[each : each + 12] for each in range(directory + 12, directory + length, 12)]
    blocks = [tuple(int.from_bytes(each[k : k + 4], "little") for k in (4, 8)) for each in entries]
    # Each block repeats the sort that the directory gives for it.
    sound = all(
        size <= back <= directory and raw[directory - back : directory - back + 4] == each[:4]
        for each, (back, size) in zip(entries, blocks, strict=True)
    )
    return sound and sum(size for _, size in blocks) >= directory - at - _ROOM
