"""lesson.yaml -> Lesson. Every error of a script comes in one run, each at its line and column."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

from pipeline.errors import Place, Problem
from pipeline.lesson.files import LessonFolder
from pipeline.lesson.items import ScriptReader, id_from_folder, is_safe_id
from pipeline.lesson.model import Asset, Lesson, Music, Teacher, Text
from pipeline.lesson.problems import Problems, did_you_mean
from pipeline.lesson.reading import read_script
from pipeline.lesson.schema import check_shape
from pipeline.lesson.subjects import SchoolSubject, find_subject, nearest_subject
from pipeline.lesson.tree import ListNode, MapNode, Node, ScalarNode, Tree, read_tree
from pipeline.specs import Structure

SCRIPT_NAME = "lesson.yaml"


def load_lesson(path: Path, structure: Structure, *, allow_code: bool = False) -> tuple[Lesson | None, list[Problem]]:
    """The lesson of a folder or of its script, and everything that is wrong with it, by line.

    The lesson is None only when nothing sensible can be built: the file cannot be read, or its YAML is broken beyond
    guessing. With errors it holds what is sound (text that is not is empty, a grade that is not is 0), so that later
    steps can look for errors of their own; a film must not be made of it. `allow_code` lets animations be named.
    """
    script = path / SCRIPT_NAME if path.is_dir() else path
    problems = Problems(str(script))
    if not script.exists():
        _report_no_script(script, problems)
        return None, problems.by_line()
    text = read_script(script, problems)
    tree = read_tree(text, problems) if text is not None else None
    if tree is None:
        return None, problems.by_line()
    if not isinstance(tree.root, MapNode):
        problems.report("script.no-keys", tree.root.place)
        return None, problems.by_line(tree.mended_lines)
    lesson = _LessonBuilder(tree, tree.root, script, structure, problems, allow_code=allow_code).build()
    return lesson, problems.by_line(tree.mended_lines)


def _report_no_script(script: Path, problems: Problems) -> None:
    place = Place(str(script))
    try:
        names = sorted(each.name for each in script.parent.iterdir() if each.suffix in {".yaml", ".yml"})
    except OSError:
        names = []
    hint = names[0] if len(names) == 1 else did_you_mean(script.name, names)
    if hint:
        problems.report("script.missing-hint", place, file=str(script), hint=str(script.parent / hint))
    else:
        problems.report("script.missing", place, file=str(script))


class _LessonBuilder:
    def __init__(
        self,
        tree: Tree,
        root: MapNode,
        script: Path,
        structure: Structure,
        problems: Problems,
        *,
        allow_code: bool,
    ) -> None:
        self.root = root
        self.script = script
        self.structure = structure
        self.problems = problems
        self.folder = script.parent
        unsound = check_shape(root, problems)
        self.subject = self._subject(unsound)
        self.reader = ScriptReader(
            tree.text,
            LessonFolder(self.folder, problems),
            problems,
            unsound,
            chemistry=self.subject is not None and self.subject.family == "chemistry",
            allow_code=allow_code,
        )
        self.keys = self.reader.keys(root)

    def build(self) -> Lesson:
        reader, keys = self.reader, self.keys
        self._check_counts()
        self._check_broadcast()
        return Lesson(
            id=self._id(),
            folder=self.folder,
            script=self.script,
            language=self.language,
            grade=self._grade(),
            subject_id=self.subject.id if self.subject else "",
            subject=self.subject.name[self.language] if self.subject else "",
            topic=keys.text("topic") or Text((), "", keys.place_of("topic")),
            teacher=self._teacher(),
            description=keys.line("description") or "",
            keywords=self._keywords(),
            textbook_pages=keys.line("textbook_pages"),
            explanation=reader.items(keys.node("explanation"), reader.explanation_item),
            questions=reader.items(keys.node("questions"), reader.task),
            exercises=reader.items(keys.node("exercises"), reader.task),
            resources=reader.items(keys.node("resources"), reader.reference),
            links=reader.items(keys.node("links"), reader.reference),
            narration=self._narration(),
            music=self._music(),
            theme=keys.line("theme"),
            draft_voice=keys.line("voice") == "draft",
            places={name: entry.key.place for name, entry in self.root.entries.items()},
        )

    @property
    def language(self) -> Literal["kk", "ru"]:
        written = self._scalar("language")
        return cast(Literal["kk", "ru"], written) if written in {"kk", "ru"} else "kk"

    def _scalar(self, key: str) -> str:
        entry = self.root.entries.get(key)
        return entry.value.value if entry and isinstance(entry.value, ScalarNode) else ""

    def _subject(self, unsound: frozenset[int]) -> SchoolSubject | None:
        entry = self.root.entries.get("subject")
        if entry is None or id(entry.value) in unsound or not isinstance(entry.value, ScalarNode):
            return None
        written = " ".join(entry.value.value.split())
        subject = find_subject(written)
        if subject is None:
            hint = nearest_subject(written, self.language)
            if hint:
                self.problems.report("lesson.misspelt-subject", entry.value.place, subject=written[:60], hint=hint)
            else:
                self.problems.report("lesson.unknown-subject", entry.value.place, subject=written[:60])
        return subject

    def _grade(self) -> int:
        written = self._scalar("grade")
        return int(written) if written in {str(grade) for grade in range(1, 12)} else 0

    def _id(self) -> str:
        written = self.keys.line("id")
        if written is None:
            return id_from_folder(self.folder.resolve().name)
        if not is_safe_id(written):
            hint = id_from_folder(written)
            self.problems.report("lesson.bad-id", self.keys.place_of("id"), id=written[:60], hint=hint)
            return hint
        return written

    def _teacher(self) -> Teacher:
        node = self.keys.node("teacher")
        if node is None:
            return Teacher("", None, None, self.root.place)
        keys = self.reader.keys(node)
        name = keys.line("name") or ""
        if name and len(name.split()) < 2:
            self.problems.warn("lesson.short-name", keys.place_of("name"), name=name)
        places = {key: entry.key.place for key, entry in keys.entries.items()}
        return Teacher(name, keys.line("post"), keys.line("school"), node.place, places)

    def _keywords(self) -> tuple[str, ...]:
        node = self.keys.node("keywords")
        items: list[Node] = node.items if isinstance(node, ListNode) else []
        written = [self.reader.written(item) for item in items]
        return tuple(dict.fromkeys(" ".join(each.value.split()) for each in written if each))

    def _narration(self) -> dict[str, Asset]:
        node = self.keys.node("narration")
        if not isinstance(node, MapNode):
            return {}
        keys = self.reader.keys(node)
        found = {key: keys.asset(key) for key in node.entries}
        return {key: asset for key, asset in found.items() if asset is not None}

    def _music(self) -> Music | None:
        node = self.keys.node("music")
        if node is None:
            return None
        keys = self.reader.keys(node)
        file, source = keys.asset("file"), keys.source()
        return Music(file, source) if file and source else None

    def _check_counts(self) -> None:
        """As many items a part as the lesson structure wants (concept A3-A7)."""
        for part in self.structure.parts:
            entry = self.root.entries.get(part.id)
            if entry is None or not isinstance(entry.value, ListNode):
                continue
            found = len(entry.value.items)
            fields = {"part": part.id, "found": found, "least": part.min_items, "most": part.max_items}
            fields["clause"] = part.clause
            if found < part.min_items:
                self.problems.report("lesson.too-few-items", entry.key.place, **fields)
            elif found > part.max_items:
                self.problems.report("lesson.too-many-items", entry.value.items[part.max_items].place, **fields)

    def _check_broadcast(self) -> None:
        """Annexes 1-2 of the concept: which grades see which subject on television."""
        grade = self._grade()
        if self.subject is None or not grade or grade in self.subject.broadcast.get(self.language, ()):
            return
        place = self.keys.place_of("subject")
        name = self.subject.name[self.language]
        self.problems.warn("lesson.not-broadcast", place, "note", subject=name, grade=grade)
