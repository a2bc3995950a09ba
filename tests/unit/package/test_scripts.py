"""What a script loads, connects to, links to and mentions, and the calls that are told."""

from __future__ import annotations

import pytest

from pipeline.package import script_notes
from pipeline.package.folding import operands
from pipeline.package.model import ScriptFacts
from pipeline.package.scripts import read_script


def uses(text: str) -> set[tuple[str, str]]:
    return {(each.use, each.url) for each in read_script(text).references}


def calls(facts: ScriptFacts) -> set[str]:
    return {each.name for each in facts.calls}


@pytest.mark.parametrize(
    ("text", "use", "url"),
    [
        ('import a from "./a.js";', "code", "./a.js"),
        ('export * from "./b.js";', "code", "./b.js"),
        ('import("./c.mjs");', "code", "./c.mjs"),
        ('importScripts("d.js", "e.js");', "code", "e.js"),
        ('new Worker("w.js");', "code", "w.js"),
        ('navigator.serviceWorker.register("sw.js");', "code", "sw.js"),
        ('var s = document.createElement("script"); s.src = "f.js";', "code", "f.js"),
        ('var s = document.createElement("scr" + "ipt"); s.setAttribute("src", "g.js");', "code", "g.js"),
        ('(t = e.createElement("script")).src = "h.js";', "code", "h.js"),
        ('document.write("<script src=\'i.js\'></scr" + "ipt>");', "code", "i.js"),
        ('$.getScript("j.js");', "code", "j.js"),
        ('$.ajax({ url: "k.js", dataType: "script" });', "code", "k.js"),
        ('var f = document.createElement("iframe"); f.src = "l.html";', "frame", "l.html"),
        ('var l = document.createElement("link"); l.href = "m.css";', "style", "m.css"),
        ('new Image().src = "n.png";', "media", "n.png"),
        ('var i = new Image; i.src = "o.png";', "media", "o.png"),
        ('new Audio("p.mp3").play();', "media", "p.mp3"),
        ('box.innerHTML = "<img src=q.png>";', "media", "q.png"),
        ('new URL("r.glb", import.meta.url);', "media", "r.glb"),
        ('fetch("s.json");', "connects", "s.json"),
        ("window.fetch(`t.json`);", "connects", "t.json"),
        ('var x = new XMLHttpRequest(); x.open("GET", "u.json");', "connects", "u.json"),
        ('new WebSocket("wss://v.example/");', "connects", "wss://v.example/"),
        ('new EventSource("/w");', "connects", "/w"),
        ('axios.post("/x", {});', "connects", "/x"),
        ('jQuery.post("/y");', "connects", "/y"),
        ('$("#a").load("z.html #part");', "connects", "z.html"),
        ('var f = document.createElement("form"); f.action = "save.php";', "submits", "save.php"),
        ('form.action = "https://a.example/";', "submits", "https://a.example/"),
        ('window.open("https://b.example/");', "link", "https://b.example/"),
        ('location.href = "c.html";', "link", "c.html"),
        ('document.location = "d.html";', "link", "d.html"),
        ('var u = "https://e.example/path";', "mention", "https://e.example/path"),
        ('document.createElementNS("http://www.w3.org/2000/svg", "g");', "namespace", "http://www.w3.org/2000/svg"),
        ('const C = { api: "https://f.example/v1" }; fetch(C.api + "/stat");', "connects", "https://f.example/v1/stat"),
        ('fetch("https://g.example/item?id=" + id);', "connects", "https://g.example/item?id="),
        ("eval(\"fetch('https://h.example/')\");", "connects", "https://h.example/"),
        ("setTimeout(\"location.href = 'i.html'\", 10);", "link", "i.html"),
    ],
)
def test_a_reference_is_told_with_its_use(text: str, use: str, url: str) -> None:
    assert (use, url) in uses(text)


@pytest.mark.parametrize(
    "text",
    [
        "this.filter(a); a.fetch('b');",
        "// https://a.example/x.js\n/* import 'b' */",
        'var text = "Қараңыз: https://a.example/ және т.б.";',
        'img.src = "pictures/" + number + ".png";',
        'function fetch(a) { return a; } fetch("own.json");',
        'element.open("panel"); dialog.open("GET");',
        'list.replace("a.html", "b.html"); Object.assign("c.html");',
        'app.get("/users"); map.get("key"); router.load("x");',
        'var protocol = "https://"; var half = "https://www.";',
        'state.action = "move"; frame.src = "about:blank"; popup.src = "//about:blank";',
        'a = "/^https?://"; b = "//";',
    ],
)
def test_what_is_no_reference_yields_none(text: str) -> None:
    assert uses(text) == set()


def test_a_part_of_an_address_is_not_told_beside_the_whole() -> None:
    text = 'var a = "https://www.goo", b = "gle.example"; fetch(a + b + "/x");'
    assert uses(text) == {("connects", "https://www.google.example/x")}


def test_an_address_handed_to_a_function_on_the_spot_is_loaded_there() -> None:
    text = (
        "(function (d, t, u) { var s = d.createElement(t); s.src = u; })(document, 'script', 'https://a.example/t.js');"
    )
    assert uses(text) == {("code", "https://a.example/t.js")}


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ('navigator.sendBeacon("https://a.example/x");', "navigator.sendBeacon", "https://a.example/x"),
        ('var n = navigator; n["send" + "Beacon"](u);', "navigator.sendBeacon", None),
        ("var send = navigator.sendBeacon.bind(navigator); send('/x');", "navigator.sendBeacon", "/x"),
        ("navigator.mediaDevices.getUserMedia({});", "getUserMedia", None),
        ("navigator.geolocation.watchPosition(f);", "geolocation", None),
        ('document.cookie = "a=1";', "document.cookie=", None),
        ("(function (d) { return d.cookie; })(document);", "document.cookie", None),
        ("window.localStorage.setItem('a', 1);", "localStorage", None),
        ('window["localStorage"].a = 1;', "localStorage", None),
        ("new (window.RTCPeerConnection || window.webkitRTCPeerConnection)();", "RTCPeerConnection", None),
        ("(0, eval)('1');", "eval", "1"),
        ("\\u0065val('2');", "eval", "2"),
        ("ym(12345678, 'init');", "ym", "12345678"),
    ],
)
def test_a_call_that_matters_is_told(text: str, name: str, argument: str | None) -> None:
    assert (name, argument) in {(each.name, each.argument) for each in read_script(text).calls}


@pytest.mark.parametrize(
    "text",
    [
        "var o = { cookie: 1, localStorage: 2 }; o.cookie;",
        '"document.cookie"; // document.cookie',
        "function localStorage() {} localStorage();",
        "var able = 'sendBeacon' in navigator;",
        "fingerprint.plugins.length;",
    ],
)
def test_names_alike_are_no_such_calls(text: str) -> None:
    assert calls(read_script(text)) == set()


def test_places_count_from_where_the_script_begins_in_its_file() -> None:
    facts = read_script('fetch("a");\n  fetch("ә"); fetch("b");', line=10, column=5)
    assert [(each.url, each.line, each.column) for each in facts.references] == [
        ("a", 10, 11),
        ("ә", 11, 9),
        ("b", 11, 21),
    ]


def test_a_script_in_a_string_is_read_where_it_is_run() -> None:
    facts = read_script("\n\neval(atob('bmF2aWdhdG9yLnNlbmRCZWFjb24oImh0dHBzOi8vYS5leGFtcGxlLyIp'));")
    assert [(each.name, each.argument, each.line) for each in facts.calls if each.name != "eval"] == [
        ("navigator.sendBeacon", "https://a.example/", 3)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 30_000 + "1" + ")" * 30_000,
        "a" + "()" * 70_000,
        "x=" + "'a'+" * 100_000 + "'b'",
        "var a0='xx';" + "".join(f"var a{i + 1}=a{i}+a{i};" for i in range(500)),
        "`${" * 3_000 + "1" + "}`" * 3_000,
        "({[<=;'\"`\\*" * 5_000,
    ],
    ids=["brackets", "calls", "additions", "doubling", "templates", "garbage"],
)
def test_a_text_made_to_exhaust_is_read_within_bounds(text: str) -> None:
    facts = read_script(text)
    assert sum(len(each) for each, _, _ in facts.strings) < 50_000_000


def test_a_script_too_deep_for_engines_is_told_as_not_read_whole() -> None:
    facts = read_script("x = " + "(" * 50_000 + "1" + ")" * 50_000)
    assert facts.truncated
    assert facts.faults == ()


@pytest.mark.parametrize("term", ["1", "a*2", "(b-c)"])
def test_a_long_sum_is_walked_once_however_many_sums_it_is_made_of(term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    walked = []
    monkeypatch.setattr(script_notes, "operands", lambda node: walked.append(node) or operands(node))
    read_script("x = " + " + ".join([term] * 500))
    assert len(walked) < 520


def test_a_long_sum_that_begins_with_an_address_is_still_one() -> None:
    text = "fetch('https://a.kz/' + " + " + ".join(["x"] * 300) + ")"
    assert any(use == "connects" and url.startswith("https://a.kz/") for use, url in uses(text))


@pytest.mark.parametrize(
    ("text", "use", "url"),
    [
        ('const H = "https://mc.yandex.ru"; function s(p) { fetch(H + p) }', "connects", "https://mc.yandex.ru"),
        ("fetch(`https://a.example:8080${p}`)", "connects", "https://a.example:8080"),
        ('var s = document.createElement("script"); s.src = "https://a.example" + p', "code", "https://a.example"),
    ],
)
def test_host_with_something_unknown_after_it_is_that_host(text: str, use: str, url: str) -> None:
    assert (use, url) in uses(text)


@pytest.mark.parametrize(
    "text", ['fetch("https://www" + n + ".a.example/")', 'fetch("https://" + h)', 'fetch("//a." + p)']
)
def test_part_of_a_host_is_no_host(text: str) -> None:
    assert not uses(text)
