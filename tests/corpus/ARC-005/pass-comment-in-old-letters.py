"""Comments as archivers of Windows write them, in an old code page, and fields that packers add."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    fields = b"UT\x09\0\3" + bytes(range(8)) + b"ux\x0b\0\1\4" + bytes(9) + b"\x0a\0\x20\0" + bytes(range(32))
    item = Item("a.txt", b"a", local={"extra": fields}, central={"extra": fields, "comment": b"first"})
    comment = "Урок 5. Считаем до десяти <черновик>, см. https://example.kz/a?b=1".encode("cp1251")
    return write(folder, zip_bytes([index(), item], comment=comment))
