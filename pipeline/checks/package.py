"""An HTML5 package, or any other archive, as a subject."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pipeline.checks.subject import Subject
from pipeline.errors import Place
from pipeline.package.tree import FolderTree, Tree


class PackageSubject(Subject):
    """An application (E): a ZIP, or the folder it will be zipped from."""

    @cached_property
    def tree(self) -> Tree:
        """The files of the package. Raises Blocked for an archive that cannot be opened safely."""
        if self.path.is_dir():
            return FolderTree(Path(self.path))
        raise NotImplementedError

    def place(self, name: str, line: int = 0, column: int = 0) -> Place:
        """A place inside the package, as reports call it."""
        joint = "/" if self.path.is_dir() else "!"
        return Place(f"{self.task.file.shown}{joint}{name}", line, column)
