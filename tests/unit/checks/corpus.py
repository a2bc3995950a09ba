"""The corpus: files with a verdict known beforehand, under the rule they are about.

`tests/corpus/<RULE-ID>/` holds cases. A case whose name begins with `fail-` must yield a finding of that rule and of
no other; one that begins with `pass-` must yield none. A case is

- a file, or a folder (a submission, or an unpacked package);
- a folder whose name ends in `.zip`: it is zipped first (an archive written by an ordinary tool);
- a Python file with `make(folder: Path) -> Path`, for what no repository should hold: large or hostile bytes. It
  writes the case into the empty folder it is given and returns its path.
"""

from __future__ import annotations

import importlib.util
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parents[2] / "corpus"


@dataclass(frozen=True)
class Case:
    rule: str
    path: Path

    @property
    def fails(self) -> bool:
        return self.path.name.startswith("fail-")

    def __str__(self) -> str:
        return f"{self.rule}/{self.path.name}"

    def lay(self, folder: Path) -> Path:
        """Put the case into an empty folder, as an author would hand it in; the path to check."""
        if self.path.suffix == ".py":
            return _made(self.path, folder)
        target = folder / self.path.name
        if self.path.is_dir() and self.path.suffix == ".zip":
            return zipped(self.path, target)
        if self.path.is_dir():
            shutil.copytree(self.path, target, symlinks=True)
        else:
            shutil.copyfile(self.path, target)
        return target


def cases() -> Iterator[Case]:
    for folder in sorted(CORPUS.iterdir()):
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if path.name.startswith(("pass-", "fail-")):
                    yield Case(folder.name, path)


def zipped(folder: Path, target: Path) -> Path:
    """A ZIP of a folder's files, the same bytes each time."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (2020, 4, 6, 9, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, path.read_bytes())
    return target


def _made(script: Path, folder: Path) -> Path:
    spec = importlib.util.spec_from_file_location(script.stem.replace("-", "_"), script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Path = module.make(folder)
    return made
