"""A submission as a subject: the files an author handed in together, and how they belong together."""

from __future__ import annotations

import json
import os
import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import file_digest
from pathlib import Path
from typing import Any

from pipeline.checks.archive import settled
from pipeline.checks.kinds import MANIFEST
from pipeline.checks.scenario import FORM, ScenarioSubject
from pipeline.checks.subject import Blocked, Kind, Subject, Submitted, Task
from pipeline.lesson.items import id_from_folder
from pipeline.lesson.load import load_lesson
from pipeline.lesson.problems import Problems
from pipeline.lesson.reading import read_script
from pipeline.lesson.tree import ListNode, MapNode, Node, ScalarNode, read_tree
from pipeline.specs import load_structure, validator

MISSING_FILES, UNREADABLE_SCRIPT, SCENARIO_FILES = "SCR-004", "SCR-001", "SCN-011"
BROKEN_MANIFEST = "SUB-007"

MOST_MANIFEST_BYTES = 5_000_000

_OF_FILES = re.compile(r"lesson\.(.+-)?file(-.+)?")


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that follows its schema, and the folder it stands in (relative to the submission, "" for its top)."""

    file: Submitted
    folder: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """A script or a scenario with the plain values written in it."""

    file: Submitted
    folder: str
    values: Mapping[str, str]
    """Single values of the top level."""
    named: frozenset[str]
    """Everything written in it that could be a file's name, as keys of `key_of`."""


class SubmissionSubject(Subject):
    """A folder, or what a ZIP held."""

    @property
    def files(self) -> tuple[Submitted, ...]:
        """Every file in it, links and dot files too; files of nested submissions are theirs."""
        return self.task.files

    @property
    def names(self) -> tuple[str, ...]:
        """Paths of the files inside the submission, as their author wrote them."""
        return tuple(file.name for file in self.files)

    @cached_property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of the files; a ZIP that is an application counts as one."""
        return frozenset(settled(Task(file, self.task.scratch)).file.kind for file in self.files)

    @cached_property
    def by_key(self) -> Mapping[str, Submitted]:
        """The files by `key_of` their names."""
        return {key_of(file.name): file for file in self.files}

    def of_kind(self, *kinds: Kind) -> Iterator[Submitted]:
        return (file for file in self.files if file.kind in kinds)

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """Scripts and scenarios. Raises Blocked for one that cannot be read or that names files which are not there."""
        return tuple(_form(file) for file in self.of_kind(Kind.SCRIPT, Kind.SCENARIO))

    @cached_property
    def manifests(self) -> tuple[Manifest, ...]:
        """The manifests of films. Raises Blocked for one that its own rule finds fault with."""
        found = []
        for file in self.of_kind(Kind.RECORD):
            if file.name.rpartition("/")[2] == MANIFEST:
                data, fault, _ = read_manifest(file.path)
                if fault:
                    raise Blocked(BROKEN_MANIFEST)
                found.append(Manifest(file, file.name.rpartition("/")[0], data))
        return tuple(found)

    def at(self, folder: str, name: str) -> Submitted | None:
        """The file called `name` as seen from a folder of the submission."""
        return self.by_key.get(key_of(posixpath.join(folder, name)))

    def referenced(self) -> frozenset[str]:
        """Keys of all files that something names: a script, a scenario, a manifest; and captions of what is named."""
        named = {name for form in self.forms for name in form.named}
        for manifest in self.manifests:
            named |= {key_of(posixpath.join(manifest.folder, each["path"])) for each in manifest.data["outputs"]}
        named |= {
            target + name.removeprefix(link)
            for link, target in self._links.items()
            for name in named
            if f"{name}/".startswith(f"{link}/")
        }
        stems = {name.rpartition(".")[0] for name in named}
        captions = {
            key for key, file in self.by_key.items() if file.kind is Kind.CAPTIONS and key.rpartition(".")[0] in stems
        }
        return frozenset(named | captions | self._films())

    @cached_property
    def _links(self) -> Mapping[str, str]:
        """Links that lead to something else in this submission: their keys and those of what they lead to."""
        found = {}
        for key, file in self.by_key.items():
            if file.kind is Kind.LINK and file.path.is_symlink():
                real = Path(os.path.realpath(file.path))
                if real.is_relative_to(self.path):
                    found[key] = key_of(real.relative_to(self.path).as_posix())
        return found

    def _films(self) -> set[str]:
        """A film handed in with its script: called as the lesson is, or the one video that lies beside the script."""
        found = set()
        for form in self.forms:
            beside = [
                key_of(file.name)
                for file in self.of_kind(Kind.VIDEO)
                if file.name.rpartition("/")[0] == form.folder and key_of(file.name) not in form.named
            ]
            identity = form.values.get("id") or id_from_folder(form.file.path.parent.name)
            found |= set(beside) if len(beside) == 1 else set()
            found |= {key for key in self.by_key if posixpath.basename(key).rpartition(".")[0] == identity.casefold()}
        return found


def key_of(name: str) -> str:
    """A path without what tells no two files of one author apart: case, accents in pieces, "./"."""
    return unicodedata.normalize("NFC", posixpath.normpath(name)).casefold()


def read_manifest(path: Path) -> tuple[dict[str, Any], str, int]:
    """A film's manifest, what is wrong with it ("" for nothing, else a short reason), and the line where."""
    from jsonschema.exceptions import best_match

    with path.open("rb") as file:
        written = file.read(MOST_MANIFEST_BYTES + 1)
    if len(written) > MOST_MANIFEST_BYTES:
        return {}, f"> {MOST_MANIFEST_BYTES} B", 0
    try:
        data = json.loads(written.decode("utf-8-sig"))
        error = best_match(validator("manifest.schema.json").iter_errors(data))
    except (ValueError, RecursionError) as broken:
        return {}, "JSON", broken.lineno if isinstance(broken, json.JSONDecodeError) else 0
    if error is not None:
        return {}, "/".join(map(str, error.absolute_path))[:60] or str(error.validator), 0
    return data, "", 0


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _form(file: Submitted) -> Form:
    broken = UNREADABLE_SCRIPT if file.kind is Kind.SCRIPT else FORM
    problems = Problems(file.shown)
    text = read_script(file.path, problems)
    tree = read_tree(text, problems) if text is not None else None
    if tree is None or not isinstance(tree.root, MapNode):
        raise Blocked(broken)
    folder = file.name.rpartition("/")[0]
    written = list(_scalars(tree.root))
    _refuse_missing(file)
    entries = tree.root.entries.items()
    return Form(
        file=file,
        folder=folder,
        values={key: each.value.value for key, each in entries if isinstance(each.value, ScalarNode)},
        named=frozenset(key_of(posixpath.join(folder, each.strip())) for each in written),
    )


def _refuse_missing(file: Submitted) -> None:
    """A name that leads nowhere may have meant any of the files that nothing names."""
    if file.kind is Kind.SCRIPT:
        _, problems = load_lesson(file.path, load_structure())
        if any(each.code == "lesson.broken-link" or _OF_FILES.match(each.code) for each in problems):
            raise Blocked(MISSING_FILES)
    elif next(ScenarioSubject(Task(file, file.path.parent)).file_problems(), None) is not None:
        raise Blocked(SCENARIO_FILES)


def _scalars(root: Node) -> Iterator[str]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ScalarNode):
            if len(node.value) <= 1_000:
                yield node.value
        elif isinstance(node, ListNode):
            waiting += node.items
        else:
            waiting += [entry.value for entry in node.entries.values()]
