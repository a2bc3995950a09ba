"""A thousand names for one and the same packed file."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import DEFLATED, Item, central_header, end_record, local_header, write


def make(folder: Path) -> Path:
    item = Item("0.html", b"0" * 200_000, DEFLATED)
    body = local_header(item.facts()) + item.packed()
    names = [f"{number}.html".encode() for number in range(1000)]
    directory = b"".join(central_header(item.facts() | {"name": name}, 0) for name in names)
    return write(folder, body + directory + end_record(len(names), len(directory), len(body)))
