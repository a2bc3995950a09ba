"""A subject: one submitted file (or folder) whose facts are measured once, when a rule first asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from threading import Event
from typing import Any

from pipeline.errors import Problem

HEAD_BYTES = 65_536
_LARGE = 32_000_000
"""Bytes of a file whose digest is worth a thread of its own."""
_BLOCK = 1 << 20


class Kind(StrEnum):
    """What a submitted thing is, by content and name together (pipeline.checks.kinds)."""

    PICTURE = "picture"
    SOUND = "sound"
    VIDEO = "video"
    SCRIPT = "script"
    SCENARIO = "scenario"
    CAPTIONS = "captions"
    PACKAGE = "package"
    """An HTML5 application: a ZIP, or the folder it will be zipped from."""
    ARCHIVE = "archive"
    """Any other ZIP: a submission handed in as one file, or an archive inside another."""
    SUBMISSION = "submission"
    """A folder, or what a ZIP held: the files and how they belong together."""
    WAIVERS = "waivers"
    RECORD = "record"
    """What the build wrote beside a film: manifest, chapters, cue sheet, credits."""
    LINK = "link"
    """A symbolic link or a special file: never opened."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Submitted:
    """A file to judge. `path` is where its bytes lie; `shown` is how reports call it; `name` is its path inside the
    submission (or archive), with forward slashes, exactly as its author wrote it.
    """

    path: Path
    shown: str
    name: str
    kind: Kind
    depth: int = 0
    """How many archives it was taken out of."""
    settled: bool = False
    """Whether an archive stays one whatever is in it: it came out of a package or out of another archive."""


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work for a worker process."""

    file: Submitted
    scratch: Path
    """A private folder of this task; removed when the whole check is done."""
    files: tuple[Submitted, ...] = ()
    """For a submission: everything in it."""
    together: bool = False
    """For a file: all that lies beside it is judged as well, links and special files too."""
    requires: tuple[str, ...] = ()
    """Kinds that the profile asks for and that have to be in it."""
    quick: bool = False
    """Leave out what needs full decoding."""
    thumbnails: bool = False
    cores: int = 1
    """How many a single file may be judged on."""
    accepted: bool = False
    """For a file of waivers: it comes from the checking side, or that side accepts what a submission brings."""


class Blocked(Exception):  # noqa: N818  # a turn of events, not an error
    """A fact cannot be measured because of what another rule reports. `rule` is that rule's id."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class NotApplicable(Exception):  # noqa: N818
    """The rule has nothing to say about this subject (no sound track to measure, no archive in a folder)."""


class NotRun(Exception):  # noqa: N818
    """Something that had to be judged was not: a tool is missing, a limit of ours was hit. `variant` and fields word
    it, from the variants of rule RUN-001.
    """

    def __init__(self, variant: str, **fields: object) -> None:
        super().__init__(variant)
        self.variant, self.fields = variant, fields


@dataclass
class Subject:
    """Base of all subjects. A fact is a cached property of a subclass; it raises Blocked, NotApplicable or NotRun."""

    task: Task
    produced: list[Submitted] = field(default_factory=list)
    """Files taken out of this one (scratch), to be judged as subjects of their own."""
    _ahead: Future[str] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def path(self) -> Path:
        return self.task.file.path

    @property
    def name(self) -> str:
        """The file's own name, without folders."""
        return self.task.file.name.rpartition("/")[2]

    @property
    def kind(self) -> Kind:
        return self.task.file.kind

    @cached_property
    def plain(self) -> bool:
        """Whether this is a file whose bytes may be read: no folder, no link, no device, nothing closed to us."""
        return self.kind is not Kind.LINK and S_ISREG(self.path.lstat().st_mode)

    @cached_property
    def size(self) -> int:
        """Bytes; 0 for a folder."""
        return self.path.lstat().st_size if self.plain else 0

    @cached_property
    def sha256(self) -> str:
        return self._digest(Event()) if self._ahead is None else self._ahead.result()

    @contextmanager
    def digested_ahead(self) -> Iterator[None]:
        """Digest a large file while it is judged: that is wanted in any case, and leaves Python's lock to whoever loads
        decoders and measures the rest. Nothing goes on after leaving.
        """
        if self.size < _LARGE:
            yield
            return
        over = Event()
        with ThreadPoolExecutor(1) as beside:
            self._ahead = beside.submit(self._digest, over)
            try:
                yield
            finally:
                over.set()

    def _digest(self, over: Event) -> str:
        if not self.plain:
            return ""
        digest = sha256()
        with self.path.open("rb") as file:
            while (block := file.read(_BLOCK)) and not over.is_set():
                digest.update(block)
        return digest.hexdigest()

    @cached_property
    def head(self) -> bytes:
        """The first HEAD_BYTES bytes."""
        if not self.plain:
            return b""
        with self.path.open("rb") as file:
            return file.read(HEAD_BYTES)

    def told_beside(self, problem: Problem) -> bool:
        """Whether a file that this one names has a report of its own that tells this problem: a link, a pipe, one that
        may not be read.
        """
        if not self.task.together:
            return False
        if problem.code == "lesson.not-a-file":
            return not (self.path.parent / str(problem.fields["file"])).is_dir()
        return problem.code in {"lesson.file-outside", "lesson.broken-link", "lesson.file-unreadable"}

    def thumbnail(self) -> bytes:
        """A small JPEG for a report; empty where there is no picture."""
        return b""

    def facts(self) -> Mapping[str, Any]:
        """What was measured and a report may show; only facts that are known already."""
        return {}

    def expand(self) -> None:
        """Called after the rules, with the files to judge next put in `produced`. Most subjects have none."""
