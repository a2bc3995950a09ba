"""Addresses that come to a request as an argument, as a property or out of a list."""

from __future__ import annotations

import pytest

from pipeline.package.scripts import read_script


def uses(text: str) -> set[tuple[str, str]]:
    return {(each.use, each.url) for each in read_script(text).references}


@pytest.mark.parametrize(
    "text",
    [
        'function send(u) { return fetch(u) } send("https://a.example/x")',
        'const send = (u) => fetch(u); send("https://a.example/x")',
        'const send = async u => { await fetch(u) }; send("https://a.example/x")',
        'function send(a, u) { var t = u; fetch(t) } send(1, "https://a.example/x")',
        'function send(m, u) { var x = new XMLHttpRequest(); x.open(m, u) } send("GET", "https://a.example/x")',
        'function a(u) { b(u) } function b(v) { fetch(v) } a("https://a.example/x")',
        '["https://a.example/x"].forEach(function (u) { fetch(u) })',
        'for (const u of ["https://a.example/x"]) fetch(u)',
        'var o = { send: function (u) { fetch(u) } }; o.send("https://a.example/x")',
        'class C { send(u) { fetch(u) } } new C().send("https://a.example/x")',
        'class C { constructor(u) { this.u = u } go() { fetch(this.u) } } new C("https://a.example/x").go()',
        'function C() { this.url = "https://a.example/x" } C.prototype.go = function () { fetch(this.url) }',
        'class C { static url = "https://a.example/x"; go() { fetch(C.url) } }',
        'class C { url = "https://a.example/x"; go() { fetch(this.url) } }',
        'window.API = "https://a.example/x"; fetch(API)',
        'var API = {}; API.url = null; API.url = "https://a.example/x"; fetch(API.url)',
    ],
)
def test_address_is_followed_to_the_request(text: str) -> None:
    assert ("connects", "https://a.example/x") in uses(text)


def test_address_is_followed_to_the_script_that_is_loaded() -> None:
    text = 'function load(u) { var s = document.createElement("script"); s.src = u } load("https://a.example/x.js")'
    assert ("code", "https://a.example/x.js") in uses(text)
    assert {
        call.argument for call in read_script('const b = u => navigator.sendBeacon(u); b("//a.example/x")').calls
    } == {"//a.example/x"}


@pytest.mark.parametrize(
    "text",
    [
        'function send(u) { fetch(u) } function show(u) { log(u) } show("https://a.example/x")',
        'function send(u) { fetch("data/" + u) } send("https://a.example/x")',
        'a.url = "https://a.example/x"; fetch(b.url)',
        'this.url = "https://a.example/x"; this.url = other; fetch(this.url)',
        'function send(u) { fetch(u) } send("levels.json")',
    ],
)
def test_what_does_not_come_there_is_no_connection(text: str) -> None:
    assert not [use for use, url in uses(text) if use == "connects" and "//" in url[:8]]
