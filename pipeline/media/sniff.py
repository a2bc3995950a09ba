"""What kind of media a file is, by its first bytes and never by its name.

The answer names the ffmpeg demuxer to force, so that a "video" that is really a playlist
can never make a decoder open other files or hosts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Kind:
    """A media kind: our name for it, ffmpeg's demuxer, usual extensions."""

    name: str
    demuxer: str
    extensions: tuple[str, ...]


ISO_MEDIA = Kind("MP4/MOV", "mov", (".mp4", ".m4v", ".mov", ".m4a", ".3gp", ".qt"))
MATROSKA = Kind("Matroska/WebM", "matroska", (".mkv", ".webm", ".mka"))
AVI = Kind("AVI", "avi", (".avi",))
WAV = Kind("WAV", "wav", (".wav",))
MPEG_TS = Kind("MPEG-TS", "mpegts", (".ts", ".mts", ".m2ts"))
MPEG_PS = Kind("MPEG-PS", "mpeg", (".mpg", ".mpeg", ".vob"))
MP3 = Kind("MP3", "mp3", (".mp3",))
AAC = Kind("AAC", "aac", (".aac",))
FLAC = Kind("FLAC", "flac", (".flac",))
OGG = Kind("Ogg", "ogg", (".ogg", ".oga", ".ogv", ".opus"))
ASF = Kind("WMV/WMA", "asf", (".wmv", ".wma", ".asf"))
FLV = Kind("FLV", "flv", (".flv",))
MXF = Kind("MXF", "mxf", (".mxf",))

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\x1aE\xdf\xa3", MATROSKA),
    (b"\x00\x00\x01\xba", MPEG_PS),
    (b"ID3", MP3),
    (b"fLaC", FLAC),
    (b"OggS", OGG),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", ASF),
    (b"FLV\x01", FLV),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", MXF),
)
_SYNCS = 4
"""Packets in a row whose first byte must be right before a file counts as a transport stream."""

_ISO_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


def sniff(path: Path) -> Kind | None:
    """The media kind of a file, or None when it is none of those we read. Raises OSError."""
    with path.open("rb") as file:
        return sniff_bytes(file.read(HEAD_BYTES))


def sniff_bytes(head: bytes) -> Kind | None:
    """The media kind that the first bytes of a file announce."""
    if head[4:8] in _ISO_BOXES:
        return ISO_MEDIA
    if head[:4] == b"RIFF":
        return {b"AVI ": AVI, b"WAVE": WAV}.get(head[8:12])
    if head[:4] == b"RF64" and head[8:12] == b"WAVE":
        return WAV
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if _transport_stream(head):
        return MPEG_TS
    return _framed_audio(head)


def _transport_stream(head: bytes) -> bool:
    # Plain packets are 188 bytes; camcorders put a 4-byte time before each (192), receivers 16 bytes behind (204).
    # A receiver's recording begins anywhere within a packet.
    return any(
        head[first : first + _SYNCS * step : step] == b"\x47" * _SYNCS
        for step in (188, 192, 204)
        for first in range(step)
    )


def _framed_audio(head: bytes) -> Kind | None:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    if layer == 0 and head[1] & 0xF6 == 0xF0:
        return AAC
    sound_rate, bit_rate = head[2] >> 2 & 3, head[2] >> 4
    return MP3 if version != 1 and layer == 1 and sound_rate != 3 and bit_rate not in {0, 15} else None
