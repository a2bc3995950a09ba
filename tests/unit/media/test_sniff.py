from __future__ import annotations

import pytest

from pipeline.media import sniff


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x18ftypmp42", sniff.ISO_MEDIA),
        (b"\0\0\0\x08wide\0\0\0\0mdat", sniff.ISO_MEDIA),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01", sniff.MATROSKA),
        (b"RIFF\0\0\0\0AVI LIST", sniff.AVI),
        (b"RIFF\0\0\0\0WAVEfmt ", sniff.WAV),
        (b"RF64\xff\xff\xff\xffWAVEds64", sniff.WAV),
        ((b"\x47" + b"\0" * 187) * 4, sniff.MPEG_TS),
        ((b"\0\0\0\0\x47" + b"\0" * 187) * 4, sniff.MPEG_TS),
        (b"\0\0\x01\xba\x44\0", sniff.MPEG_PS),
        (b"ID3\x04\0\0", sniff.MP3),
        (b"\xff\xfb\x90\x64", sniff.MP3),
        (b"\xff\xf1\x50\x80", sniff.AAC),
        (b"fLaC\0\0\0\x22", sniff.FLAC),
        (b"OggS\0\x02", sniff.OGG),
        (b"FLV\x01\x05", sniff.FLV),
    ],
)
def test_media_is_known_by_its_first_bytes(head: bytes, kind: sniff.Kind) -> None:
    assert sniff.sniff_bytes(head) is kind


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\0",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<!doctype html><html>",
        b"<?xml version='1.0'?><MPD>",
        b"PK\x03\x04\x14\0",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\0\0\0\0WEBP",
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n",
        b"\xff\xff\xff\xff",
        b"\x47" + b"\0" * 187 + b"\x48" + b"\0" * 600,
    ],
)
def test_playlists_pages_archives_and_pictures_are_not_media(head: bytes) -> None:
    assert sniff.sniff_bytes(head) is None
