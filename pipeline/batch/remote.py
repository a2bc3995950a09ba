"""Folders of stores that fsspec knows (`s3://bucket/folder`, `gs://`, `sftp://`): guarded calls and clear errors.

Where they lie and with which keys is told by each store's own environment: for S3 `AWS_ENDPOINT_URL`,
`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_PROFILE`; for any option of any store `FSSPEC_<SCHEME>_<OPTION>`.
"""

from __future__ import annotations

import errno
import mimetypes
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, Self, TypeVar
from urllib.parse import unquote

from pipeline.batch.addresses import WHOLE_PUTS, has_secret, masked, masked_text
from pipeline.errors import TelesabaqError, UsageError
from pipeline.render.publish import PARTIAL

S3 = frozenset({"s3", "s3a"})
SINGLE_PUT = 5 << 30
"""Bytes up to which S3 takes an object in one request, and so whole or not at all."""
ATTEMPTS = 3
"""Of a request that gets no answer, before it is told."""
PATIENCE_SECONDS = 45.0
"""How long work waits for a store that has answered before: servers are started anew, and lines are cut."""
LONGEST_PAUSE = 8.0
"""Seconds between two looks whether it is back."""
ENV_DEBUG = "TELESABAQ_DEBUG"
"""When set, everything that libraries have to say is shown."""

T = TypeVar("T")
_ANSWERED: set[str] = set()
"""Stores that this process has had an answer of."""
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*(?:::[A-Za-z0-9+.:-]*)?)://(.*)", re.DOTALL)
_MISSPELT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/(?!/)")
_MARKS = (
    *("ETag", "etag", "md5Hash", "content_md5", "checksum", "generation"),
    *("mtime", "LastModified", "last_modified", "modified", "updated", "created"),
)
_REFUSED = {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound"}
_REFUSED |= {"TokenRetrievalError", "SSOError", "AuthenticationException", "ClientAuthenticationError"}
_SILENT = {"HTTPClientError", "ConnectionError", "ClientConnectionError", "FSTimeoutError", "gaierror", "SSHException"}
_BUSY = {errno.EIO, errno.EBUSY, errno.EHOSTUNREACH, errno.ENETUNREACH, getattr(errno, "EREMOTEIO", errno.EIO)}
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_TYPES = {".vtt": "text/vtt", ".srt": "application/x-subrip"}


class UnreachableError(UsageError):
    """A store did not answer, after several attempts. The same may work later, or from another machine."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored file: bytes, and a mark that changes with its content; None where the store does not tell."""

    size: int | None
    mark: str | None


def local_path(place: str) -> Path | None:
    """The absolute path of a plain path or a `file://` URL; None for what lies in a store. Raises UsageError."""
    found = _URL.match(place)
    if found is None:
        if _MISSPELT.match(place) and not Path(place).exists():
            raise UsageError.of("storage.no-such-place", place=masked(place))
        return Path(place).absolute()
    _refuse_secrets(place)
    if found[1].lower() not in {"file", "local"}:
        return None
    host, slash, path = found[2].partition("/")
    if host not in {"", "localhost"} or not slash:
        raise UsageError.of("storage.unknown-scheme", scheme=f"file://{host}", place=place)
    return Path(f"/{unquote(path)}")


def _refuse_secrets(url: str) -> None:
    if has_secret(url):
        raise UsageError.of("storage.password-in-url", place=masked(url))


class Remote:
    """A folder of a store. Names are relative to it, with slashes; methods may be called from any thread.

    Every method raises UsageError in words for what the store says, UnreachableError when it says nothing.
    """

    def __init__(self, url: str) -> None:
        found = _URL.match(url)
        assert found is not None
        _refuse_secrets(url)
        self.scheme = found[1].lower()
        self.url = f"{self.scheme}://{found[2].rstrip('/')}"
        self.whole_puts = self.scheme in WHOLE_PUTS
        with self._in_words(""):
            self.store, self._root = self._opened()
        self._home = f"{self.scheme}://{self._root.partition('/')[0]}"

    @classmethod
    def folder_of(cls, url: str) -> tuple[Self, str]:
        """The folder of a file, and its name there."""
        scheme, _, path = url.partition("://")
        folder, _, name = path.rpartition("/")
        return cls(f"{scheme}://{folder}"), name

    def _opened(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs
        from fsspec.registry import get_filesystem_class

        if "::" in self.scheme:
            raise UsageError.of("storage.unknown-scheme", scheme=self.scheme, place=self.shown())
        try:
            get_filesystem_class(self.scheme)
        except ValueError as error:
            raise UsageError.of("storage.unknown-scheme", scheme=self.scheme, place=self.shown()) from error
        except ImportError as error:
            package = getattr(error.__cause__, "name", None) or str(error)
            package = "telesabaq[s3]" if package == "s3fs" else package
            raise UsageError.of(
                "storage.needs-package", scheme=self.scheme, place=self.shown(), package=package
            ) from error
        # A listing that is remembered would hide what other machines wrote since.
        store, root = url_to_fs(self.url, use_listings_cache=False, **_options(self.scheme))
        if self.scheme in S3:
            store.retries = 2  # on top of the attempts below it
        loop = getattr(store, "loop", None)
        if loop is not None and not os.environ.get(ENV_DEBUG):
            # What becomes of a request is told where it is made; what a broken line leaves of it besides is noise.
            loop.set_exception_handler(lambda *_: None)
        return store, root.rstrip("/")

    # Looking -----------------------------------------------------------------------------------

    def files(self, folder: str = "") -> dict[str, Entry]:
        """Every file below a folder, by its name relative to that folder; nothing where there is no such folder."""
        top = self._at(folder)
        # Other stores walk folder by folder, and pass over those that they cannot list unless told not to.
        strict = {} if self.whole_puts else {"on_error": "raise"}
        with self._asking(folder):
            try:
                found = self.store.find(top, detail=True, **strict)
            except FileNotFoundError:
                if self._is_missing():
                    raise
                return {}
        return {
            name[len(top) + 1 :]: _entry(facts)
            for name, facts in found.items()
            if name.startswith(f"{top}/") and not name.endswith("/") and facts.get("type", "file") == "file"
        }

    def entry(self, name: str = "") -> Entry | None:
        """A file, or None when there is no file of this name."""
        with self._asking(name):
            try:
                facts = self.store.info(self._at(name))
            except FileNotFoundError:
                return None
        return _entry(facts) if facts.get("type") == "file" else None

    def _is_missing(self) -> bool:
        """Whether it is the bucket that is not there, rather than something in it."""
        bucket = self._root.partition("/")[0]
        return self.whole_puts and not self.store.exists(bucket)

    # Reading -----------------------------------------------------------------------------------

    def read(self, name: str, limit: int) -> bytes | None:
        """A file's bytes, or None when it is not there. Raises UsageError when there are more than `limit`."""
        with self._asking(name):
            try:
                data: bytes = self.store.cat_file(self._at(name), start=0, end=limit + 1)
            except FileNotFoundError:
                return None
            except OSError:
                # Asked for a range of an empty object, S3 finds the range wrong.
                if self.store.info(self._at(name))["size"] != 0:
                    raise
                return b""
        if len(data) > limit:
            raise UsageError.of("storage.file-too-big", place=self.shown(name), limit=limit // 1_000_000)
        return data

    def download(self, name: str, target: Path) -> bool:
        """Read a file into `target`; False when it is not there. Raises UsageError when the disk is full, too."""
        with self._asking(name):
            try:
                self.store.get_file(self._at(name), str(target))
            except FileNotFoundError:
                return False
            except OSError as error:
                if error.errno not in _DISK:
                    raise
                raise UsageError.of("cache.unusable", folder=target.parent, reason=error.strerror) from error
        return True

    # Writing -----------------------------------------------------------------------------------

    def write(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all."""
        with self._asking(name), self._aside(name) as path:
            self.store.pipe_file(path, data, **self._put_options(name))

    def upload(self, made: Path, name: str) -> None:
        """Write a file from a disk, whole or not at all."""
        with self._asking(name), self._aside(name) as path:
            self.store.put_file(str(made), path, **self._put_options(name))

    def remove(self, name: str) -> None:
        """Take a file away, if it is there."""
        with self._asking(name), suppress(FileNotFoundError):
            self.store.rm_file(self._at(name))

    def put_if(self, name: str, data: bytes, mark: str | None) -> str | None:
        """Write a small file if it still has this mark (None: if it is not there). Its new mark, or None if it changed.

        S3 decides this itself. Of other stores it is asked beforehand, and somebody may come between.
        """
        with self._asking(name):
            if self.scheme in S3:
                return self._put_s3_if(name, data, mark)
        if self._mark(name) != mark:
            return None
        self.write(name, data)
        return self._mark(name)

    def _mark(self, name: str) -> str | None:
        found = self.entry(name)
        return (found.mark or "") if found is not None else None

    def _put_s3_if(self, name: str, data: bytes, mark: str | None) -> str | None:
        bucket, key, _ = self.store.split_path(self._at(name))
        target = {"Bucket": bucket, "Key": key, "Body": data}
        condition = {"IfNoneMatch": "*"} if mark is None else {"IfMatch": mark}
        try:
            done = self.store.call_s3("put_object", **target, **condition)
        except OSError as error:
            code, status = _answer(error)
            if status in {409, 412} or (code == "NoSuchKey" and mark is not None):
                return None
            if status != 501:
                raise
            # An old server without conditions: whoever asks looks first, so a race is all that is left.
            done = self.store.call_s3("put_object", **target)
        return str(done["ETag"])

    @contextmanager
    def _aside(self, name: str) -> Iterator[str]:
        """Where to write, so that the file of this name is never seen in part."""
        target = self._at(name)
        if self.whole_puts:
            yield target
            return
        folder, _, last = target.rpartition("/")
        partial = f"{folder}/.{last}.{token_hex(4)}{PARTIAL}"
        self.store.makedirs(folder, exist_ok=True)
        try:
            yield partial
            self._move(partial, target)
        except BaseException:
            with suppress(Exception):
                self.store.rm_file(partial)
            raise

    def _move(self, partial: str, target: str) -> None:
        from fsspec import AbstractFileSystem

        if type(self.store).mv is AbstractFileSystem.mv:
            # A store that knows no renaming: the general way would take ? and * in names for patterns.
            self.store.cp_file(partial, target)
            self.store.rm_file(partial)
            return
        try:
            self.store.mv(partial, target)
        except FileExistsError:
            # A store that does not replace: for a moment there is neither, but never half of one.
            self.store.rm_file(target)
            self.store.mv(partial, target)

    def _put_options(self, name: str) -> dict[str, Any]:
        if self.scheme not in S3:
            return {}
        kind = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        kind += "; charset=utf-8" if kind.startswith("text/") or kind == "application/json" else ""
        return {"chunksize": SINGLE_PUT, "ContentType": kind}

    # Words -------------------------------------------------------------------------------------

    def address(self, name: str = "") -> str:
        """The whole address of a file."""
        return f"{self.url}/{name}" if name else self.url

    def shown(self, name: str = "") -> str:
        """The address of a file, as people may read it: what comes as a query stays out of messages and records."""
        return masked(self.address(name))

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root

    def patiently(self, step: Callable[[], T]) -> T:
        """Do something that may be done twice; when the store falls silent, once more until it is back.

        Raises UnreachableError after PATIENCE_SECONDS, and at once when this process never had an answer of it.
        """
        deadline, pause = time.monotonic() + PATIENCE_SECONDS, 1.0
        while True:
            try:
                return step()
            except UnreachableError:
                if self._home not in _ANSWERED or time.monotonic() + pause > deadline:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    @contextmanager
    def _asking(self, name: str) -> Iterator[None]:
        with self._in_words(name):
            yield
        _ANSWERED.add(self._home)

    @contextmanager
    def _in_words(self, name: str) -> Iterator[None]:
        try:
            yield
        except TelesabaqError:
            raise
        except Exception as error:
            # A store's library raises what it likes; whatever it is, it is told in words.
            # A file that is not there is no error here, so then it is the bucket.
            place = self.shown("" if isinstance(error, FileNotFoundError) else name)
            raise _told(error, place) from error


def _options(scheme: str) -> dict[str, Any]:
    """What a store's client is told besides its own environment: to give up in good time."""
    if scheme not in S3:
        return {}
    from fsspec.config import conf

    ours = {"connect_timeout": 10, "read_timeout": 60, "retries": {"mode": "standard", "total_max_attempts": ATTEMPTS}}
    theirs = conf.get(scheme, {}).get("config_kwargs")
    return {"config_kwargs": {**ours, **(theirs if isinstance(theirs, dict) else {})}}


def _entry(facts: Mapping[str, Any]) -> Entry:
    mark = next((str(facts[name]) for name in _MARKS if facts.get(name) is not None), None)
    size = facts.get("size")
    return Entry(size if isinstance(size, int) else None, mark)


def _answer(error: BaseException) -> tuple[str, int]:
    """Code and HTTP status of what S3 answered."""
    response = getattr(error.__cause__, "response", None) or {}
    code = str(response.get("Error", {}).get("Code", ""))
    return code, int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _told(error: Exception, place: str) -> UsageError:
    names = {kind.__name__ for kind in type(error).__mro__}
    reason = " ".join((getattr(error, "strerror", None) or str(error) or type(error).__name__).split())
    reason = masked_text(reason)[:300]
    if isinstance(error, FileNotFoundError):
        return UsageError.of("storage.no-such-place", place=place)
    if isinstance(error, PermissionError) or names & _REFUSED:
        return UsageError.of("storage.refused", place=place, reason=reason)
    if isinstance(error, ConnectionError | TimeoutError) or names & _SILENT:
        return UnreachableError.of("storage.unreachable", place=place, reason=reason)
    if isinstance(error, OSError) and error.errno in _BUSY:
        return UnreachableError.of("storage.unreachable", place=place, reason=reason)
    return UsageError.of("storage.failed", place=place, reason=reason)
