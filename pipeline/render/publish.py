"""Moves finished files into the output folder: each appears whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError

PARTIAL = ".telesabaq-partial"
"""Ending of a copy on its way to another disk; swept away by the next build."""


def publish(files: Mapping[str, Path], folder: Path) -> None:
    """Move `files` (name -> finished file) into `folder`, in order. Raises UsageError when the disk says no."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob(f".*{PARTIAL}"):
            stale.unlink(missing_ok=True)
        for name, made in files.items():
            _move(made, folder / name)
    except OSError as error:
        raise UsageError.of("build.cannot-write", folder=folder, reason=error.strerror or str(error)) from error


def withdraw(before: Mapping[str, Any] | None, files: Mapping[str, Path], folder: Path) -> None:
    """Take away what an earlier manifest of this folder names and the new build no longer makes."""
    try:
        named = {Path(each["path"]).name for each in before["outputs"]} if before is not None else set()
    except (KeyError, TypeError):
        return  # written by hand: it vouches for nothing
    for name in named - set(files):
        (folder / name).unlink(missing_ok=True)


def _move(made: Path, target: Path) -> None:
    try:
        made.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        partial = target.with_name(f".{target.name}.{os.getpid()}{PARTIAL}")
        try:
            shutil.copyfile(made, partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
