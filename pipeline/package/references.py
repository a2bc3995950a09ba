"""Everything the files of a package say: each read once, whatever is needed kept as facts, no text kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from pipeline.package.charset import declaration, decode
from pipeline.package.css import read_css
from pipeline.package.html import MarkupFacts, read_html
from pipeline.package.libraries import known_library
from pipeline.package.manifests import read_json, read_xml_data
from pipeline.package.markup import Field, InlineScript
from pipeline.package.model import Reference, ScriptFacts
from pipeline.package.payloads import SHOWN, Payload, content, is_data, payload
from pipeline.package.resolve import Resolved, Resolver
from pipeline.package.side_by_side import side_by_side
from pipeline.package.svg import inflated, read_xml
from pipeline.package.tree import Tree

MOST_BYTES = 32_000_000
"""Of one text file; a longer one is read so far, and told."""

PAGES = {"html", "htm", "shtml", "xhtml", "xht"}
_XML_PAGES = {"xhtml", "xht"}
_SCRIPTS = {"js", "mjs", "cjs"}
_SLOW = PAGES | _SCRIPTS
_WORTH_A_CORE = 500_000
"""Bytes of pages and scripts; less is read before a second process has begun."""
_CODE_THAT_IS_NO_SCRIPT = {"wasm", "jar", "class", "json", "swf", "vbs", "ts", "jsx", "map"}
_DEEPEST_DATA = 3
_MOST_DATA = 4_000_000
_ABSOLUTE = re.compile(r"\s*(?:[a-zA-Z][a-zA-Z0-9+.-]*:|[\\/]{2})")
_OWN_BASE = ("import", "export", "new URL")
"""Constructs of scripts whose URLs are relative to the script; all others are relative to the page."""
_MOST_BASES = 40


@dataclass(frozen=True, slots=True)
class Link:
    """A reference in a file, and where a browser would go."""

    file: str
    reference: Reference
    target: Resolved
    from_script: bool


@dataclass
class PackageFacts:
    """What all files say. `unread`: files that a limit of ours cut short, but for scripts, which tell it themselves."""

    references: list[tuple[str, Reference]] = field(default_factory=list)
    script_references: list[tuple[str, Reference]] = field(default_factory=list)
    scripts: list[tuple[str, ScriptFacts, bool]] = field(default_factory=list)
    fields: list[tuple[str, Field]] = field(default_factory=list)
    payloads: list[tuple[str, Payload]] = field(default_factory=list)
    bases: dict[str, str] = field(default_factory=dict)
    """Pages with a <base href>."""
    ill_formed: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    """XHTML pages and drawings that are no XML: line, column, what is wrong."""
    libraries: dict[str, str] = field(default_factory=dict)
    """Well-known libraries by file: name and version. They are not read."""
    unread: list[str] = field(default_factory=list)

    def add(self, other: PackageFacts) -> None:
        """Add the facts of other files."""
        for each in fields(self):
            mine, more = getattr(self, each.name), getattr(other, each.name)
            if isinstance(mine, dict):
                mine.update(more)
            else:
                mine += more

    def arrange(self, order: Mapping[str, int]) -> None:
        """Put everything in the order of the files."""
        for each in (self.references, self.script_references, self.scripts, self.fields, self.payloads):
            each.sort(key=lambda entry: order[entry[0]])
        self.unread.sort(key=order.__getitem__)


def extension(name: str) -> str:
    """In lower case, without the dot."""
    before, _, found = name.rpartition("/")[2].rpartition(".")
    return found.lower() if before else ""


def is_litter(name: str) -> bool:
    """What macOS leaves in archives: resource forks that are named like the files they belong to."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._")


def text_of(data: bytes) -> str:
    """The text of a page, a style sheet or a script."""
    return decode(data, declaration(data))


def read_package(tree: Tree, cores: int = 1) -> PackageFacts:
    """Read every file that a browser may read as text, on so many cores where there is enough to read."""
    names = [name for name in tree.names if not is_litter(name)]
    much = cores > 1 and sum(tree.size(name) for name in names if extension(name) in _SLOW) > _WORTH_A_CORE
    parts = cores if much else 1

    def read(part: int) -> tuple[PackageFacts, set[str]]:
        reading = _Reading(tree)
        for name in names[part::parts]:
            reader = reading.reader_of(name)
            if reader is not None:
                reading.read(name, reader)
        return reading.result

    reading = _merged(side_by_side(read, parts), tree, names)
    reading.read_by_use()
    return reading.facts


def _merged(results: Sequence[tuple[PackageFacts, set[str]]], tree: Tree, names: Sequence[str]) -> _Reading:
    """One reading of several, in the order of the files whatever the number of parts."""
    reading = _Reading(tree, *results[0])
    for facts, read in results[1:]:
        reading.take(facts, read)
    if len(results) > 1:
        reading.facts.arrange({name: number for number, name in enumerate(names)})
    return reading


class _Reading:
    def __init__(self, tree: Tree, facts: PackageFacts | None = None, read: set[str] | None = None) -> None:
        self._tree = tree
        self.facts = facts or PackageFacts()
        self._read = read or set()

    @property
    def result(self) -> tuple[PackageFacts, set[str]]:
        """What was read so far, and of which files."""
        return self.facts, self._read

    def take(self, facts: PackageFacts, read: set[str]) -> None:
        """Add what another reading of other files found."""
        self.facts.add(facts)
        self._read |= read

    def reader_of(self, name: str) -> Callable[[str, str], None] | None:
        """How a file of this name is read."""
        kind = extension(name)
        if kind in PAGES:
            return self._xml if kind in _XML_PAGES else self._page
        if kind in _SCRIPTS:
            return self._script
        readers: dict[str, Callable[[str, str], None]] = {
            "css": self._style,
            "svg": self._xml,
            "svgz": self._xml,
            "json": self._json,
            "webmanifest": self._json,
            "xml": self._data,
        }
        return readers.get(kind)

    def read(self, name: str, reader: Callable[[str, str], None]) -> None:
        """Read one file; an exception, should there be one, carries its name."""
        self._read.add(name)
        try:
            self._read_one(name, reader)
        except Exception as error:
            error.add_note(name)
            raise

    def _read_one(self, name: str, reader: Callable[[str, str], None]) -> None:
        if reader in {self._json, self._data}:
            # Data is only searched for manifests and addresses, both of which stand at its beginning.
            reader(name, text_of(self._tree.read(name, _MOST_DATA)))
            return
        data = self._tree.read(name, MOST_BYTES + 1)
        if extension(name) == "svgz":
            data = inflated(data, MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            data = data[:MOST_BYTES]
            self.facts.unread.append(name)
        library = known_library(data) if reader == self._script else None
        if library is not None:
            # Byte for byte what its makers published: what it could do is known, and no finding of ours.
            self.facts.libraries[name] = library
        else:
            reader(name, text_of(data))

    def read_by_use(self) -> None:
        """Files that pages load as scripts or style sheets under another extension run all the same."""
        resolver = Resolver(self._tree.names)
        for file, reference in list(self.facts.references):
            if reference.use not in {"code", "style"}:
                continue
            target = resolver.resolve(file, reference.url, reference.base)
            fresh = target.kind == "inside" and target.name not in self._read
            if fresh and extension(target.name) not in _CODE_THAT_IS_NO_SCRIPT:
                self.read(target.name, self._script if reference.use == "code" else self._style)

    def _page(self, name: str, text: str) -> None:
        self._markup(name, read_html(text))

    def _xml(self, name: str, text: str) -> None:
        self._markup(name, read_xml(text))

    def _markup(self, name: str, markup: MarkupFacts, depth: int = 0) -> None:
        if markup.truncated:
            self.facts.unread.append(name)
        if markup.fault is not None:
            self.facts.ill_formed[name] = markup.fault
        if markup.base and not depth:
            self.facts.bases[name] = markup.base
        self.facts.fields += [(name, each) for each in markup.fields]
        self._refer(name, markup.references, depth)
        for each in markup.scripts:
            self._program(name, each, markup.base, depth)

    def _style(self, name: str, text: str) -> None:
        self._refer(name, read_css(text))

    def _json(self, name: str, text: str) -> None:
        self._refer(name, read_json(name, text))

    def _data(self, name: str, text: str) -> None:
        self._refer(name, read_xml_data(name, text))

    def _script(self, name: str, text: str) -> None:
        from pipeline.package.scripts import read_script

        self._take_script(name, read_script(text, module=extension(name) == "mjs"), inline=False)

    def _program(self, name: str, script: InlineScript, base: str | None, depth: int = 0) -> None:
        from pipeline.package.scripts import read_script

        facts = read_script(script.text, line=script.line, column=script.column, module=script.module, body=script.body)
        if base:
            facts = replace(facts, references=tuple(replace(each, base=base) for each in facts.references))
        self._take_script(name, facts, inline=True, depth=depth)

    def _take_script(self, name: str, facts: ScriptFacts, *, inline: bool, depth: int = 0) -> None:
        self.facts.scripts.append((name, facts, inline))
        for each in facts.references:
            self.facts.script_references.append((name, self._light(name, each)))
            if is_data(each.url) and each.use == "code":
                self._inner(name, each, depth)
        for text, line, column in facts.strings:
            if is_data(text):
                self._light(name, Reference(text, "mention", "text", line, column))

    def _light(self, name: str, reference: Reference) -> Reference:
        """The reference without the content of a data: URL, which becomes a payload."""
        if not is_data(reference.url):
            return reference
        light = replace(reference, url=reference.url[:SHOWN])
        self.facts.payloads.append((name, payload(reference, light)))
        return light

    def _refer(self, name: str, references: tuple[Reference, ...], depth: int = 0) -> None:
        for each in references:
            # A document in a data: URL has no address that anything could be relative to.
            if depth and not _ABSOLUTE.match(each.url):
                continue
            self.facts.references.append((name, self._light(name, each)))
            if is_data(each.url) and each.use in {"code", "style", "frame", "link"}:
                self._inner(name, each, depth)

    def _inner(self, name: str, reference: Reference, depth: int) -> None:
        """The page, script or style sheet in a data: URL, at the place of the URL."""
        if depth == _DEEPEST_DATA or len(reference.url) > _MOST_DATA:
            self.facts.unread.append(name)
            return
        mime = self.facts.payloads[-1][1].mime
        data = content(reference.url, _MOST_DATA)
        text = text_of(data)
        line, column = reference.line, reference.column
        if reference.use == "style":
            inner: tuple[Reference, ...] = read_css(text)
            self._refer(name, tuple(replace(each, line=line, column=column) for each in inner), depth + 1)
        elif reference.use == "code":
            self._program(name, InlineScript(text, line, column), None, depth + 1)
        elif "html" in mime or "svg" in mime or "xml" in mime:
            self._markup(name, read_html(text, line=line), depth + 1)


def links(facts: PackageFacts, resolver: Resolver) -> Iterator[Link]:
    """Every reference with where it leads. A script's URLs are tried from each page that may run the script."""
    loaders: dict[str, set[str]] = {}
    for file, reference in facts.references:
        target = resolver.resolve(file, reference.url, reference.base)
        if reference.use == "code" and target.kind == "inside":
            loaders.setdefault(target.name, set()).add(file)
        yield Link(file, reference, target, False)
    pages = [name for name in resolver.names if extension(name) in PAGES]
    for file, reference in facts.script_references:
        runs_in = [file] if extension(file) in PAGES else sorted(loaders.get(file, ())) or pages
        yield Link(file, reference, _best(resolver, facts, file, reference, runs_in), True)


def _best(resolver: Resolver, facts: PackageFacts, file: str, reference: Reference, pages: list[str]) -> Resolved:
    if reference.how.startswith(_OWN_BASE) and extension(file) not in PAGES:
        return resolver.resolve(file, reference.url)
    tried: dict[str, Resolved] = {}
    bases = {(page.rpartition("/")[0], facts.bases.get(page)): page for page in pages}
    for (_, base), page in list(bases.items())[:_MOST_BASES]:
        target = resolver.resolve(page, reference.url, reference.base or base)
        tried.setdefault(target.kind, target)
    # A worker's URLs are relative to the worker, and many a loader puts the script's own folder before a name.
    own = resolver.resolve(file, reference.url, reference.base)
    tried.setdefault(own.kind, own)
    return next((tried[kind] for kind in ("inside", "case") if kind in tried), next(iter(tried.values())))
