"""Damages files as bad copies, bad programs and bad people do. Everything follows from the random.Random given."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from random import Random

MOST_BYTES = 400_000

_TOKENS = (
    *(b"<!ENTITY a 'b'>", b"<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", b"<script>", b"]]>", b"<!--"),
    *(b"../", b"C:\\", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"%00", b"\r\n", b"\xe2\x80\xae"),
    *(
        b"moov",
        b"mdat",
        b"ftypqt  ",
        b"stts",
        b"RIFF",
        b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f",
        b"PK\x03\x04",
        b"PK\x05\x06",
    ),
    *(b"\xff\xd8\xff", b"\xff\xd9", b"IEND", b"GIF89a", b"MZ", b"\x7fELF", b"WEBVTT", b"00:00:00.000 --> 99:59:59.999"),
    *(b"&a &a *a", b"- - - - - - - -", b"!!python/object/apply:os.system", b"${x}", b"{{", b"eval(atob('", b"`${`${"),
    *(b"url(", b"@import", b"data:text/html;base64,", b"((((((((((((((((((((", b"[[[[[[[[[[[[[[[[[[[[", b"9" * 400),
)
_SIZES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


def mutated(data: bytes, other: bytes, chance: Random) -> bytes:
    """`data` after one to four damages; `other` is another file, for splices."""
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(_DAMAGES)(data, other, chance)
    return data[:MOST_BYTES]


def mutated_inside(archive: bytes, other: bytes, chance: Random) -> bytes:
    """A ZIP with one of its files damaged and the archive itself in order; a broken ZIP is damaged as it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as source:
            members = {info.filename: source.read(info) for info in source.infolist() if info.file_size < MOST_BYTES}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, KeyError):
        return mutated(archive, other, chance)
    if not members:
        return mutated(archive, other, chance)
    name = chance.choice(sorted(members))
    members[name] = mutated(members[name], other, chance)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for each, data in members.items():
            target.writestr(zipfile.ZipInfo(each, (2020, 4, 6, 9, 0, 0)), data)
    return out.getvalue()


def _flip(data: bytes, _: bytes, chance: Random) -> bytes:
    changed = bytearray(data or b"\x00")
    for _ in range(chance.choice((1, 2, 8, 64))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut_off(data: bytes, _: bytes, chance: Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _lose(data: bytes, _: bytes, chance: Random) -> bytes:
    start, end = _range(data, chance)
    return data[:start] + data[end:]


def _repeat(data: bytes, _: bytes, chance: Random) -> bytes:
    start, end = _range(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 3, 50)) + data[end:]


def _swap(data: bytes, _: bytes, chance: Random) -> bytes:
    a, b = _range(data, chance)
    c, d = sorted((chance.randint(b, len(data)), chance.randint(b, len(data))))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _overwrite_size(data: bytes, _: bytes, chance: Random) -> bytes:
    width = chance.choice((1, 2, 4))
    at = chance.randint(0, max(0, len(data) - width))
    value = chance.choice(_SIZES) & (256**width - 1)
    return data[:at] + value.to_bytes(width, chance.choice(("big", "little"))) + data[at + width :]


def _insert_token(data: bytes, _: bytes, chance: Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(_TOKENS) + data[at:]


def _splice(data: bytes, other: bytes, chance: Random) -> bytes:
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _range(data: bytes, chance: Random) -> tuple[int, int]:
    start = chance.randint(0, len(data))
    return start, min(len(data), start + chance.choice((1, 4, 32, 512, 4096)))


_DAMAGES: tuple[Callable[[bytes, bytes, Random], bytes], ...] = (
    *(_flip, _cut_off, _lose, _repeat, _swap, _overwrite_size, _insert_token, _splice),
)
