"""What a `data:` address holds."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from pipeline.media.pictures.formats import other_picture, picture_format

_BLANKS = re.compile(rb"[\s\x00]+")
_FONTS = (b"wOFF", b"wOF2", b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf")
_EOT_VERSIONS = (b"\x00\x00\x01\x00", b"\x01\x00\x02\x00", b"\x02\x00\x02\x00")


def data_content(address: str) -> bytes | None:
    """The bytes of a `data:` address; None where they cannot be had."""
    head, comma, payload = address.partition(",")
    if not comma:
        return None
    content = unquote_to_bytes(payload)
    if not head.rstrip().lower().endswith("base64"):
        return content
    packed = _BLANKS.sub(b"", content).rstrip(b"=")
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except binascii.Error:
        return None


def media_type(address: str) -> str:
    """What a `data:` address says it is: "image/png"; "text/plain" where it says nothing."""
    return re.split(r"[;,]", address[5:100], maxsplit=1)[0].strip().lower() or "text/plain"


def is_drawing_part(content: bytes) -> bool:
    """Whether the bytes are what a drawing may carry inside: a picture, a font, a colour profile."""
    head = content[:65_536]
    return (
        picture_format(head) is not None
        or bool(other_picture(head))
        or head.startswith(_FONTS)
        or (head[34:36] == b"LP" and head[8:12] in _EOT_VERSIONS)
        or head[36:40] == b"acsp"
    )
