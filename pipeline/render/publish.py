"""Moves finished files into the output folder: each appears whole or not at all.

While a lesson's files are exchanged its folder has no manifest, so no reader takes the old one's word for new files.
What a killed exchange left behind is known by name, and the next one takes it away.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from pipeline.errors import UsageError

MANIFEST = "manifest.json"
PARTIAL = ".telesabaq-partial"
"""Ending of what is on its way; swept away by the next build."""
INTENT = f".publishing{PARTIAL}"
"""Names every file of the exchange under way, new and old, in the form of a manifest."""
LOCK = f".lock{PARTIAL}"
MOST_NAMES = 4 << 20
"""Bytes of a manifest that is read for its names."""
LONGEST_NAME = 255
"""Bytes of a file's name that file systems take."""

_ATTEMPTS = 100
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL, errno.EBADF}


def publish(files: Mapping[str, Path], folder: Path) -> None:
    """Move `files` (name -> finished file) into `folder`, in order, `manifest.json` last; then nothing is left there of
    what earlier manifests named. Another publisher of the same folder waits.

    Raises UsageError when the disk says no; what was there before is still whole unless moving had begun.
    """
    try:
        with locked(folder / LOCK):
            _exchange(files, folder)
    except OSError as error:
        with suppress(OSError):
            folder.rmdir()
        raise _cannot_write(folder, error) from error


def unpublish(folder: Path) -> None:
    """Take away what was published in `folder`, and the folder itself when nobody put anything else there.

    Raises UsageError when the disk says no.
    """
    if not folder.is_dir():
        return
    try:
        with locked(folder / LOCK):
            names = _published(folder)
            (folder / MANIFEST).unlink(missing_ok=True)
            _remove(names, folder)
            _sweep(folder, {LOCK})
        with suppress(OSError):
            folder.rmdir()
    except OSError as error:
        raise _cannot_write(folder, error) from error


def is_whole(manifest: Mapping[str, Any], folder: Path, digest: Callable[[Path], str]) -> bool:
    """Whether everything that a manifest names lies in its folder, with the bytes it tells of (`digest`: SHA-256)."""
    try:
        digests = {each["path"]: each["sha256"] for each in manifest["outputs"]}
        if not digests or names_in(manifest) != set(digests):
            return False
        return all(digest(folder / name) == told for name, told in digests.items())
    except (OSError, KeyError, TypeError):
        return False


def names_in(manifest: object) -> set[str]:
    """Names of the published files that a manifest tells of; none of one written by hand, which vouches for nothing."""
    try:
        paths = {each["path"] for each in manifest["outputs"]}  # type: ignore[index]  # whatever a stranger wrote
        return {path for path in paths if _is_plain(path)}
    except (KeyError, TypeError):
        return set()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file while the block runs, and take it away afterwards. Whoever holds it dies with his lock.

    Where the file system knows no locks the block runs without.
    """
    file = _lock(path)
    try:
        yield
    finally:
        # Before it is let go: who waits for this file must find out that it is no longer the one to wait for.
        path.unlink(missing_ok=True)
        file.close()


def _lock(path: Path) -> IO[bytes]:
    while True:
        file = _opened(path)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except FileNotFoundError:
            pass
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return file
            file.close()
            raise
        file.close()


def _opened(path: Path) -> IO[bytes]:
    for left in reversed(range(_ATTEMPTS)):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("ab")
        except (FileExistsError, FileNotFoundError):
            # Usually the folder was taken away at this moment; but a link that leads nowhere looks the same.
            if not left:
                raise
    raise AssertionError(path)


def _exchange(files: Mapping[str, Path], folder: Path) -> None:
    names = _published(folder)
    _sweep(folder, {LOCK, INTENT})
    staged: dict[str, Path] = {}
    try:
        _write_intent(names | set(files), folder)
        for name, made in files.items():
            staged[name] = folder / f".{name}{PARTIAL}"
            _move(made, staged[name])
        # From here until its successor is in place nothing vouches for the files, which are partly old and partly new.
        (folder / MANIFEST).unlink(missing_ok=True)
    except BaseException:
        for partial in staged.values():
            partial.unlink(missing_ok=True)
        if (folder / MANIFEST).exists() or not names:
            (folder / INTENT).unlink(missing_ok=True)
        raise
    last = staged.pop(MANIFEST, None)
    for name, partial in staged.items():
        partial.replace(folder / name)
    _remove(names - set(files), folder)
    (folder / INTENT).unlink()
    if last is not None:
        last.replace(folder / MANIFEST)


def _published(folder: Path) -> set[str]:
    """Files that a manifest names: the one in force, that of a killed exchange, and what that one knew of."""
    told = (_read(folder / name) for name in (MANIFEST, f".{MANIFEST}{PARTIAL}", INTENT))
    return set[str]().union(*map(names_in, told))


def _read(path: Path) -> object:
    try:
        with path.open("rb") as file:
            return json.loads(file.read(MOST_NAMES))
    except (OSError, ValueError, RecursionError):
        return None


def _write_intent(names: set[str], folder: Path) -> None:
    told = {"outputs": [{"path": name} for name in sorted(names - {MANIFEST})]}
    fresh = folder / f".intent{PARTIAL}"
    fresh.write_text(json.dumps(told), encoding="utf-8")
    fresh.replace(folder / INTENT)


def _is_plain(name: object) -> bool:
    return (
        isinstance(name, str)
        and name not in {"", "..", MANIFEST}
        and Path(name).name == name
        and name.isprintable()
        and len(name.encode()) <= LONGEST_NAME
        and not name.endswith(PARTIAL)
    )


def _remove(names: Collection[str], folder: Path) -> None:
    for name in names:
        with suppress(IsADirectoryError, PermissionError):  # a folder is none of ours
            (folder / name).unlink(missing_ok=True)


def _sweep(folder: Path, kept: Collection[str]) -> None:
    for stale in folder.glob(f".*{PARTIAL}"):
        if stale.name not in kept:
            stale.unlink(missing_ok=True)


def _move(made: Path, target: Path) -> None:
    try:
        made.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copyfile(made, target)


def _cannot_write(folder: Path, error: OSError) -> UsageError:
    return UsageError.of("build.cannot-write", folder=folder, reason=error.strerror or str(error))
