"""Odd little scripts, thousands of them by a seed: reading one never raises."""

from __future__ import annotations

from random import Random

import pytest

from pipeline.package.scripts import read_script

_NAMES = ("a", "b", "f", "s", "window", "location", "document", "fetch", "String", "navigator", "this", "Reflect")
_PROPERTIES = (
    "apply", "call", "bind", "map", "forEach", "join", "split", "reverse", "concat", "replace", "match", "slice",
    "fromCharCode", "charCodeAt", "src", "href", "innerHTML", "push", "open", "send", "url", "create", "get", "post",
)  # fmt: skip
_CONSTRUCTORS = ("URL", "Request", "Worker", "WebSocket", "Blob", "Function", "Image", "RTCPeerConnection", "A")
_LITERALS = (
    '"https://cdn.example/a.js"', '"https://x.example"', "''", "1", "0x1f", "/a/g", "`a${}`", "`https://${a}/b`", "[]",
    "{}", "()", "(1,)", "...a", "/* c */", '"script"', "{url:a}", "{fetch:f}", "async", "function(){return}", "()=>{}",
)  # fmt: skip


_FORMS = (
    "N", "E.P(L)", "E.P(L)", "new C(L)", "N(L)", "E+E", "E*E", "E,E", "[L][E]", "(E)", "(E?a:b)", "(E=>E)", "(E||c)",
    "E.P=E", "`E${L}`", "(function(a){return E})(L)", "(function(...a){return E})(L)", "({a})=>E", "{a:E}",
)  # fmt: skip
"""N: a name, P: a property, C: a constructor, E: an expression, L: up to two of them."""


def _expression(random: Random, depth: int = 0) -> str:
    if depth == 4 or random.randrange(4) == 0:
        return random.choice(_LITERALS)

    def filled(letter: str) -> str:
        if letter == "L":
            return ",".join(_expression(random, depth + 1) for _ in range(random.randrange(3)))
        choices = {"N": _NAMES, "P": _PROPERTIES, "C": _CONSTRUCTORS}.get(letter)
        if choices is not None:
            return random.choice(choices)
        return _expression(random, depth + 1) if letter == "E" else letter

    return "".join(map(filled, random.choice(_FORMS)))


def _script(random: Random) -> str:
    starts = ("var a = ", "b += ", "function f(a){return ", "const {fetch:f} = ", "eval(", "fetch(", "for(a of ", "")
    lines = []
    for _ in range(random.randrange(1, 5)):
        start = random.choice(starts)
        end = "}" if "{return" in start else ")" if start.endswith(("(", "of ")) else ""
        lines.append(f"{start}{_expression(random)}{end};")
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(20))
def test_made_up_script_never_raises(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # to be repeated, not to be secret
    for _ in range(60):
        text = _script(random)
        try:
            read_script(text)
        except Exception as error:
            error.add_note(text)
            raise


@pytest.mark.parametrize(
    "text",
    [
        'var s = "a" + f.apply(this);',
        'function f() { return }\nvar s = "a" + f(1);',
        'var s = "a" + [1].map();',
        "fetch(new Request());",
        'new URL() + "a"',
        'var s = "a" + [...];',
        '`a${}` + "b"',
        'var s = "a" + () + "b";',
        "().src = 'a.js';",
    ],
)
def test_brackets_with_nothing_in_them_are_read(text: str) -> None:
    assert read_script(text) is not None
