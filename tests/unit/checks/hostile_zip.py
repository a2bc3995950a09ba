"""Writes ZIPs byte by byte, so that every record can tell what it likes: no ordinary tool makes hostile ones."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PAGE = """<!DOCTYPE html>
<html lang="kk">
<head><meta charset="utf-8"><title>Санау</title></head>
<body><h1>Онға дейін санаймыз</h1><p>Алмаларды сана да, санын айт.</p></body>
</html>
"""
UTF8 = 0x800
DEFLATED = 8


@dataclass
class Item:
    """One entry. `local` and `central` put other values in place of the true ones: name, flags, method, crc, packed,
    size, extra; in the directory also comment, attributes, host, offset.
    """

    name: str | bytes
    content: bytes = b""
    method: int = 0
    data: bytes | None = None
    """The packed bytes, where they are not what the method makes."""
    before: bytes = b""
    """Bytes in front of the entry."""
    after: bytes = b""
    """Bytes behind its data: a descriptor, or a surprise."""
    local: Mapping[str, object] = field(default_factory=dict)
    central: Mapping[str, object] = field(default_factory=dict)
    no_local: bool = False
    no_central: bool = False

    def facts(self) -> dict[str, object]:
        raw = self.name if isinstance(self.name, bytes) else self.name.encode()
        packed = self.packed()
        return {
            "name": raw,
            "flags": 0 if raw.isascii() or isinstance(self.name, bytes) else UTF8,
            "method": self.method,
            "crc": zlib.crc32(self.content),
            "packed": len(packed),
            "size": len(self.content),
            "extra": b"",
            "comment": b"",
            "attributes": 0,
            "host": 3,
            "disk": 0,
        }

    def packed(self) -> bytes:
        if self.data is not None:
            return self.data
        if self.method != DEFLATED:
            return self.content
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        return deflate.compress(self.content) + deflate.flush()


def index(page: str = PAGE) -> Item:
    """The start page of an application."""
    return Item("index.html", page.encode(), DEFLATED)


def local_header(facts: Mapping[str, object]) -> bytes:
    name, extra = _raw(facts["name"]), _raw(facts["extra"])
    numbers = [facts[key] for key in ("flags", "method")], [facts[key] for key in ("crc", "packed", "size")]
    fixed = struct.pack("<4s5H3L2H", b"PK\3\4", 20, *numbers[0], 0, 0x5086, *numbers[1], len(name), len(extra))
    return fixed + name + extra


def central_header(facts: Mapping[str, object], offset: object) -> bytes:
    name, extra, comment = _raw(facts["name"]), _raw(facts["extra"]), _raw(facts["comment"])
    made = 20 | int(str(facts["host"])) << 8
    numbers = [facts[key] for key in ("flags", "method")], [facts[key] for key in ("crc", "packed", "size")]
    lengths = len(name), len(extra), len(comment)
    fixed = struct.pack("<4s4H2H3L3H", b"PK\1\2", made, 20, *numbers[0], 0, 0x5086, *numbers[1], *lengths)
    return fixed + struct.pack("<2H2L", facts["disk"], 0, facts["attributes"], offset) + name + extra + comment


def end_record(count: int, size: int, offset: int, comment: bytes = b"", *, disk: int = 0) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\5\6", disk, disk, count, count, size, offset, len(comment)) + comment


def zip_bytes(
    items: Sequence[Item],
    *,
    prefix: bytes = b"",
    before_directory: bytes = b"",
    behind_directory: bytes = b"",
    comment: bytes = b"",
    count: int | None = None,
) -> bytes:
    """The whole archive. Offsets count from behind `prefix`, as in an archive that something was put in front of."""
    body, directory, listed = b"", b"", 0
    for item in items:
        facts = item.facts()
        body += item.before
        offset = len(body)
        if not item.no_local:
            body += local_header(facts | dict(item.local)) + item.packed() + item.after
        if not item.no_central:
            told = facts | dict(item.central)
            directory += central_header(told, told.get("offset", offset))
            listed += 1
    body += before_directory
    end = end_record(listed if count is None else count, len(directory), len(body), comment)
    return prefix + body + directory + behind_directory + end


def write(folder: Path, content: bytes, name: str = "app.zip") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def _raw(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
