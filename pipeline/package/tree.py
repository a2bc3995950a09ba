"""The files of a package, in a ZIP (pipeline.package.archive) or in the folder it will be made of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

HEAD_BYTES = 65_536


class Tree(Protocol):
    """Files by name: relative, forward slashes, exactly as written by their author."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every file, no folders."""

    def size(self, name: str) -> int:
        """Bytes of a file, unpacked."""

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The bytes of a file, at most `limit`; never more than the caps on really inflated bytes allow."""


class FolderTree:
    """A folder on disk. Links and special files have no content: they are never followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths = {path.relative_to(folder).as_posix(): path for path in _files(folder)}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._paths)

    def size(self, name: str) -> int:
        return self._paths[name].lstat().st_size

    def read(self, name: str, limit: int | None = None) -> bytes:
        path = self._paths[name]
        if path.is_symlink() or not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(-1 if limit is None else limit)


def _files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _files(path)
        else:
            yield path
