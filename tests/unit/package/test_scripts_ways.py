"""Ways round the plain call: borrowed functions, code in strings and markup, redirects, hosts of video calls."""

from __future__ import annotations

import pytest

from pipeline.package.scripts import read_script


def uses(text: str, *, body: bool = False) -> set[tuple[str, str]]:
    return {(each.use, each.url) for each in read_script(text, body=body).references}


_LOOP = "for (var i = 0; i < c.length; i++) u += String.fromCharCode(c[i]); fetch(u)"


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ('fetch.call(window, "https://a.example/x")', "connects"),
        ('window.fetch.apply(window, ["https://a.example/x"])', "connects"),
        ('Reflect.apply(fetch, window, ["https://a.example/x"])', "connects"),
        ('t.post("https://a.example/x", { a: 1 })', "connects"),
        ('const { fetch: f } = window; f("https://a.example/x")', "connects"),
        ('const { fetch } = window; fetch("https://a.example/x")', "connects"),
        ('x.open(method, "https://a.example/x")', "connects"),
        ('new Worker(URL.createObjectURL(new Blob(["importScripts(\'https://a.example/x\')"])))', "code"),
        ('new Blob(["fetch(", "\'https://a.example/x\')"], { type: "text/javascript" })', "connects"),
        ('r.createContextualFragment("<script src=https://a.example/x><\\/script>")', "code"),
        ('d.innerHTML = "<img src=x onerror=\\"fetch(\'https://a.example/x\')\\">"', "connects"),
        ('d.insertAdjacentHTML("beforeend", "<b onclick=fetch(`https://a.example/x`)>")', "connects"),
        ("var c = [104,116,116,112,115,58,47,47,97,46,101,120,97,109,112,108,101,47,120], u = '';" + _LOOP, "connects"),
    ],
)  # fmt: skip
def test_way_round_is_read(text: str, use: str) -> None:
    assert (use, "https://a.example/x") in uses(text)


def test_hosts_of_video_calls_are_connections() -> None:
    text = 'var c = { iceServers: [{ urls: ["stun:a.example:19302", "turn:b.example"] }] }; new RTCPeerConnection(c)'
    assert uses(text) == {("connects", "stun://a.example:19302"), ("connects", "turn://b.example")}


@pytest.mark.parametrize(
    "text",
    [
        'location.replace("https://a.example/x")',
        'setTimeout(function () { location.href = "https://a.example/x" }, 5000)',
        '(() => { window.location = "https://a.example/x" })()',
        '(function () { location.assign("https://a.example/x") }).call(this)',
        'window.onload = function () { location.href = "https://a.example/x" }',
        'document.addEventListener("DOMContentLoaded", () => { location.href = "https://a.example/x" })',
    ],
)
def test_redirect_that_nobody_asked_for_shows_the_other_page(text: str) -> None:
    assert ("frame", "https://a.example/x") in uses(text)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ('b.onclick = function () { location.href = "https://a.example/x" }', False),
        ('b.addEventListener("click", () => { location.href = "https://a.example/x" })', False),
        ('function go() { location.href = "https://a.example/x" }', False),
        ('location.href = "https://a.example/x"', True),
    ],
)
def test_redirect_by_a_click_is_a_link(text: str, *, body: bool) -> None:
    assert uses(text, body=body) == {("link", "https://a.example/x")}


def test_file_for_the_pupil_to_keep_is_no_program() -> None:
    assert not uses('new Blob(["fetch(\'https://a.example/x\')"], { type: "text/plain" })') - {
        ("mention", "https://a.example/x")
    }


@pytest.mark.parametrize(
    "text",
    [
        "(navigator.webkitGetUserMedia || navigator.mozGetUserMedia).call(navigator, { audio: true }, f, g)",
        "navigator.msGetUserMedia({ audio: true }, f, g)",
    ],
)
def test_old_names_of_the_microphone_are_told(text: str) -> None:
    assert "getUserMedia" in {each.name for each in read_script(text).calls}
