"""What a picture tells about people besides what it shows: where it was taken, with whose camera, who is in it.

The name of the author and the holder of the rights are the source that order-121 §41 wants named: they are no fault.
Only names of fields are told, never what stands in them: a report is read by many.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from pipeline.media.pictures.layout import Note

PersonalSort = Literal["place", "owner", "people", "contact"]

_GPS_FIELDS = ({2: "GPSLatitude", 4: "GPSLongitude"}, {20: "GPSDestLatitude", 22: "GPSDestLongitude"})
"""Pairs: where the camera stood, and where it was taken to."""
_OWNER_FIELDS = {0xA430: "CameraOwnerName", 0xA431: "BodySerialNumber", 0xA435: "LensSerialNumber"}
_REMARKS = {0x010E: "ImageDescription", 0x9286: "UserComment", 0x9C9C: "XPComment", 0x9C9F: "XPSubject"}
_EXIF_FOLDER, _GPS_FOLDER = 0x8769, 0x8825
_GPS_AREA = 28
_ENCODING = 8
"""Bytes that name the encoding, before some texts of Exif."""

_EXIF_1 = "http://ns.adobe.com/exif/1.0/"
_EXIF_AUX = "http://ns.adobe.com/exif/1.0/aux/"
_EXIF_EX = "http://cipa.jp/exif/1.0/"
_IPTC_CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
_IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_XMP_FIELDS: dict[str, PersonalSort] = {
    f"{{{_EXIF_1}}}GPSLatitude": "place",
    f"{{{_EXIF_1}}}GPSLongitude": "place",
    f"{{{_EXIF_1}}}GPSDestLatitude": "place",
    f"{{{_EXIF_1}}}GPSDestLongitude": "place",
    f"{{{_EXIF_1}}}GPSAreaInformation": "place",
    f"{{{_EXIF_AUX}}}OwnerName": "owner",
    f"{{{_EXIF_AUX}}}SerialNumber": "owner",
    f"{{{_EXIF_AUX}}}LensSerialNumber": "owner",
    f"{{{_EXIF_EX}}}CameraOwnerName": "owner",
    f"{{{_EXIF_EX}}}BodySerialNumber": "owner",
    f"{{{_EXIF_EX}}}LensSerialNumber": "owner",
    f"{{{_IPTC_EXT}}}PersonInImage": "people",
    "{http://www.metadataworkinggroup.com/schemas/regions/}Name": "people",
    "{http://ns.microsoft.com/photo/1.2/t/Region#}PersonDisplayName": "people",
    f"{{{_IPTC_CORE}}}CiEmailWork": "contact",
    f"{{{_IPTC_CORE}}}CiTelWork": "contact",
    f"{{{_IPTC_CORE}}}CiAdrExtadr": "contact",
}
_MOST_XMP = 4_000_000
_PART_HEAD = 40
_CREDITS = {"copyright", "author", "creator", "artist", "software", "source", "credit", "disclaimer"}
_IPTC_CONTACT = re.compile(rb"\x1c\x02\x76\x00[\x02-\xff]")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}")
_PHONE = re.compile(r"(?<![\d.])(?:\+7|8)[\s(-]{0,2}7\d\d[\s)-]{0,2}\d{3}[\s-]?\d\d[\s-]?\d\d(?![\d.])")
_MOST_TEXT = 100_000

Personal = tuple[PersonalSort, str]
"""What it tells, and the name of the field."""


def personal_data(notes: list[Note]) -> list[Personal]:
    """Every field that tells about a person, in order, each once."""
    found: dict[Personal, None] = {}
    for note in notes:
        if note.sort == "exif":
            found.update(dict.fromkeys(_from_exif(note.data)))
        elif note.sort == "xmp":
            found.update(dict.fromkeys(_from_xmp(note.data)))
        elif note.sort == "iptc" and _IPTC_CONTACT.search(note.data):
            found["contact", "IPTC Contact"] = None
        elif note.sort == "text" and note.key.lower() not in _CREDITS and _is_contact(note.data):
            found["contact", note.key] = None
    for text in _whole_xmp(notes):
        found.update(dict.fromkeys(_from_xmp(text)))
    return list(found)


def _from_exif(data: bytes) -> Iterator[Personal]:
    from PIL import Image

    with warnings.catch_warnings():
        # Pillow warns of odd entries; it then leaves them out, and so do we.
        warnings.simplefilter("ignore")
        try:
            exif = Image.Exif()
            exif.load(data)
            root, own, place = dict(exif), exif.get_ifd(_EXIF_FOLDER), exif.get_ifd(_GPS_FOLDER)
        except Exception:
            # Metadata that nobody can read tells nothing; many kinds of exception come out of broken ones.
            return
    for pair in _GPS_FIELDS:
        if all(_is_position(place.get(tag)) for tag in pair):
            yield from (("place", name) for name in pair.values())
    if _says_encoded(place.get(_GPS_AREA)):
        yield "place", "GPSAreaInformation"
    yield from (("owner", name) for tag, name in _OWNER_FIELDS.items() if _says(own.get(tag) or root.get(tag)))
    yield from _remarks({**root, **own})


def _remarks(fields: Mapping[int, Any]) -> Iterator[Personal]:
    for tag, name in _REMARKS.items():
        value = fields.get(tag)
        if isinstance(value, bytes | str) and _is_contact(value):
            yield "contact", name


def _is_position(value: object) -> bool:
    """Whether degrees, minutes and seconds are there; phones without reception write zeros or nothing."""
    if not isinstance(value, tuple) or not value:
        return False
    try:
        return any(float(each) > 0 for each in value)
    except (TypeError, ValueError, ZeroDivisionError):
        return False


def _says(value: object) -> bool:
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value or "")
    return bool(text.strip(" \x00-0").strip())


def _says_encoded(value: object) -> bool:
    return isinstance(value, bytes) and _says(value[_ENCODING:])


def _whole_xmp(notes: Iterable[Note]) -> Iterator[bytes]:
    """The texts that were cut into pieces: each says which text it belongs to, how long that is, and where it goes."""
    texts: dict[bytes, dict[int, bytes]] = {}
    for note in notes:
        if note.sort == "xmp-part" and len(note.data) > _PART_HEAD:
            at = int.from_bytes(note.data[_PART_HEAD - 4 : _PART_HEAD], "big")
            texts.setdefault(note.data[:32], {})[at] = note.data[_PART_HEAD:]
    for parts in texts.values():
        yield b"".join(parts[at] for at in sorted(parts))


def _from_xmp(data: bytes) -> Iterator[Personal]:
    from lxml import etree

    if len(data) > _MOST_XMP or not data.strip():
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(data.strip(b"\x00 \r\n\t"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    for element in root.iter("*") if root is not None else ():
        sort = _XMP_FIELDS.get(str(element.tag))
        if sort and _says("".join(map(str, element.itertext()))):
            yield sort, etree.QName(element).localname
        for name, value in element.attrib.items():
            sort = _XMP_FIELDS.get(str(name))
            if sort and _says(value):
                yield sort, etree.QName(str(name)).localname


def _is_contact(value: bytes | str) -> bool:
    """Whether a remark holds an e-mail address or a Kazakhstan telephone number."""
    if isinstance(value, bytes):
        # Most of what is written with two bytes a letter has letters whose one byte is zero.
        zeros = {"utf-16-le": value[1::2].count(0), "utf-16-be": value[::2].count(0)}
        wide = max(zeros, key=lambda each: zeros[each])
        value = value[:_MOST_TEXT].decode(wide if zeros[wide] > len(value) // 4 else "utf-8", "replace")
    text = value[:_MOST_TEXT]
    return bool(("@" in text and _EMAIL.search(text)) or _PHONE.search(text))
