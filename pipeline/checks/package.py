"""An HTML5 package as a subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from pipeline.checks.archive import ZippedSubject
from pipeline.checks.members import nested_archives
from pipeline.checks.subject import Blocked, NotRun
from pipeline.package.html import Looks, looks
from pipeline.package.markup import Field
from pipeline.package.model import Reference, ScriptFacts
from pipeline.package.payloads import Payload
from pipeline.package.references import (
    MOST_BYTES,
    PAGES,
    Link,
    PackageFacts,
    extension,
    is_litter,
    links,
    read_package,
    text_of,
)
from pipeline.package.resolve import Resolver, Where, below
from pipeline.package.trackers import tracker_of_url
from pipeline.package.tree import FolderTree, Tree
from pipeline.rulebook import rulebook

START = "index.html"
"""The file in the root that starts an application (E2)."""


class PackageSubject(ZippedSubject):
    """An application (E): a ZIP, or the folder it will be zipped from. Every file is read and parsed once."""

    _failure: Exception | None = None

    @cached_property
    def tree(self) -> Tree:
        """The files of the package. Raises Blocked for an archive that cannot be opened safely."""
        return self.zip_tree if self.plain else FolderTree(self.path)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every file but what macOS adds to an archive by itself."""
        return tuple(name for name in self.tree.names if not is_litter(name))

    @cached_property
    def file_names(self) -> frozenset[str]:
        """The names of the files without their folders."""
        return frozenset(name.rpartition("/")[2] for name in self.names)

    @cached_property
    def pages(self) -> tuple[str, ...]:
        """The HTML pages."""
        return tuple(name for name in self.names if extension(name) in PAGES)

    def text(self, name: str, limit: int | None = None) -> str:
        """The text of a file, decoded as a browser would; read anew each time."""
        return text_of(self.tree.read(name, limit))

    @cached_property
    def start_looks(self) -> Looks:
        """How the start page presents itself. Raises Blocked where there is none."""
        if START not in self.names:
            raise Blocked("PKG-001")
        return looks(self.text(START, MOST_BYTES))

    @cached_property
    def read(self) -> PackageFacts:
        """What all files say. Should reading them fail, every rule is told so, and only the first has it read."""
        if self._failure is None:
            try:
                return read_package(self.tree, self.task.cores)
            except Exception as error:
                self._failure = error
        raise self._failure

    @property
    def scripts(self) -> list[tuple[str, ScriptFacts, bool]]:
        """Every script with its file, and whether it stands inside a page: script files, <script> elements, event
        handlers, javascript: and data: URLs. Well-known libraries are left out (`library`).
        """
        return self.read.scripts

    @property
    def fields(self) -> list[tuple[str, Field]]:
        """Form fields that people fill in."""
        return self.read.fields

    @property
    def payloads(self) -> list[tuple[str, Payload]]:
        """Files inside data: URLs."""
        return self.read.payloads

    @property
    def markup_references(self) -> list[tuple[str, Reference]]:
        """References of pages, style sheets, drawings and manifests."""
        return self.read.references

    @property
    def references(self) -> list[tuple[str, Reference]]:
        """References of all files."""
        return [*self.read.references, *self.read.script_references]

    def library(self, name: str) -> str | None:
        """Name and version of a well-known library that a file is, byte for byte."""
        return self.read.libraries.get(name)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every reference with where a browser would go."""
        return tuple(links(self.read, self._resolver))

    @cached_property
    def _by_kind(self) -> Mapping[str, list[Link]]:
        found: dict[str, list[Link]] = {}
        for each in self.links:
            found.setdefault(each.target.kind, []).append(each)
        return found

    def leading(self, *kinds: Where) -> list[Link]:
        """Links that lead to one of these, in the order of the files."""
        return [each for kind in kinds for each in self._by_kind.get(kind, ())]

    @cached_property
    def outside(self) -> tuple[Link, ...]:
        """Links to other hosts. What trackers and coin miners do is left to the rules on them, but for links to their
        sites.
        """
        return tuple(
            each
            for each in self.leading("outside")
            if each.reference.use not in {"mention", "namespace"}
            and (each.reference.use == "link" or not self._of_a_kind_of_its_own(each))
        )

    def _of_a_kind_of_its_own(self, link: Link) -> bool:
        return tracker_of_url(link.reference.url) is not None or below(link.target.host, self._miners)

    @cached_property
    def _miners(self) -> frozenset[str]:
        return frozenset(rulebook()["SMW-001"].limits["hosts"])

    @cached_property
    def _resolver(self) -> Resolver:
        return Resolver(self.names)

    def is_folder(self, name: str) -> bool:
        return self._resolver.is_folder(name)

    @cached_property
    def used(self) -> frozenset[str]:
        """Files that the start page needs, directly or not, as far as the files tell."""
        return self._reached({START} & set(self.names) or set(self.pages))

    @cached_property
    def useful(self) -> frozenset[str]:
        """Files that any page needs, whether or not the start page leads to it."""
        return self._reached(set(self.pages))

    def _reached(self, start: set[str]) -> frozenset[str]:
        reached: set[str] = set()
        waiting = list(start)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += self._leads_to.get(name, ())
        return frozenset(reached)

    @cached_property
    def _leads_to(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for each in self.leading("inside", "case"):
            found.setdefault(each.file, set()).add(each.target.name)
        return found

    def facts(self) -> Mapping[str, Any]:
        known: dict[str, Any] = {"files": len(self.names)} if "names" in self.__dict__ else {}
        if "read" in self.__dict__:
            known |= {"pages": len(self.pages), "libraries": sorted(set(self.read.libraries.values()))}
        return known

    def expand(self) -> None:
        """Archives inside are judged by themselves; what no limit let us read to its end is told."""
        self.produced += nested_archives(self, self.task.scratch)
        for name in self._unread():
            raise NotRun("not-read-whole", file=name)

    def _unread(self) -> Iterator[str]:
        if "read" in self.__dict__:
            yield from self.read.unread
