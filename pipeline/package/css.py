"""References in style sheets.

A scanner and not a parser: it knows comments, strings, url() and escapes, which is all that decides what a browser
loads, and is ten times as fast as a full tokenizer in Python. The tests hold it against tinycss2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.package.model import Reference, Use
from pipeline.package.places import Places

_INTERESTING = ("url(", "@import", "image-set(", "src(")
_OUTSIDE_RULES = re.compile(r"[\"'@(/]")
"""What may begin something of interest between declarations; the rest is passed over at the speed of C."""
_INSIDE_RULES = re.compile(r"[\"'@(){};/]")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_STRINGS = {
    '"': re.compile(r'"((?:[^"\\\n\r\f]|\\.)*)"?', re.S),
    "'": re.compile(r"'((?:[^'\\\n\r\f]|\\.)*)'?", re.S),
}
_AT = re.compile(r"@[\w-]*")
_NAME_BEFORE = re.compile(r"[\w-]+\Z")
_BARE = re.compile(r"[ \t\n\r\f]*((?:[^\"'()\\ \t\n\r\f]|\\.)*)[ \t\n\r\f]*(?:\)|\Z)", re.S)
_QUOTE_FOLLOWS = re.compile(r"[ \t\n\r\f]*[\"']")
_BAD_URL = re.compile(r"(?:[^)\\]|\\.)*\)?", re.S)
_CALLS = {"url", "src", "image-set", "-webkit-image-set"}
_TAKES_A_URL = {"@import", "@namespace"}
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\n\r\f])?|(\n)|(.))", re.S)


def read_css(text: str, *, line: int = 1, column: int = 1, base: str | None = None) -> tuple[Reference, ...]:
    """Every URL of a style sheet, a <style> element or a style attribute.

    `line` and `column` say where the text begins in its file; `base` is the page's <base href>.
    """
    if "\\" in text:
        text = _ESCAPE.sub(_plain_letter, text)
    folded = text.lower()
    if not any(word in folded for word in _INTERESTING):
        return ()
    places = Places(text, line, column)
    return tuple(Reference(url, use, how, *places.of(offset), base) for url, use, how, offset in _scan(text))


def _scan(text: str) -> Iterator[tuple[str, Use, str, int]]:
    """Url, use, construct and offset of each reference."""
    scan = _Scan(text)
    while True:
        url = scan.step()
        if url is None:
            return
        if url:
            yield url, *_use_of(scan.rule, scan.call), scan.begin


class _Scan:
    """Where the scanner is: the at-rule and the functions it is in."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._calls: list[str] = []
        self.begin = 0
        self.call = ""
        self.rule = ""

    def step(self) -> str | None:
        """Read the next thing of interest: a URL, "" for anything else, None at the end."""
        wanted = _INSIDE_RULES if self._calls or self.rule else _OUTSIDE_RULES
        found = wanted.search(self._text, self._at)
        if found is None:
            return None
        self.begin, sign = found.start(), found[0]
        self._at = found.end()
        if sign == "/":
            comment = _COMMENT.match(self._text, self.begin)
            self._at = comment.end() if comment else self._at
        elif sign in _STRINGS:
            return self._string(_STRINGS[sign])
        elif sign == "@":
            at = _AT.match(self._text, self.begin)
            assert at is not None
            self._at, self.rule = at.end(), at[0].lower()
        elif sign == "(":
            return self._function()
        elif sign == ")":
            del self._calls[-1:]
        else:
            self._calls.clear()
            self.rule = self.rule if sign != "}" and self.rule == "@font-face" else ""
        return ""

    def _string(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self.begin)
        assert match is not None
        self._at = match.end()
        self.call = self._calls[-1] if self._calls else ""
        is_url = self.call in _CALLS or (not self._calls and self.rule in _TAKES_A_URL)
        return unescaped(match[1]) if is_url else ""

    def _function(self) -> str:
        name = _NAME_BEFORE.search(self._text[max(0, self.begin - 24) : self.begin])
        call = name[0].lower() if name else ""
        self.call = call
        if call == "url" and not _QUOTE_FOLLOWS.match(self._text, self._at):
            bare = _BARE.match(self._text, self._at)
            end = bare or _BAD_URL.match(self._text, self._at)
            assert end is not None
            self._at = end.end()
            return unescaped(bare[1]) if bare else ""
        if call in _CALLS or self._calls:
            # The strings of other functions are no URLs: image-set("a.png" type("image/png")).
            self._calls.append(call)
        return ""


def _use_of(rule: str, call: str) -> tuple[Use, str]:
    if rule == "@import":
        return "style", "@import"
    if rule == "@namespace":
        return "namespace", "@namespace"
    if rule == "@font-face":
        return "media", "@font-face"
    return "media", "image-set()" if call.endswith("image-set") else "url()"


def unescaped(text: str) -> str:
    """The value of a CSS string or name with its escapes resolved."""
    return _ESCAPE.sub(_value, text) if "\\" in text else text


def _value(escape: re.Match[str]) -> str:
    if escape[1]:
        code = int(escape[1], 16)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return escape[3] or ""


def _plain_letter(escape: re.Match[str]) -> str:
    r"""An escape that spells an ASCII letter, digit or hyphen as that character: "u\72l(" is url( to a browser."""
    value = _value(escape)
    return value if value.isascii() and (value.isalnum() or value == "-") else escape[0]
