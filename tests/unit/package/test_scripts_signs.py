"""Signs of code that hides what it does, and their absence in code that does not."""

from __future__ import annotations

import pytest

from pipeline.package.scripts import read_script


def signs(text: str) -> set[str]:
    return {each.name for each in read_script(text).signs}


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("eval(atob(x))", "decoded-code"),
        ("var c = atob('YQ=='); eval(c)", "decoded-code"),
        ("new Function(unescape('%61'))()", "decoded-code"),
        ("setTimeout(String.fromCharCode(97), 1)", "decoded-code"),
        ("window['ev' + 'al'](atob(x))", "decoded-code"),
        ("document.write(unescape('" + "%3c%70%3e%61" * 40 + "'))", "escaped-markup"),
        ("eval(function(p,a,c,k,e,d){return p}('0 1',2,2,'var|a'.split('|'),0,{}))", "packed-code"),
        ("(![]+[])[+[]]+" * 40 + "[]", "brackets"),
        ("ﾟωﾟﾉ= /｀ｍ´）ﾉ ~┻━┻   //*´∇｀*/ ['_'];", "faces"),
        ("var a=[" + ",".join(["'\\x61\\x62\\x63\\x64'"] * 50) + "];", "hex-strings"),
        (";".join(f"_0x{i % 9:04x}=_0x{i % 7:04x}" for i in range(40)), "renamed"),
    ],
    ids=lambda value: value if len(value) < 20 else "",
)
def test_hidden_code_is_told(text: str, sign: str) -> None:
    assert sign in signs(text)


@pytest.mark.parametrize(
    "text",
    [
        "eval('(' + text + ')')",
        "var f = new Function('return this')()",
        "var data = JSON.parse(atob(x)); run(atob)",
        "document.write(unescape(\"%3Cscript src='a.js'%3E%3C/script%3E\"))",
        'eval("module.exports = 1;\\n//# sourceURL=webpack:///a.js")',
        "var s = '" + "[]()!+" * 100 + "'",
        "/* " + "[]()!+" * 100 + " */",
        "var c = [" + ",".join(f"0x{i:06x}" for i in range(300)) + "]",
        "a" + "()" * 300,
        r"var letters = /[\x61-\x7a\x41-\x5a]/; var bell = '\x07\x08\x09'",
    ],
)
def test_plain_code_has_no_such_signs(text: str) -> None:
    assert signs(text) == set()


def test_packed_code_is_read_like_any_other() -> None:
    text = "eval(function(p,a,c,k,e,d){return p}('0(\"1://2.3/4\")',5,5,'fetch|https|stat|example|x'.split('|'),0,{}))"
    assert [(each.use, each.url) for each in read_script(text).references] == [("connects", "https://stat.example/x")]
