"""Reads a parsed script: what it loads, connects to, links to and mentions, and the calls that matter."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from pipeline.package.constants import joined, unescaped
from pipeline.package.model import Call
from pipeline.package.obfuscation import decodes, turned_round, unpacked
from pipeline.package.script_accesses import accesses
from pipeline.package.script_addresses import address
from pipeline.package.script_calls import BARE_CALLS, CALLS, NEWS, OWNED_NEWS, TAGS, WORDS
from pipeline.package.script_elements import Elements, arguments_of, called_through
from pipeline.package.script_names import PATHS
from pipeline.package.script_notes import ABROAD, WORD, Notes
from pipeline.package.script_timing import runs_by_itself
from pipeline.package.trackers import tracker_calls

if TYPE_CHECKING:
    from tree_sitter import Node

    from pipeline.package.grammar import Parsed

_MEETING_POINT = re.compile(r"((?:stun|turn)s?):(?://)?([^/?#\s]+)", re.I)
_LARGE = 60_000
"""Bytes of a script that is no lesson's own any more."""

_MARKUP_WRITERS = {
    "insertAdjacentHTML", "append", "prepend", "html", "after", "before", "appendTo", "createContextualFragment",
    "setHTMLUnsafe",
}  # fmt: skip
_CODE_IN_BLOB = re.compile(r"\b(?:importScripts|postMessage|onmessage|fetch|eval|XMLHttpRequest)\b")
_PROGRAM = {"text", "textContent", "innerHTML"}
_METHODS = {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"}


class Walk(Notes):
    """Reads one script, node by node."""

    def __init__(self, parsed: Parsed, place: Callable[[int], tuple[int, int]], *, called_by_event: bool) -> None:
        super().__init__(parsed, place)
        self._called_by_event = called_by_event
        self._elements = Elements(parsed, self.names)
        self._kinds: Mapping[str, Callable[[Node], None]] = {
            "string": self._string,
            "template_string": self._string,
            "binary_expression": self._addition,
            "call_expression": self._call,
            "new_expression": self._new,
            "assignment_expression": self._assignment,
            "import_statement": self._import,
            "export_statement": self._import,
        }

    def run(self) -> None:
        """Read the whole script."""
        # In the order of the text, what is around something before it.
        self._events.sort(key=attrgetter("end_byte"), reverse=True)
        self._events.sort(key=attrgetter("start_byte"))
        for node in self._events:
            self._kinds[node.type](node)
        for name, offset in accesses(self._parsed, self.names):
            self.calls.append(Call(name, *self._place(offset)))
        self._told_mentions()

    def _import(self, node: Node) -> None:
        source = node.child_by_field_name("source")
        if source is None:
            return
        self._refer_to(source, "code", "import" if node.type == "import_statement" else "export from")
        self._parts.add(source.id)

    def _assignment(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or left.type not in PATHS:
            return
        name = self._last_name(left)
        owner = left.child_by_field_name("object")
        if name in _PROGRAM and owner is not None and self._elements.tag_of(owner) == "script":
            self._runs_text(node, name, [right])
        elif name in {"src", "href", "action", "data", "srcdoc", "innerHTML", "outerHTML"}:
            if name in {"innerHTML", "outerHTML", "srcdoc"}:
                self._markup(right, runs=name == "srcdoc")
            elif owner is not None:
                self._attribute(owner, name, right)
        elif name == "location" and self.names.called(left) in {"location", "document.location"}:
            self._lead_to(right, "location")

    def _attribute(self, owner: Node, name: str, value: Node) -> None:
        """`element.src = ...` and `element.setAttribute("src", ...)`: the use depends on what the element is."""
        for url in self._addresses(value):
            self._attribute_of(owner, name, value, url)

    def _attribute_of(self, owner: Node, name: str, value: Node, url: str) -> None:
        tag = self._elements.tag_of(owner)
        if name == "href" and self.names.called(owner).endswith("location"):
            self._lead_to(value, "location.href")
        elif name == "action" and (tag == "form" or "//" in url):
            self._refer(url, "submits", "form.action", value)
        elif name == "href":
            self._refer(url, "style" if tag == "link" else "link", f"{tag or 'element'}.href", value)
        elif name == "src" or tag == "object":
            use = TAGS.get(tag) or ("code" if re.search(r"\.m?js(?:[?#]|$)", url) else "media")
            self._refer(url, use, f"{tag or 'element'}.{name}", value)

    # -- calls --------------------------------------------------------------------------------------------------

    def _last_name(self, function: Node) -> str:
        """The last part of a callee's name, cheaply."""
        if function.type == "member_expression":
            name = function.child_by_field_name("property")
            return unescaped(self._parsed.text(name)) if name is not None else ""
        if function.type == "subscript_expression":
            index = function.child_by_field_name("index")
            return (self._folder.text(index) or "") if index is not None and index.type != "number" else ""
        if function.type == "identifier":
            name_text = unescaped(self._parsed.text(function))
            value = self.names.only_value(name_text) if name_text not in WORDS else None
            if self.names.renames(value):
                return self.names.called(function).rpartition(".")[2]
            return name_text
        if function.type == "parenthesized_expression":
            return self.names.called(function).rpartition(".")[2]
        return "import" if function.type == "import" else ""

    def _call(self, node: Node) -> None:
        function = node.child_by_field_name("function")
        if function is None:
            return
        last, arguments = self._last_name(function), arguments_of(node)
        if last in {"call", "apply"}:
            function, arguments = called_through(self.names, function, arguments)
            last = self._last_name(function)
        if last in CALLS or last in _tracker_words():
            self._named_call(node, function, last, arguments)
        elif last in WORDS:
            self._act(node, function, last, arguments)

    def _named_call(self, node: Node, function: Node, last: str, arguments: Sequence[Node]) -> None:
        name = self.names.called(function)
        naming = CALLS.get(last)
        shown = naming(name) if naming is not None else None
        if shown is not None and not (last in BARE_CALLS and self._own(function, last)):
            self._tell(shown, node, arguments)
        if last in _tracker_words() and any(name == each or name.endswith(f".{each}") for each in tracker_calls()):
            if self.names.is_own_thing(name.partition(".")[0]):
                return
            values = [self._plain(each) for each in arguments[:4]]
            first, more = (values[0], tuple(values[1:])) if values else (None, ())
            self.calls.append(Call(name, *self._place(node.start_byte), first, more))
        if last in WORDS:
            self._act(node, function, last, arguments)

    def _own(self, function: Node, last: str) -> bool:
        """Whether a bare name is the script's own function, not the browser's."""
        return function.type == "identifier" and self.names.defined(last)

    def _act(self, node: Node, function: Node, last: str, arguments: Sequence[Node]) -> None:
        owner = function.child_by_field_name("object")
        if last in {"assign", "replace"} and not self._may_be_location(owner):
            return
        first = arguments[0] if arguments else None
        name = self.names.called(function)
        if last in {"createElement", "createElementNS"}:
            self._elements.remember(node)
            return
        if first is None or self._own(function, last):
            return
        if last in {"setAttribute", "setAttributeNS"} and owner is not None:
            self._set_attribute(owner, arguments[-2:])
        elif last in {"write", "writeln"} and name.startswith("document."):
            self._markup(first, runs=True)
            self._escaped_markup(first)
        elif last in _MARKUP_WRITERS:
            self._markup(arguments[-1], runs=last != "insertAdjacentHTML")
        elif last in {"eval", "Function", "execScript", "constructor", "setTimeout", "setInterval"}:
            self._runs_text(node, name, arguments)
        elif last in {"get", "post", "getJSON", "ajax", "put", "patch", "load", "getScript", "request"}:
            self._library_request(function, name, arguments)
        else:
            self._loads(last, name, arguments)

    def _may_be_location(self, owner: Node | None) -> bool:
        """Whether `x.replace()` may lead to another page. Nearly always x is a string, and this is asked a lot."""
        if owner is None or owner.type not in PATHS:
            return False
        if owner.type == "identifier":
            text = self._parsed.text(owner)
            return text == "location" or self.names.renames(self.names.only_value(text))
        name = owner.child_by_field_name("property")
        return name is None or "location" in unescaped(self._parsed.text(name))

    def _set_attribute(self, owner: Node, arguments: Sequence[Node]) -> None:
        name = self._folder.text(arguments[0])
        if len(arguments) == 2 and name in {"src", "href", "action", "data", "xlink:href"}:
            self._attribute(owner, name.rpartition(":")[2], arguments[1])

    def _loads(self, last: str, name: str, arguments: Sequence[Node]) -> None:
        first = arguments[0]
        if last == "open" and name in {"open", "document.open"}:
            self._refer_to(first, "link", "window.open()")
        elif last == "open":
            method = self._folder.text(first)
            if len(arguments) > 1 and (method is None or method.upper() in _METHODS):
                self._refer_to(arguments[1], "connects", "XMLHttpRequest")
        elif last in {"assign", "replace"}:
            if name.endswith(f"location.{last}"):
                self._lead_to(first, f"location.{last}()")
        elif last == "fetch" and name == "fetch":
            self._refer_to(first, "connects", "fetch()")
        elif last == "axios":
            self._requested(first, "axios()")
        elif last == "importScripts" or (last == "import" and name == "import"):
            for each in arguments if last == "importScripts" else arguments[:1]:
                self._refer_to(each, "code", f"{last}()")
        elif last in {"register", "addModule"} and name.endswith(("serviceWorker.register", "orklet.addModule")):
            self._refer_to(first, "code", f"{name.rpartition('.')[0].rpartition('.')[2]}.{last}()")

    def _library_request(self, function: Node, name: str, arguments: Sequence[Node]) -> None:
        """Requests by jQuery and axios."""
        owner, _, last = name.rpartition(".")
        jquery = owner in {"$", "jQuery"} or owner.startswith(("$()", "jQuery()"))
        if not jquery and owner != "axios" and not owner.endswith(("XMLHttpRequest", ".$")):
            url = address(self._folder.fold(arguments[0]))
            if last in {"post", "put", "patch"} and url and ABROAD.match(url):
                # A library under a name of its own: nothing else is posted to an address abroad.
                self._refer(url, "connects", f"{last}()", arguments[0])
            return
        if last == "load" and owner in {"$", "jQuery"}:
            return
        if last == "getScript":
            self._refer_to(arguments[0], "code", "$.getScript()")
        elif last == "load":
            url = self._folder.text(arguments[0])
            if url and function.type == "member_expression":
                self._refer(url.split(" ")[0], "connects", "$.load()", arguments[0])
        elif last in {"ajax", "request"}:
            self._requested(arguments[0], f"{owner}.{last}()")
        else:
            self._refer_to(arguments[0], "connects", f"{owner}.{last}()")

    def _requested(self, settings: Node, how: str) -> None:
        value = self._folder.fold(settings)
        if isinstance(value, dict):
            script = self._folder.text(value.get("dataType")) == "script"
            self._refer_to(value.get("url"), "code" if script else "connects", how)
        else:
            self._refer_to(settings, "connects", how)

    def _new(self, node: Node) -> None:
        maker = node.child_by_field_name("constructor")
        if maker is None:
            return
        last = self._last_name(maker)
        if last not in NEWS and last not in _tracker_words():
            return
        name = self.names.called(maker)
        arguments = arguments_of(node)
        if last in {"Image", "Audio"}:
            self._elements.remember(node)
        if self._own(maker, last):
            return
        told = NEWS.get(last, (None, "", name))[2]
        if last in OWNED_NEWS:
            told = name if "." in name else None
        if told:
            self._tell(told, node, arguments)
        if last == "Function":
            self._runs_text(node, "Function", arguments)
        elif arguments:
            self._made_of(last, arguments)

    def _made_of(self, last: str, arguments: Sequence[Node]) -> None:
        use, how, _ = NEWS.get(last, (None, "", None))
        if last == "Blob":
            self._blob(arguments)
        elif last.endswith("RTCPeerConnection"):
            self._meeting_points(arguments[0])
        elif last == "URL":
            if len(arguments) == 2 and self._parsed.text(arguments[1]) == "import.meta.url":
                self._refer_to(arguments[0], "media", how)
        elif use is not None:
            self._refer_to(arguments[0], use, how)

    def _meeting_points(self, settings: Node) -> None:
        """`{iceServers: [{urls: "stun:host"}]}`: the hosts that two browsers find each other by."""
        if settings.type != "object" and len(self._parsed.source) > _LARGE:
            # A library's own default, to see whether the browser can make calls.
            return
        value = self._folder.fold(settings)
        servers = self._folder.fold(value.get("iceServers")) if isinstance(value, dict) else None
        for server in servers if isinstance(servers, list) else ():
            if not isinstance(server, dict):
                continue
            listed = self._folder.fold(server.get("urls") or server.get("url"))
            for each in listed if isinstance(listed, list) else [listed]:
                found = _MEETING_POINT.match(address(each) or "")
                if found:
                    self._refer(f"{found[1]}://{found[2]}", "connects", "RTCPeerConnection", settings)

    def _lead_to(self, target: Node, how: str) -> None:
        """Another page in the place of this one. Where nobody asked for it, it is as good as shown by this one."""
        url = address(self._folder.fold(target))
        if url:
            alone = not self._called_by_event and ABROAD.match(url) and runs_by_itself(self.names, target)
            self._refer(url, "frame" if alone else "link", how, target)

    # -- text that is run ---------------------------------------------------------------------------------------

    def _blob(self, arguments: Sequence[Node]) -> None:
        """`new Blob(["..."])`: a file that a script makes, and that a worker or a <script> may run."""
        parts = self._folder.fold(arguments[0])
        text = joined(parts) if isinstance(parts, list) else None
        settings = self._folder.fold(arguments[1]) if len(arguments) > 1 else None
        kind = self._folder.text(settings.get("type")) if isinstance(settings, dict) else None
        if text is None or not any(text.known):
            return
        if "javascript" in (kind or "") or (kind is None and any(map(_CODE_IN_BLOB.search, text.known))):
            self._run_later("0".join(text.known), arguments[0])
        elif "html" in (kind or ""):
            self._markup_of(text, arguments[0], runs=True)

    def _runs_text(self, node: Node, name: str, arguments: Sequence[Node]) -> None:
        """`eval(...)`, `new Function(...)`, `setTimeout("...")`: the program in the string is read like any other."""
        last = name.rpartition(".")[2]
        if last == "constructor" and not name.startswith(".") and not name.endswith(".constructor.constructor"):
            return
        if not arguments:
            return
        # A function's parameters come before its body.
        chosen = arguments[-1 if last in {"Function", "constructor"} else 0]
        text = self._folder.text(chosen)
        if text is not None and (last not in {"setTimeout", "setInterval"} or not WORD.fullmatch(text)):
            self._run_later(text, node)
        if decodes(self._parsed, self.names, chosen) or turned_round(self.names, chosen):
            self._sign("decoded-code", node)
        packed = unpacked(self._parsed, self._folder, chosen)
        if packed is not None:
            self._sign("packed-code", node)
            self._run_later(packed, node)


def _tracker_words() -> frozenset[str]:
    return tracker_calls().words
