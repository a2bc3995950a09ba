"""The files and addresses a script names: inside the lesson's folder and nowhere else; web pages and nothing else."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.errors import Place
from pipeline.lesson.model import Asset
from pipeline.lesson.problems import Problems, did_you_mean

MAX_URL = 1_000
"""Characters of an address; a QR code of a longer one cannot be read from a television."""

_MAX_LISTED = 2_000
_MAX_LISTED_DEPTH = 6
_DRIVE = re.compile(r"[A-Za-z]:")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_BARE_HOST = re.compile(r"[\w-]+(\.[\w-]+)+(/|$)")


class LessonFolder:
    """The folder a script stands in: where its files are looked up."""

    def __init__(self, folder: Path, problems: Problems) -> None:
        self.folder = folder
        self.problems = problems
        self.root = folder.resolve()

    def asset(self, written: str, place: Place, extensions: tuple[str, ...] = ()) -> Asset | None:
        """The file a script names, links resolved; None when it is refused, which is reported.

        `extensions`: lower-case endings that are allowed here; empty for any.
        """
        name = unicodedata.normalize("NFC", written.strip()).removeprefix("./")
        if not self._is_spelt_well(name, place):
            return None
        path = self._find(name, place, extensions)
        if path is None or not self._is_ours(path, name, place):
            return None
        if extensions and not name.lower().endswith(extensions):
            self.problems.report("lesson.wrong-file-kind", place, file=name, wanted=", ".join(extensions))
            return None
        return Asset(path.resolve(), name, place)

    def _is_spelt_well(self, name: str, place: Place) -> bool:
        shown = name[:120]
        slashes = name.replace("\\", "/")
        if _ADDRESS.match(name):
            self.problems.report("lesson.file-is-address", place, file=shown)
        elif _DRIVE.match(name) or slashes.startswith(("/", "~")):
            self.problems.report("lesson.file-is-absolute", place, file=shown, hint=f"media/{slashes.split('/')[-1]}")
        elif ".." in slashes.split("/"):
            self.problems.report("lesson.file-goes-up", place, file=shown, hint=f"media/{slashes.split('/')[-1]}")
        elif "\\" in name:
            self.problems.report("lesson.file-has-backslash", place, file=shown, hint=slashes[:120])
        elif "\n" in name or "\t" in name or any(len(part.encode()) > 255 for part in name.split("/")):
            self.problems.report("lesson.no-such-file", place, file=" ".join(shown.split()))
        else:
            return True
        return False

    def _find(self, name: str, place: Place, extensions: tuple[str, ...]) -> Path | None:
        """The file spelt exactly so: capitals count even on a disk that does not mind them."""
        path = self.folder
        for part in name.split("/"):
            # Not even whether a name is there may be told of folders that are not the lesson's.
            if path.is_symlink() and self._real(path, name, place) is None:
                return None
            spelling = _names_in(path).get(part)
            if spelling is None:
                self._report_missing(name, place, extensions)
                return None
            path = path / spelling
        return path

    def _report_missing(self, name: str, place: Place, extensions: tuple[str, ...]) -> None:
        hint = self._nearest(name, extensions)
        if hint:
            self.problems.report("lesson.misspelt-file", place, file=name[:120], hint=hint)
        else:
            self.problems.report("lesson.no-such-file", place, file=name[:120])

    def _nearest(self, name: str, extensions: tuple[str, ...]) -> str | None:
        """A file that is there and is called nearly so, in whatever folder; the folder's name alone says nothing."""
        there = [each for each in self._listing if not extensions or each.lower().endswith(extensions)]
        same = next((each for each in there if each.casefold() == name.casefold()), None)
        by_base = {each.rsplit("/", 1)[-1]: each for each in reversed(there)}
        near = did_you_mean(name.rsplit("/", 1)[-1], by_base, cutoff=0.75)
        return same or (by_base[near] if near else None)

    def _real(self, path: Path, name: str, place: Place) -> Path | None:
        """Where a path inside the folder really leads; None for nowhere and for outside, which is reported."""
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            self.problems.report("lesson.broken-link", place, file=name[:120])
            return None
        if not real.is_relative_to(self.root):
            self.problems.report("lesson.file-outside", place, file=name[:120], leads=str(real))
            return None
        return real

    def _is_ours(self, path: Path, name: str, place: Place) -> bool:
        real = self._real(path, name, place)
        if real is None:
            return False
        if not stat.S_ISREG(real.stat().st_mode):
            self.problems.report("lesson.not-a-file", place, file=name[:120])
        elif not os.access(real, os.R_OK):
            self.problems.report("lesson.file-unreadable", place, file=name[:120])
        else:
            return True
        return False

    @cached_property
    def _listing(self) -> list[str]:
        """Names of the files that are there, for "did you mean"."""
        return [name for _, name in zip(range(_MAX_LISTED), _walk(self.folder, "", _MAX_LISTED_DEPTH), strict=False)]


def _names_in(folder: Path) -> dict[str, str]:
    """NFC name -> name on disk (a Mac may have stored й as two characters)."""
    try:
        return {unicodedata.normalize("NFC", entry.name): entry.name for entry in folder.iterdir()}
    except OSError:
        return {}


def _walk(folder: Path, prefix: str, depth: int) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        name = prefix + unicodedata.normalize("NFC", entry.name)
        if entry.is_dir(follow_symlinks=False):
            if depth > 1:
                yield from _walk(Path(entry.path), name + "/", depth - 1)
        else:
            yield name


def check_url(written: str, place: Place, problems: Problems) -> str | None:
    """The address as it goes on screen; None when it is refused, which is reported."""
    url = written.strip()
    shown = url[:120]
    if any(character.isspace() for character in url):
        problems.report("lesson.url-has-space", place, url=" ".join(shown.split()))
    elif len(url) > MAX_URL:
        problems.report("lesson.url-too-long", place, found=len(url), limit=MAX_URL)
    elif _BARE_HOST.match(url):
        problems.report("lesson.url-without-scheme", place, url=shown, hint=f"https://{shown}")
    else:
        return url if _is_web_address(url, place, problems) else None
    return None


def _is_web_address(url: str, place: Place, problems: Problems) -> bool:
    shown = url[:120]
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        problems.report("lesson.url-broken", place, url=shown)
        return False
    if parts.scheme not in {"http", "https"}:
        problems.report("lesson.url-scheme", place, url=shown)
    elif "@" in parts.netloc:
        problems.report("lesson.url-with-password", place, url=shown)
    elif not host or ".." in host or "\\" in url or any(character in '<>"{}|^`' for character in parts.netloc):
        problems.report("lesson.url-broken", place, url=shown)
    else:
        return True
    return False
