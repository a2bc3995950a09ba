"""Walks a JPEG from marker to marker (ITU-T T.81), without decoding it."""

from __future__ import annotations

import re

from pipeline.media.pictures.layout import Flaw, Layout, Raw

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_ALONE = {0x01, *range(0xD0, 0xD9)}
_EXOTIC = {
    "lossless": {0xC3, 0xC7, 0xCB, 0xCF},
    "hierarchical": {0xC5, 0xC6, 0xCD, 0xCE},
    "arithmetic coding": {0xC9, 0xCA},
}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_MOST_SEGMENTS = 100_000
"""A file of a hundred megabytes in the largest segments has 1,600."""
_MODES = {1: "grey", 3: "RGB", 4: "CMYK"}
_XMP_PART = b"http://ns.adobe.com/xmp/extension/\x00"
_EXIF, _XMP, _IPTC = b"Exif\x00", b"http://ns.adobe.com/xap/1.0/\x00", b"Photoshop 3.0\x00"

_KNOWN = (b"JFIF", b"JFXX", _EXIF, b"http://ns.adobe.com/", b"ICC_PROFILE\x00", b"MPF\x00", b"FPXR\x00",
          b"Photoshop 3.0", b"Adobe", b"Ducky", b"JP", b"FLIR\x00", b"HDR_RI", b"SPIFF", b"Meta\x00", b"META\x00",
          b"Stim", b"GoPro\x00", b"SCALADO", b"AVI1", b"urn:", b"AROT", b"RMETA", b"QVCI", b"DJI", b"PENTAX", b"RICOH",
          b"SAMSUNG", b"Qualcomm")  # fmt: skip
"""How segments begin that cameras and programs are known to write, some of them large."""


def walk_jpeg(raw: Raw, start: int = 0) -> Layout:
    """The layout of the JPEG that begins at `start`. Never raises for what the bytes are."""
    layout = Layout(frames=1)
    at, segments = start + 2, 0
    while layout.flaw is None:
        found = _NEXT_MARKER.search(raw, at)
        if found is None:
            layout.flaw = Flaw("no-end", "EOI")
            break
        marker, at = found[0][1], found.end()
        if marker == _EOI:
            layout.end = at
            break
        if marker in _ALONE:
            if marker == _SOI:
                layout.flaw = Flaw("damaged", "SOI")
            continue
        length = int.from_bytes(raw[at : at + 2], "big")
        if length < 2 or at + length > len(raw):
            layout.flaw = Flaw("cut-off", "segment") if length >= 2 else Flaw("damaged", f"FF{marker:02X}")
            break
        body = raw[at + 2 : at + length]
        _segment(layout, marker, body)
        if 0xE0 <= marker <= 0xEF and not body.startswith(_KNOWN):
            layout.unexplained(raw, f"APP{marker - 0xE0}", at + 2, len(body))
        at += length
        segments += 1
        if segments > _MOST_SEGMENTS:
            layout.flaw = Flaw("damaged", f"> {_MOST_SEGMENTS} segments")
    if not (layout.width and layout.height) and layout.flaw is None:
        layout.flaw = Flaw("damaged", "SOF")
    layout.frame_pixels = layout.width * layout.height
    return layout


def coefficients(raw: Raw) -> int:
    """Bytes that a decoder of a progressive JPEG holds at once: all its coefficients. 0 for other JPEGs."""
    at = 2
    while found := _NEXT_MARKER.search(raw, at):
        marker, at = found[0][1], found.end()
        length = int.from_bytes(raw[at : at + 2], "big")
        if marker in _FRAMES:
            body = raw[at + 2 : at + length]
            return _coefficients(body) if marker in _PROGRESSIVE else 0
        if marker in {_EOI, _SOS}:
            return 0
        at += 0 if marker in _ALONE else length
    return 0


def _coefficients(frame: bytes) -> int:
    height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    factors = [(each >> 4, each & 15) for each in frame[7::3]]
    if not factors or not all(h and v for h, v in factors):
        return 0
    most = max(h for h, _ in factors) * max(v for _, v in factors)
    return 2 * width * height * sum(h * v for h, v in factors) // most


def _segment(layout: Layout, marker: int, body: bytes) -> None:
    if marker in _FRAMES:
        _frame(layout, marker, body)
    elif marker == _COM:
        layout.note("text", "COM", body)
    elif 0xE0 <= marker <= 0xEF:
        _application(layout, marker - 0xE0, body)


def _frame(layout: Layout, marker: int, body: bytes) -> None:
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        layout.flaw = Flaw("damaged", "SOF")
        return
    layout.bits = body[0]
    layout.height, layout.width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    layout.mode = _MODES.get(body[5], f"{body[5]} channels")
    layout.exotic = next((name for name, markers in _EXOTIC.items() if marker in markers), "")


def _application(layout: Layout, number: int, body: bytes) -> None:
    if number == 1 and body.startswith(_EXIF):
        layout.note("exif", "APP1", body[6:])
    elif number == 1 and body.startswith(_XMP):
        layout.note("xmp", "APP1", body[len(_XMP) :])
    elif number == 1 and body.startswith(_XMP_PART):
        layout.note("xmp-part", "APP1", body[len(_XMP_PART) :])
    elif number == 13 and body.startswith(_IPTC):
        layout.note("iptc", "APP13", body[len(_IPTC) :])
    elif number != 2 or not body.startswith(b"ICC_PROFILE\x00"):
        layout.note("segment", f"APP{number}", body)
