"""Every entry's data reach over the headers of those behind it: one kernel, unpacked many times."""

from __future__ import annotations

import zlib
from pathlib import Path

from tests.unit.checks.hostile_zip import DEFLATED, Item, central_header, end_record, local_header, write


def make(folder: Path) -> Path:
    kernel = Item("z.txt", b"0" * 200_000, DEFLATED)
    facts = kernel.facts()
    body = local_header(facts) + kernel.packed()
    directory = central_header(facts, 0)
    names = [f"{number}.html" for number in range(20)]
    for name in names:
        item = Item(name, b"0" * 200_000, data=body)
        facts = item.facts() | {"size": len(body), "crc": zlib.crc32(body)}
        shift = len(local_header(facts))
        body = local_header(facts) + body
        directory = b"".join(_moved(record, shift) for record in _records(directory)) + central_header(facts, 0)
    end = end_record(len(names) + 1, len(directory), len(body))
    return write(folder, body + directory + end)


def _records(directory: bytes) -> list[bytes]:
    return [b"PK\1\2" + each for each in directory.split(b"PK\1\2")[1:]]


def _moved(record: bytes, shift: int) -> bytes:
    offset = int.from_bytes(record[42:46], "little") + shift
    return record[:42] + offset.to_bytes(4, "little") + record[46:]
