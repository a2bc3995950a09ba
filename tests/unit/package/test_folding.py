"""Strings that are put together, cut, reversed and decoded."""

from __future__ import annotations

import pytest

from pipeline.package.constants import Text, unescaped
from pipeline.package.grammar import Parsed
from pipeline.package.script_names import Names


def folded(text: str) -> Text | None:
    """What `x` is worth at the end of the text."""
    parsed = Parsed(text)
    names = Names(parsed, parsed.found("events"))
    value = names.folder.fold(names.only_value("x"))
    return value if isinstance(value, Text) else None


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("x = \"a\" + 'b' + `c`", "abc"),
        ('x = "a" + 1 + 2.5', "a12.5"),
        ('x = 1 + 2 + ""', "12"),
        ('x = ["a", "b"].join("")', "ab"),
        ('x = ["a", "b"].join()', "a,b"),
        ('x = ["a", "b", "c"].join("-")', "a-b-c"),
        ('x = "cba".split("").reverse().join("")', "abc"),
        ("x = String.fromCharCode(97, 0x62, 99)", "abc"),
        ("x = String['from' + 'CharCode'](97)", "a"),
        ('x = atob("YWJj")', "abc"),
        ('x = window.atob("YWJj")', "abc"),
        ('x = unescape("%61%u0431")', "aб"),
        ('x = decodeURIComponent("%D3%99")', "ә"),
        (r'x = "\x61\u0062\u{63}\144"', "abcd"),
        (r'x = "\ud83d\ude00"', "😀"),
        ('x = "a1b1".replace(/1/g, "")', "ab"),
        ('x = "a1b1".replace("1", "")', "ab1"),
        ('x = "abc".slice(1) + "abc".substr(-2, 1) + "abc".substring(2, 0) + "abc".charAt(1)', "bcbabb"),
        ('x = "a".concat("b", "c")', "abc"),
        ('x = "ABC".toLowerCase()', "abc"),
        ('var a = "a", b = a + "b"; x = `${b}c`', "abc"),
        ('var a; a = "a"; x = a + "b"', "ab"),
        ('var o = { a: "b", "c d": "e" }; x = o.a + o["c d"]', "be"),
        ('var l = ["a", "b"]; x = l[1] + l[0x0]', "ba"),
        ('x = (p ? "https://ssl" : "http://www") + ".a"', "https://ssl.a"),
        ('x = (window.a || "b") + "c"', "bc"),
        ('(function (p) { x = p + "b" })("a")', "ab"),
        ('x = [..."cba"].reverse().join("")', "abc"),
        ("x = String.fromCharCode(...[97, 98, 99])", "abc"),
        ("x = String.fromCharCode.apply(null, [97, 98, 99])", "abc"),
        ('x = [97, 98].map(c => String.fromCharCode(c)).join("")', "ab"),
        ('x = [102, 101].map(function (c) { return String.fromCharCode(c ^ 7) }).join("")', "ab"),
        ('x = "ab".split("").map(c => String.fromCharCode(c.charCodeAt(0) + 1)).join("")', "bc"),
        ('x = "616263".match(/../g).map(h => String.fromCharCode(parseInt(h, 16))).join("")', "abc"),
        ('function f() { return "a" + "b" } x = f() + "c"', "abc"),
        ('const f = s => s.split("").reverse().join(""); x = f("cba")', "abc"),
        ('x = new URL("https://a.example/b")', "https://a.example/b"),
    ],
)
def test_a_constant_is_told(text: str, worth: str) -> None:
    value = folded(text)
    assert value is not None
    assert value.whole == worth


@pytest.mark.parametrize(
    "text",
    [
        "function f() { return f() + f() } x = f() + ''",
        "function a(p) { return b(p) + b(p) } function b(p) { return a(p) + a(p) } x = a('c') + ''",
        "const f = p => [p, p].map(f); x = f('a') + ''",
    ],
)
def test_functions_that_call_themselves_end(text: str) -> None:
    value = folded(text)
    assert value is None or len("".join(value.known)) < 100


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ('x = "a" + b + "c"', ("a", None, "c")),
        ("x = `a${b}`", ("a", None)),
        ('var a = "1"; a = "2"; x = "b" + a', ("b", None)),
        ('function f(a) {} var a = "1"; x = "b" + a', ("b", None)),
        ('for (var a of b) {} x = "b" + a', ("b", None)),
        ('x = "b" + x', ("b", None)),
        ('var a = "a"; a += "b"; x = "c" + a', ("cab", None)),
    ],
)
def test_what_is_not_constant_stays_unknown(text: str, pieces: tuple[str | None, ...]) -> None:
    value = folded(text)
    assert value is not None
    assert value.pieces == pieces


def test_a_string_that_grows_without_end_is_cut() -> None:
    text = "var a0='" + "ab" * 2_000 + "';" + "".join(f"var a{i + 1}=a{i}+a{i};" for i in range(9)) + "x=a9+''"
    value = folded(text)
    assert value is not None
    assert value.whole is not None
    assert len(value.whole) == 65_536


def test_lone_surrogates_do_not_survive() -> None:
    assert unescaped(r"\ud800a") == "\ufffda"
