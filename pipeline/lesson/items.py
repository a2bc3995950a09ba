"""Pieces of a script -> pieces of the model: clips, slides, tasks, references. An item with an error is left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from fractions import Fraction
from typing import Literal, TypeVar, cast

from pipeline.errors import Place
from pipeline.lesson.files import LessonFolder, check_url
from pipeline.lesson.model import OWN, Animation, Asset, Clip, ExplanationItem, Reference, Slide, Task, Text
from pipeline.lesson.problems import Problems
from pipeline.lesson.reading import first_unsafe
from pipeline.lesson.source import WrittenText, written_text
from pipeline.lesson.text import read_formula, read_text
from pipeline.lesson.tree import ListNode, MapNode, Node, ScalarNode
from pipeline.timecode import decimal, parse_seconds

CAPTION_FILES = (".srt", ".vtt")

Fit = Literal["trim", "hold"]
Item = TypeVar("Item")


class ScriptReader:
    """What every piece of one script needs: its text, its folder, which nodes to distrust."""

    def __init__(
        self,
        script: str,
        folder: LessonFolder,
        problems: Problems,
        unsound: frozenset[int],
        *,
        chemistry: bool,
        allow_code: bool,
    ) -> None:
        self.script = script
        self.folder = folder
        self.problems = problems
        self.unsound = unsound
        self.chemistry = chemistry
        self.allow_code = allow_code

    def keys(self, node: Node) -> Keys:
        return Keys(self, node)

    def written(self, node: Node) -> WrittenText | None:
        """The text of a sound scalar; None for anything else and for text that holds a hidden character."""
        if not isinstance(node, ScalarNode) or node.is_null or id(node) in self.unsound:
            return None
        found = written_text(node, self.script)
        unsafe = first_unsafe(found.value) if node.style == '"' else None
        if unsafe is not None:
            character = f"U+{ord(found.value[unsafe]):04X}"
            self.problems.report("script.unsafe-character", found.place(unsafe), character=character)
            return None
        return found

    def items(self, node: Node | None, read: Callable[[Node], Item | None]) -> tuple[Item, ...]:
        """The items of a list that have no errors of their own; all of them are read, to find the errors."""
        if not isinstance(node, ListNode):
            return ()
        found = []
        for each in node.items:
            errors_before = self.problems.errors
            item = read(each)
            if item is not None and self.problems.errors == errors_before and id(each) not in self.unsound:
                found.append(item)
        return tuple(found)

    def explanation_item(self, node: Node) -> ExplanationItem | None:
        keys = self.keys(node)
        if keys.has("clip"):
            return self._clip(keys)
        if keys.has("animation") and not keys.has("slide"):
            return self._animation(keys)
        return self._slide(keys) if keys.has("slide") or keys.has("picture") else None

    def _clip(self, keys: Keys) -> Clip | None:
        file, start, end = keys.asset("clip"), keys.seconds("from"), keys.seconds("to")
        captions, source = keys.asset("captions", CAPTION_FILES), keys.source()
        if end is not None and end <= (start or 0):
            shown = {"start": decimal(start or 0, 2), "end": decimal(end, 2)}
            self.problems.report("lesson.ends-before-start", keys.place_of("to"), **shown)
        if file is None or source is None:
            return None
        return Clip(
            file=file,
            start=start or Fraction(0),
            end=end,
            source=source,
            fit=keys.fit(),
            name_caption=keys.truth("name_caption", default=source == OWN),
            captions=captions,
            place=keys.place,
        )

    def _slide(self, keys: Keys) -> Slide:
        return Slide(
            title=keys.text("slide"),
            text=keys.text("text"),
            formula=keys.text("formula", formula=True),
            picture=keys.asset("picture"),
            source=keys.source(),
            narration=keys.asset("narration"),
            captions=keys.asset("captions", CAPTION_FILES),
            seconds=keys.length("seconds"),
            fit=keys.fit(),
            full_screen=not keys.has("slide"),
            place=keys.place,
        )

    def _animation(self, keys: Keys) -> Animation | None:
        if not self.allow_code:
            self.problems.report("lesson.code-not-allowed", keys.place)
        file, seconds, source = keys.asset("animation", (".py",)), keys.length("seconds"), keys.source()
        if file is None or seconds is None or source is None:
            return None
        return Animation(file=file, seconds=seconds, source=source, place=keys.place)

    def task(self, node: Node) -> Task | None:
        if isinstance(node, MapNode):
            keys = self.keys(node)
            text, narration = keys.text("text"), keys.asset("narration")
        else:
            text, narration = self.text(node), None
        return Task(text, narration, node.place) if text else None

    def reference(self, node: Node) -> Reference | None:
        keys = self.keys(node)
        title, note, narration = keys.text("title"), keys.text("note"), keys.asset("narration")
        written = keys.written("url")
        url = check_url(written.value, keys.place_of("url"), self.problems) if written else None
        return Reference(title, url, note, narration, node.place) if title and url else None

    def text(self, node: Node, *, formula: bool = False) -> Text | None:
        written = self.written(node)
        if written is None:
            return None
        read = read_formula if formula else read_text
        return read(written, node.place, self.problems, chemistry=self.chemistry)


class Keys:
    """The keys of one mapping of the script; a missing or unsound one reads as None."""

    def __init__(self, reader: ScriptReader, node: Node) -> None:
        self.reader = reader
        self.entries = node.entries if isinstance(node, MapNode) else {}
        self.place = node.place

    def has(self, key: str) -> bool:
        return key in self.entries

    def node(self, key: str) -> Node | None:
        return self.entries[key].value if key in self.entries else None

    def place_of(self, key: str) -> Place:
        node = self.node(key)
        return node.place if node else self.place

    def written(self, key: str) -> WrittenText | None:
        node = self.node(key)
        return self.reader.written(node) if node else None

    def line(self, key: str) -> str | None:
        """A value as one line of plain text."""
        written = self.written(key)
        return " ".join(written.value.split()) if written else None

    def text(self, key: str, *, formula: bool = False) -> Text | None:
        node = self.node(key)
        return self.reader.text(node, formula=formula) if node else None

    def asset(self, key: str, extensions: tuple[str, ...] = ()) -> Asset | None:
        written = self.written(key)
        return self.reader.folder.asset(written.value, self.place_of(key), extensions) if written else None

    def seconds(self, key: str) -> Fraction | None:
        written = self.written(key)
        if written is None:
            return None
        try:
            return parse_seconds(written.value)
        except ValueError:
            self.reader.problems.report("lesson.bad-time", self.place_of(key), key=key, found=written.value[:60])
            return None

    def length(self, key: str) -> Fraction | None:
        """A time that must be more than nothing."""
        seconds = self.seconds(key)
        if seconds == 0:
            self.reader.problems.report("lesson.no-length", self.place_of(key), key=key)
            return None
        return seconds

    def source(self) -> str | None:
        """Who made it; `own` in any capitals is the lesson's own team."""
        source = self.line("source")
        return OWN if source is not None and source.casefold() == OWN else source

    def fit(self) -> Fit | None:
        fit = self.line("fit")
        return cast(Fit, fit) if fit in {"trim", "hold"} else None

    def truth(self, key: str, *, default: bool) -> bool:
        value = self.line(key)
        return default if value is None else value.casefold() == "true"


_ID = re.compile(r"[A-Za-z0-9А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі][A-Za-z0-9А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі._-]{0,99}")
_NOT_OF_ID = re.compile(r"[^A-Za-z0-9А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі._-]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def is_safe_id(name: str) -> bool:
    """Safe as a file's name on every system: Latin, Kazakh and Russian letters, digits, . _ - ; 100 at most."""
    return bool(_ID.fullmatch(name)) and not name.endswith(".") and not _RESERVED.fullmatch(name)


def id_from_folder(name: str) -> str:
    """A safe id out of a folder's name: spaces and other signs become hyphens."""
    plain = _NOT_OF_ID.sub("-", unicodedata.normalize("NFC", name)).strip("-._")[:100].rstrip("-._")
    return plain if is_safe_id(plain) else f"lesson-{plain}"[:100].rstrip("-._")
