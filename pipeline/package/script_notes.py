"""What is found in one script, as it is found: strings, references, calls, signs of hidden code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from pipeline.package.constants import Text
from pipeline.package.folding import MAY_BE_TEXT, bare, operands
from pipeline.package.model import Call, Reference, Use
from pipeline.package.script_addresses import address, handlers_in, mentioned, names_a_namespace, scripts_in, tags_in
from pipeline.package.script_holders import BARE_FILE, SHORT_ID, holder_of
from pipeline.package.script_names import Names
from pipeline.package.script_situations import Situations
from pipeline.package.trackers import may_be_id

if TYPE_CHECKING:
    from tree_sitter import Node

    from pipeline.package.grammar import Parsed

WORD = re.compile(r"[\w$]*")
ABROAD = re.compile(r"\s*(?:(?:https?|wss?):)?//", re.I)
_NOWHERE = re.compile(r"\s*(?://)?(?:about|javascript|blob|mailto|tel):", re.I)
_ROOM = 40_000_000
_ROOM_OF_ONE = 100
_MOST_NESTED = 50


class Notes:
    """What is found in one script. `place` tells where a byte of it lies in the file."""

    def __init__(self, parsed: Parsed, place: Callable[[int], tuple[int, int]]) -> None:
        self._parsed, self._place = parsed, place
        found = parsed.found("events")
        self._events = found.get("e", [])
        self.names = Names(parsed, found)
        self._folder = self.names.folder
        self.references: list[Reference] = []
        self.strings: list[tuple[str, int, int]] = []
        self.holders: dict[str, set[str]] = {}
        self.calls: list[Call] = []
        self.signs: list[Call] = []
        self.nested: list[tuple[str, int]] = []
        """Programs that the script puts together and runs, with the offset of the call that does."""
        self._situations = Situations(parsed, self.names)
        self._room = _ROOM
        self._mentions: list[tuple[str, Node]] = []
        self._chain = (0, 0)
        self._said: set[int] = set()
        self._parts: set[int] = set()  # literals that are but a part of something longer

    def _string(self, node: Node) -> None:
        if node.id in self._said:
            return
        value = self._folder.fold(node)
        if isinstance(value, Text):
            self._say(value, node)

    def _addition(self, node: Node) -> None:
        start, end = node.start_byte, node.end_byte
        if start == self._chain[0] and end <= self._chain[1]:
            return
        parts = operands(node)
        if len(parts) < 2:
            return
        # What the sum begins with is a sum as well, and not looked at again: there may be thousands, one in the other.
        self._chain = (start, end)
        # Sums of numbers are the most of all; nothing but these kinds can make a sum a string.
        if not any(each.type in MAY_BE_TEXT for each in parts):
            return
        value = self._folder.fold(node)
        if not isinstance(value, Text):
            return
        self._say(value, node)
        if any(value.known):
            self._parts.update(self._meant(each).id for each in bare(parts))
        if len(parts) == 2 and value.pieces[-1] is None and parts[0].type == "string":
            # `"text" + unknown` says just what its string says.
            self._said.add(parts[0].id)

    def _meant(self, node: Node) -> Node:
        """The literal that a name stands for, or the node itself."""
        value = self.names.only_value(self._parsed.text(node)) if node.type == "identifier" else None
        return value if value is not None and value.type == "string" else node

    def _say(self, value: Text, node: Node) -> None:
        slashes = False
        for piece in value.known:
            slashes = slashes or "//" in piece
            if len(piece) > 2 and self._room > 0 and (not WORD.fullmatch(piece) or may_be_id(piece)):
                self._room -= len(piece) + _ROOM_OF_ONE
                self.strings.append((piece, *self._place(node.start_byte)))
                if BARE_FILE.fullmatch(piece) or SHORT_ID.fullmatch(piece):
                    self.holders.setdefault(piece, set()).add(holder_of(self._parsed, node))
        url = mentioned(value) if slashes else None
        if url is not None:
            self._mentions.append((url, node))

    def _told_mentions(self) -> None:
        """Addresses that are written in the script and that nothing else was found to use."""
        said = {each.url for each in self.references}
        for url, node in self._mentions:
            if url not in said and node.id not in self._parts:
                use: Use = "namespace" if names_a_namespace(url) else "mention"
                self._refer(url, use, "string", node)

    def _refer(self, url: str, use: Use, how: str, node: Node) -> None:
        if not _NOWHERE.match(url):
            self.references.append(Reference(url, use, how, *self._place(node.start_byte)))

    def _refer_to(self, target: Node | None, use: Use, how: str) -> None:
        """A reference, where the address can be told: all of it, or at least its host."""
        for url in self._addresses(target):
            if target is not None:
                self._refer(url, use, how, target)

    def _addresses(self, target: Node | None) -> Iterable[str]:
        """What an expression leads to; where that depends on how a function is called, the other hosts among it."""
        url = address(self._folder.fold(target))
        if url or target is None:
            return [url] if url else []
        found = (address(value) for value in self._situations.values(target))
        return dict.fromkeys(each for each in found if each and ABROAD.match(each))

    def _markup(self, value: Node | None, *, runs: bool) -> None:
        """A string that becomes part of a page: what its tags load; with `runs` also the scripts in it."""
        folded = self._folder.fold(value)
        if isinstance(folded, Text) and value is not None:
            self._markup_of(folded, value, runs=runs)

    def _markup_of(self, folded: Text, value: Node, *, runs: bool) -> None:
        for tag, url, use in tags_in(folded):
            self._refer(url, use, f"<{tag}> written by a script", value)
        if any(" on" in piece for piece in folded.known):
            for inner in handlers_in(folded):
                self._run_later(inner, value)
        if runs:
            for inner in scripts_in(folded):
                self._run_later(inner, value)

    def _run_later(self, text: str, node: Node) -> None:
        if len(self.nested) < _MOST_NESTED and text.strip():
            self.nested.append((text, node.start_byte))

    def _tell(self, name: str, node: Node, arguments: Sequence[Node]) -> None:
        argument = next(iter(self._addresses(arguments[0])), None) if arguments else None
        self.calls.append(Call(name, *self._place(node.start_byte), argument))

    def _plain(self, node: Node) -> str | None:
        value = self._folder.fold(node)
        if isinstance(value, float):
            return str(int(value)) if value.is_integer() else str(value)
        if isinstance(value, list):
            # `_paq.push(["setSiteId", ...])`: what is done is the first item.
            value = value[0] if value else None
        return value.whole if isinstance(value, Text) else None

    def _escaped_markup(self, value: Node) -> None:
        raw = self._parsed.text(value)[:200_000]
        hidden = len(re.findall(r"%(?:u00)?[46-7][0-9A-Fa-f]|\\x[46-7][0-9A-Fa-f]", raw))
        if hidden > 20 and hidden * 3 > len(raw) * 0.4:
            self._sign("escaped-markup", value)

    def _sign(self, name: str, node: Node) -> None:
        self.signs.append(Call(name, *self._place(node.start_byte), self._parsed.text(node)[:60]))
