"""What a ZIP says beside its files: comments, which are words, and the extra fields of known programs."""

from __future__ import annotations

import re

from pipeline.package.zip_names import extra_fields

_BEGINNINGS = (b"pk\3\4", b"pk\5\6", b"mz", b"\x7felf", b"#!", b"<?php", b"<html", b"%pdf-", b"rar!", b"7z\xbc\xaf")
_ARCHIVES = (b"PK\3\4", b"PK\5\6")
_ACTIVE = re.compile(
    rb"<(?:script|iframe|object|embed|svg|meta|link|base|form)\b|<[a-z][^<>]{0,2000}\bon[a-z]{3,30}\s*=|javascript:"
    rb"|^\s*@?(?:echo\s+off|start\s+(?:['\x22]{2}|/\w)|powershell(?:\.exe)?\s+-|cmd(?:\.exe)?\s*/c)"
    rb"|^\s*@?(?:mshta|wscript|cscript|rundll32|regsvr32)\b",
    re.IGNORECASE | re.MULTILINE,
)
_NO_WORD = re.compile(rb"\S{300}")
"""No language has such words, and no address is so long: something is written in letters that is no text."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x19\x1b-\x1f\x7f]")

_KNOWN = {
    *(0x0001, 0x0007, 0x0009, 0x000A, 0x000C, 0x000D, 0x0017, 0x0065, 0x07C8, 0x2605, 0x2705, 0x334D, 0x4341, 0x4453),
    *(0x4704, 0x470F, 0x4B46, 0x4C41, 0x4D49, 0x4F4C, 0x5356, 0x5455, 0x554E, 0x5855, 0x6375, 0x6542, 0x7075, 0x756E),
    *(0x7855, 0x7875, 0x9901, 0xA11E, 0xA220, 0xCAFE, 0xD935, 0xE57A, 0xFB4A, 0xFD4A),
}
"""Fields of the format's own description and of Info-ZIP's."""
_UNICODE_COMMENT, _UNICODE_PATH = 0x6375, 0x7075
_MOST_OF_UNKNOWN, _MOST_OF_KNOWN = 64, 1024
_MARKS = (b"PK\3\4", b"This program cannot", b"\x7fELF", b"<script")


def no_words(comment: bytes) -> bool:
    """Whether a comment is something else than words: another file, a program, markup that acts, or noise."""
    comment = comment.rstrip(b"\0")
    if len(comment) < 4:
        return False
    if comment[:64].lstrip().lower().startswith(_BEGINNINGS) or any(each in comment for each in _ARCHIVES):
        return True
    return any(each.search(comment) for each in (_ACTIVE, _NO_WORD, _CONTROLS))


def hides_something(extra: bytes) -> bool:
    """Whether the extra fields hold more than what packing programs note there. Zeros are padding."""
    if len(extra) <= _MOST_OF_UNKNOWN:
        return False
    if any(mark in extra for mark in _MARKS):
        return True
    fields = extra_fields(extra)
    told = sum(4 + len(content) for content in fields.values())
    unknown = sum(len(content.strip(b"\0")) for identity, content in fields.items() if identity not in _KNOWN)
    unknown += len(extra[told:].strip(b"\0")) if told < len(extra) else 0
    known = (content for identity, content in fields.items() if identity in _KNOWN - {_UNICODE_PATH})
    return (
        unknown > _MOST_OF_UNKNOWN
        or any(len(content.strip(b"\0")) > _MOST_OF_KNOWN for content in known)
        or no_words(fields.get(_UNICODE_COMMENT, b"")[5:])
    )
