"""Small documents and programs of the forms that hide something: only the records that tell what they are."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Sequence
from itertools import pairwise

_NONE, _END, _FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STREAM, _STORAGE, _ROOT = 2, 1, 5

MSI_CLASS = "000C1084-0000-0000-C000-000000000046"
WORD_CLASS = "00020906-0000-0000-C000-000000000046"


def ole(paths: Sequence[str], root_class: str = WORD_CLASS) -> bytes:
    """A compound file with empty streams at these paths ("Macros/VBA/dir") and the storages above them."""
    nodes: dict[str, list[str]] = {"": []}
    for path in paths:
        parts = path.split("/")
        for depth in range(len(parts)):
            parent, here = "/".join(parts[:depth]), "/".join(parts[: depth + 1])
            if here not in nodes:
                nodes[here] = []
                nodes[parent].append(here)
    order = list(nodes)
    sibling = {one: other for children in nodes.values() for one, other in pairwise(children)}
    records = b"".join(_record(path, nodes[path], order, sibling, root_class, path in paths) for path in order)
    records += bytes(-len(records) % 512)
    sectors = len(records) // 512
    chain = [_FAT_SECTOR, *range(2, sectors + 1), _END]
    fat = struct.pack("<128L", *chain, *[_NONE] * (128 - len(chain)))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9L", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<109L", 0, *[_NONE] * 108)
    return header + fat + records


def _record(
    path: str, children: list[str], order: list[str], sibling: dict[str, str], root_class: str, stream: bool
) -> bytes:
    name = (path.rpartition("/")[2] if path else "Root Entry").encode("utf-16-le")
    kind = _ROOT if not path else _STREAM if stream else _STORAGE
    right = order.index(sibling[path]) if path in sibling else _NONE
    child = order.index(children[0]) if children else _NONE
    clsid = uuid.UUID(root_class).bytes_le if not path else bytes(16)
    links = struct.pack("<HBB3L", len(name) + 2, kind, 1, _NONE, right, child)
    return name.ljust(64, b"\0") + links + clsid + bytes(20) + struct.pack("<LQ", _END, 0)


def pdf(catalogue: str, *objects: str) -> bytes:
    """A document of one empty page; `catalogue` is added to its root, `objects` are numbered from 4 on."""
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        *objects,
    ]
    content, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(content))
        content += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}trailer\n"
    return content + f"{trailer}<< /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{len(content)}\n%%EOF\n".encode()


def windows_program() -> bytes:
    """The beginning of a PE file."""
    dos = b"MZ" + struct.pack("<29H", 0x90, 3, 0, 4, 0, 0xFFFF, 0, 0xB8, *[0] * 21) + struct.pack("<L", 128)
    return dos.ljust(128, b"\0") + b"PE\0\0" + struct.pack("<HH", 0x8664, 1) + bytes(300)


def standard_virus() -> bytes:
    """The file by which anti-virus programs are tried; in pieces, or they would stop this module."""
    return rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE" + b"!$H+H*"


def known_bad() -> bytes:
    """A harmless file whose digest is on the project's own list."""
    return b"TELESABAQ known bad test file\n"
