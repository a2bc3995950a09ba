"""A folder of our own for a while, which no interrupt leaves behind."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex


@contextmanager
def private_folder(prefix: str, within: Path | None = None) -> Iterator[Path]:
    """A fresh folder that only its owner may enter, gone on leaving. `within`: default the system's temporary folder.

    tempfile makes the folder before anybody knows its name: Ctrl-C in between leaves it for ever. This one is known
    before it is made, under a name that nobody else can guess or have.
    """
    folder = (within or Path(tempfile.gettempdir())) / f"{prefix}{token_hex(8)}"
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
