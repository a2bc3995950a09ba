"""What is JavaScript and what is not: told by an engine's parser, and nothing is ever run."""

from __future__ import annotations

import pytest

from pipeline.package.scripts import read_script
from pipeline.package.syntax import script_fault

LEGAL = {
    "optional chaining": "a?.b?.[c]?.(d) ?? e",
    "private fields": "class A { #x = 1; static #y; get #z() { return #x in this } }",
    "static blocks": "class A { static { this.a = 1 } }",
    "numeric separators": "x = 1_000n + 0b1_0",
    "sets in regular expressions": r"x = /[\p{L}--[a-z]]/v",
    "import attributes": 'import a from "./a.json" with { type: "json" }',
    "top-level await": "await 1; export {}",
    "await as a name": "var await = 1; await + 1",
    "hashbang": "#!/usr/bin/env node\nx = 1",
    "HTML-like comments": "<!-- a\nx = 1\n--> b",
    "no semicolons": "var a = 1\nvar b = a\n++b\nlet\nc",
    "octal numbers and escapes": "x = 010 + '\\07'",
    "with": "with (a) b",
    "escapes in names": "var \\u0430\\u{62} = 1",
    "async as a name": "var async; async\nfunction f() {}\nasync = async(1)",
    "division or pattern": "a = b / c / d; e = /[/]/.test(f) / g",
    "labels": "a: b: for (;;) { continue a }",
    "line separators in strings": "x = '\u2028' + '\u2029'",
    "function in a block twice": "{ function f() {} function f() {} }",
    "empty": "",
    "a comment at the end": "x = 1 // end",
    "explicit resources": "{ using a = b }",
    "logical assignment": "a ||= b &&= c ??= d",
}

BROKEN = {
    "missing operand": ("a = 1 + ;", 1, 9),
    "extra bracket": ("f(1));", 1, 5),
    "unknown sign": ("\nx = @", 2, 5),
    "string over two lines": ("x = 'a\nb'", 1, 5),
    "declared twice": ("let a;\nlet a;", 2, 6),
    "JSX": ("x = <b>1</b>", 1, 5),
    "TypeScript": ("let a: number", 1, 6),
    "JSON": ('{"a": 1, "b": 2}', 1, 5),
    "wrong pattern": ("x = 1;\ny = /a/; z = /(/", 2, 14),
    "unknown label": ("a: for (;;) { continue b; + }", 1, 24),
    "return alone": ("\n\nreturn 1", 3, 1),
    "after letters of two bytes": ("x = 'әәә' + ;", 1, 13),
    "after a line separator": ("a;\u2028b = ;", 1, 8),
    "unclosed block": ("if (a) {\n  b()\n", 3, 1),
    "unclosed call": ("f(1, 2", 1, 7),
    "condition alone": ("if (a)", 1, 7),
    "Windows line ends": ("a\r\nb = ;", 2, 5),
}


@pytest.mark.parametrize("text", LEGAL.values(), ids=list(LEGAL))
def test_legal_javascript_is_not_blamed(text: str) -> None:
    assert read_script(text).faults == ()


@pytest.mark.parametrize(("text", "line", "column"), BROKEN.values(), ids=list(BROKEN))
def test_a_fault_is_told_at_its_place(text: str, line: int, column: int) -> None:
    (fault,) = read_script(text).faults
    assert (fault.line, fault.column) == (line, column)


def test_return_may_stand_alone_in_an_event_handler() -> None:
    assert read_script("return check(this)", body=True).faults == ()


def test_a_handler_cannot_close_the_function_around_it() -> None:
    assert read_script("} alert(1); {", body=True).faults != ()


@pytest.mark.parametrize("text", ["with (a) b", "x = 010"])
def test_a_module_is_strict(text: str) -> None:
    assert script_fault(text, module=True) is not None


@pytest.mark.parametrize(
    "text",
    ["while (true) {}", "throw 1", "function f() { while (true); } f()", "import('x')", "let telesabaqǀend2; {"],
)
@pytest.mark.parametrize("module", [False, True])
@pytest.mark.parametrize("body", [False, True])
def test_nothing_is_run(text: str, module: bool, body: bool) -> None:
    # An endless loop would not return, and a text that ran would raise: see pipeline.package.syntax.
    script_fault(text, module=module, body=body)


def test_the_offending_text_is_told_cut_short() -> None:
    (fault,) = read_script("var x = @" + "y" * 100).faults
    assert fault.found.startswith("@yyy")
    assert len(fault.found) <= 40
