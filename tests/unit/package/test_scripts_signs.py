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


_TURN = (
    "(function(c,d){var i=b,e=c();while(!![]){try{var f=parseInt(i(1))/1+parseInt(i(2))/2+parseInt(i(3))/3;"
    "if(f===d)break;else e['push'](e['shift']());}catch(g){e['push'](e['shift']());}}}(a,7));"
)
_ALPHABET = "var l='abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=';"


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("function a(){var l=['x','y'];a=function(){return l;};return a();}" + _TURN, "renamed"),
        ("function urok(){var l=['x'];urok=function(){return l;};return urok();}" + _ALPHABET, "hidden-strings"),
        ("function a(){var l=['x'];return(a=function(){return l})()}" + _ALPHABET + _TURN, "hidden-strings"),
        ("function a(){const l=['x'];return a=()=>l,a()}" + _TURN, "renamed"),
    ],
)
def test_table_of_strings_is_told_whatever_its_names_are(text: str, sign: str) -> None:
    assert signs(text) == {sign}


@pytest.mark.parametrize(
    "text",
    [
        "function t(){const d=o(['x']);return t=function(){return d},d}" + _TURN,
        "queue.push(queue.shift()); var n = parseInt(f(1)) + parseInt(f(2)) + parseInt(f(3))",
        _ALPHABET + "function a(){return 1}",
    ],
)
def test_functions_that_are_made_once_are_no_such_table(text: str) -> None:
    assert signs(text) == set()
