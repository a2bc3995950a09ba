"""Documents of the old Office, which are OLE inside: by themselves, or pasted into newer ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from pipeline.checks.active import ActiveContent
from pipeline.checks.dangerous import dangerous_name
from pipeline.checks.executables import executable_content

OLE_BEGINS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_INSTALLERS = re.compile(r"000C108[246]-0000-0000-C000-000000000046", re.IGNORECASE)
"""Class of the root of .msi, .mst and .msp files."""
_MACRO_STREAMS = {"_vba_project", "_vba_project_cur", "vba"}
_PACKAGED = "\x01ole10native"
_PACKAGED_HEAD = 65_536
_BEGINS_A_PROGRAM = re.compile(rb"MZ|\x7fELF|#!|\x4c\0\0\0")


def in_ole(file: BinaryIO, *, pasted: bool = False) -> Iterator[ActiveContent]:
    """Programs in an OLE file. In one that is `pasted` into a document a packaged file is told only when it is one."""
    import olefile

    try:
        with olefile.OleFileIO(file) as ole:
            installer = _INSTALLERS.fullmatch(str(ole.root.clsid if ole.root else "")) is not None
            written = ole.listdir(streams=True, storages=True)
            packaged = [path for path in written if path[-1].lower() == _PACKAGED]
            objects = packaged and (not pasted or any(_is_harmful(ole, path) for path in packaged))
    except Exception:
        # Its parser raises whatever it stumbles over; a document that cannot be opened runs nothing either.
        return
    if installer:
        yield ActiveContent("program", "MSI")
    if any(_MACRO_STREAMS & {part.lower() for part in path} for path in written):
        yield ActiveContent("macros")
    if objects:
        yield ActiveContent("object")


def _is_harmful(ole: Any, path: list[str]) -> bool:
    """Whether a packaged file is a program: by the label and the name in front of it, or by its first bytes."""
    with ole.openstream(path) as stream:
        head = stream.read(_PACKAGED_HEAD)
    names = head[6:].split(b"\0", 2)[:2]
    if any(dangerous_name(name[-300:].decode("cp1251", "replace")) for name in names):
        return True
    return any(executable_content(head[found.start() :]) for found in _BEGINS_A_PROGRAM.finditer(head[:4096]))
