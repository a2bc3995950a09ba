"""The layout of a raster picture file, as its walkers tell it."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import mmap
from typing import Literal

Raw = bytes | mmap
"""The bytes of a file; large ones are mapped, not read."""

NoteSort = Literal["exif", "xmp", "xmp-part", "iptc", "text", "segment"]
"""xmp-part: of XMP too long for one segment: 32 letters that name it, its whole length, where the piece goes."""

FlawSort = Literal["cut-off", "no-end", "checksum", "damaged", "excess"]
"""no-end: nothing is missing but the mark that says so. excess: the packed rows go on far behind the last one."""

_STEP = 1 << 20
MAX_NOTES = 4096
MAX_NOTE_BYTES = 16_000_000
"""Of all notes of one file together: a picture's metadata is kilobytes."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something a picture carries beside its pixels. `key` is a PNG keyword or the name of a segment."""

    sort: NoteSort
    key: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Flaw:
    """Where the layout breaks: `what` is a short technical word for it."""

    sort: FlawSort
    what: str


@dataclass(slots=True)
class Layout:
    """What the walk through a file found; pixels count from the header, durations are in milliseconds."""

    width: int = 0
    height: int = 0
    mode: str = ""
    """As a report may show it: "RGB", "grey", "palette", "CMYK"."""
    bits: int = 8
    """Of one sample."""
    exotic: str = ""
    """What makes it a file that few programs show, in a technical word; empty for ordinary files."""
    durations: list[int] | None = None
    """Of each frame as browsers show it; None for a picture that stands still."""
    frames: int = 1
    plays: int = 1
    """How often an animation runs; 0 without end."""
    frame_pixels: int = 0
    """All frames together."""
    end: int = 0
    """Where the picture ends in the file; what stands behind is no part of it."""
    flaw: Flaw | None = None
    notes: list[Note] | None = None
    note_bytes: int = 0
    unpacked: int = 0
    """Bytes that packed notes have grown to so far."""
    inflates: int = 0
    """Bytes that packed notes would at least grow to, when that is past all measure."""

    unknown: int = 0
    """Bytes in pieces that nobody is known to need."""
    unknown_name: str = ""
    unknown_at: int = 0
    """The largest of these pieces: its name, and where it stands in the file."""
    unknown_largest: int = 0

    def unexplained(self, raw: Raw, name: str, at: int, size: int) -> None:
        """Count a piece whose purpose is not known; one of zeros is a filler."""
        if not any(raw[each : min(each + _STEP, at + size)].strip(b"\0") for each in range(at, at + size, _STEP)):
            return
        self.unknown += size
        if size > self.unknown_largest:
            self.unknown_largest, self.unknown_name, self.unknown_at = size, name, at

    def note(self, sort: NoteSort, key: str, data: bytes) -> None:
        """Keep a note, as long as there is room: what a stranger's file piles up must not fill our memory."""
        self.notes = [] if self.notes is None else self.notes
        if len(self.notes) < MAX_NOTES and self.note_bytes + len(data) <= MAX_NOTE_BYTES:
            self.notes.append(Note(sort, key, data))
            self.note_bytes += len(data)
