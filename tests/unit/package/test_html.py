"""What pages load, link to and run; chromium is the independent judge of the tricky page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from time import process_time

import pytest

from pipeline.package.html import MOST_TAGS, looks, read_html
from pipeline.package.model import Reference


def one(html: str) -> Reference:
    found = read_html(html).references
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("html", "url", "use"),
    [
        ("<script src=a.js></script>", "a.js", "code"),
        ("<link rel='preload stylesheet' href=a.css>", "a.css", "style"),
        ("<link rel=preload as=script href=a.js>", "a.js", "code"),
        ("<link rel=modulepreload href=a.js>", "a.js", "code"),
        ("<link rel=canonical href=https://a.kz/>", "https://a.kz/", "mention"),
        ("<link rel='shortcut icon' href=a.ico>", "a.ico", "media"),
        ("<link rel=dns-prefetch href=//a.kz>", "//a.kz", "connects"),
        ("<img/src=a.png>", "a.png", "media"),
        ("<IMG SRC='a&amp;b.png'>", "a&b.png", "media"),
        ("<video poster=a.jpg></video>", "a.jpg", "media"),
        ("<track src=a.vtt>", "a.vtt", "media"),
        ("<object data=a.svg></object>", "a.svg", "media"),
        ("<object data=a.html type=text/html></object>", "a.html", "frame"),
        ("<embed src=a.swf>", "a.swf", "media"),
        ("<applet archive='a.jar'></applet>", "a.jar", "code"),
        ("<param name=movie value=a.swf>", "a.swf", "media"),
        ("<iframe src=a.html></iframe>", "a.html", "frame"),
        ("<a href=a.html>x</a>", "a.html", "link"),
        ("<area href=a.html>", "a.html", "link"),
        ("<a ping=https://a.kz/p>x</a>", "https://a.kz/p", "connects"),
        ("<form action=/send></form>", "/send", "submits"),
        ("<button formaction=/send>x</button>", "/send", "submits"),
        ("<q cite=https://a.kz/>x</q>", "https://a.kz/", "mention"),
        ("<body background=a.png>", "a.png", "media"),
        ("<div style='background:url(a.png)'></div>", "a.png", "media"),
        ("<style>@import 'a.css'</style>", "a.css", "style"),
        ("<meta http-equiv=Refresh content='3; URL=\"a.html\"'>", "a.html", "frame"),
        ("<meta property=og:image content=https://a.kz/b.png>", "https://a.kz/b.png", "mention"),
        ("<svg><image xlink:href=a.png /></svg>", "a.png", "media"),
        ("<svg><script href=a.js></script></svg>", "a.js", "code"),
        ("<svg><rect fill='url(a.svg#b)'/></svg>", "a.svg#b", "media"),
        ("<noscript><img src=a.png></noscript>", "a.png", "media"),
        ("<template><img src=a.png></template>", "a.png", "media"),
        ("<iframe srcdoc='<img src=a.png>'></iframe>", "a.png", "media"),
        ('<script type="importmap">{"imports": {"a": "./a.js", "b/": "./b/"}}</script>', "./a.js", "code"),
    ],
)
def test_every_construct_that_carries_a_url_is_read(html: str, url: str, use: str) -> None:
    found = one(html)
    assert (found.url, found.use) == (url, use)


@pytest.mark.parametrize(
    "html",
    [
        "<!-- <img src=a.png> -->",
        "<!--[if IE]><script src=a.js></script><![endif]-->",
        "<textarea><img src=a.png></textarea>",
        "<title><img src=a.png></title>",
        "<script type=text/template><img src=a.png></script>",
        "<script>var x = '<img src=a.png>';</script>",
        "<p>Node.js main.css http://example.com</p>",
        "<svg xmlns='http://www.w3.org/2000/svg'></svg>",
        "<img alt=a.png title=https://a.kz/>",
        "<div data-config='https://a.kz'></div>",
    ],
)
def test_comments_text_and_templates_are_no_references(html: str) -> None:
    assert read_html(html).references == ()


def test_a_srcset_is_split_as_browsers_split_it() -> None:
    html = '<img srcset="a.png 1x, data:image/png;base64,AA==  2x, b,c.png 3w,d.png , e.png calc(1px, 2px), f.png">'
    assert [each.url for each in read_html(html).references] == [
        "a.png", "data:image/png;base64,AA==", "b,c.png", "d.png", "e.png", "f.png",
    ]  # fmt: skip


def test_programs_are_told_with_their_places() -> None:
    html = "<p>\n<script>\nlet a;</script><script type=module>import 'b'</script>\n"
    html += "<a onclick='go()' href='javascript:x%28%29'>"
    found = [(each.text, each.line, each.column, each.module, each.body) for each in read_html(html).scripts]
    assert found == [
        ("\nlet a;", 2, 9, False, False),
        ("import 'b'", 3, 36, True, False),
        ("x()", 4, 25, False, True),
        ("go()", 4, 13, False, True),
    ]


@pytest.mark.parametrize(
    "kind", ["text/template", "application/ld+json", "text/x-mathjax-config", "text/babel", "speculationrules"]
)
def test_scripts_of_other_kinds_do_not_run(kind: str) -> None:
    assert read_html(f'<script type="{kind}">{{}}</script>').scripts == ()


def test_an_attribute_that_only_begins_like_a_handler_is_none() -> None:
    assert read_html("<x-y one='1' only='a b' online2='('>").scripts == ()


def test_the_base_is_told_with_every_reference() -> None:
    found = read_html("<img src=a.png><base href=media/><base href=other/><style>b{c:url(d)}</style>")
    assert {each.base for each in found.references} == {"media/"}
    assert found.base == "media/"


def test_lines_are_right_beyond_what_libxml2_counts() -> None:
    html = "\n" * 70_000 + "<p>x</p>\n" * 500 + "\n" * 130_000 + "<img src=a.png>\n\n<img src=b.png>"
    assert [each.line for each in read_html(html).references] == [200_501, 200_503]


def test_places_in_one_long_line_are_told_too() -> None:
    html = "".join(f"<a href='{number}.html'>x</a>" for number in range(3000))
    last = read_html(html).references[-1]
    assert html[last.column - 1 :].startswith("2999.html")


def test_fields_tell_what_they_ask_for() -> None:
    html = "<label for=q>Аты-жөні</label><input id=q><label>Пошта <input type=email name=m></label>"
    html += "<input type=hidden name=h>"
    assert [(each.kind, each.words, each.shown) for each in read_html(html).fields] == [
        ("text", "q", "аты-жөні"),
        ("email", "m", "пошта"),
    ]


def test_frames_in_frames_end() -> None:
    html = "<img src=a.png>"
    for _ in range(6):
        html = f'<iframe srcdoc="{html.replace("&", "&amp;").replace(chr(34), "&quot;")}"></iframe>'
    assert read_html(html).truncated


@pytest.mark.parametrize(
    "html",
    [
        "<b>" * (MOST_TAGS + 10),
        "<div>" * 3000 + "<img src=a>",
        "<p " + " ".join(f"a{number}=1" for number in range(100_000)) + ">",
    ],
    ids=["tags", "depth", "attributes"],
)
def test_what_is_not_read_to_its_end_is_told(html: str) -> None:
    start = process_time()
    assert read_html(html).truncated
    assert process_time() - start < 10


@pytest.mark.parametrize("evil", ["<a ", "<!--", "<script>", "&", "<table>", "<img srcset='a ('", "<a href='x'", "<"])
def test_hostile_pages_take_time_in_proportion(evil: str) -> None:
    start = process_time()
    read_html(evil * 100_000)
    assert process_time() - start < 10


@pytest.mark.parametrize("data", ["", " ", "\0\1", "<", "<!doctype html>", "\ufffd", "<![CDATA[", "</"])
def test_what_is_no_page_has_nothing_in_it(data: str) -> None:
    assert read_html(data).references == ()


def test_a_long_script_with_spaces_is_no_tag_of_many_attributes() -> None:
    script = "var a = [" + " , ".join("1" for _ in range(20_000)) + "]; if (1 <b) { c }"
    assert not read_html(f"<script>{script}</script><img src=a.png>").truncated


@pytest.mark.parametrize(
    ("html", "starts"),
    [
        ("<p>Сәлем", True),
        ("<div id=app></div>", False),
        ("<div id=app></div><script src=a.js></script>", True),
        ("<title>x</title><noscript>JavaScript?</noscript>", False),
        ("<canvas></canvas>", True),
        ("<meta http-equiv=refresh content='0;url=a.html'>", True),
        ("<frameset><frame src=a.html></frameset>", True),
        ("<my-game></my-game>", True),
        ("<template><p>x</p></template>", False),
        ("<body>\n&nbsp;\n</body>", False),
    ],
)
def test_a_page_starts_something_or_not(html: str, starts: bool) -> None:
    assert looks(html).starts is starts


@pytest.mark.parametrize(
    ("html", "cut"),
    [
        ("<p>x</p><script>var a = 1;", True),
        ("<p>x</p><img src='a", True),
        ("<p>x</p><style>b{", True),
        ("<p>x</p><script>var a = '<script>';</script>", False),
        ("<p>1 < 2", False),
        ("<p>x</p><!-- <script>", False),
    ],
)
def test_a_page_is_cut_off_or_not(html: str, cut: bool) -> None:
    assert looks(html).cut_off is cut


TRICKY = """<!doctype html><html><head><base href="http://package.localhost/sub/dir/">
<link rel=stylesheet href="a\n.css"><script src=" b.js?x=1#y "></script><title><img src="no1.png"></title></head>
<body background=&#98;g.png><img src='c&amp;d.png'><IMG/SRC=e.png><img src="../../../f.png"><img src="\\g.png">
<a href="//other.kz/h">1</a><a href="?q">2</a><a href="HTTP:i.html">3</a><a href="%6a.html">4</a>
<a href="./k/./../l.html">5</a><a href='m"n.html'>6</a><a href=o.html>7</a><a href="&#x0A;p.html">8</a>
<!-- <a href="no2.html"> --><!--> <a href="q.html">9</a> --><textarea><a href="no3.html"></textarea>
<script>document.title = '<a href="no4.html">';</script><xmp><a href="no5.html"></xmp>
<svg><a href="r.html"></a><image href="s.png"/></svg><a href="Ә/ү.html">10</a>
<iframe><a href="no6.html"></iframe><form action="t"><button formaction="u">x</button></form></body></html>"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs a real browser to compare with")
def test_a_tricky_page_has_the_references_that_chromium_sees(tmp_path: Path) -> None:
    from ada_url import URL

    probe = """<script>addEventListener("load", () => {
      const found = [];
      for (const e of document.querySelectorAll("*"))
        for (const n of ["href", "src", "action", "formaction", "background"])
          if (e.hasAttribute(n) && e.id !== "probe" && e.tagName !== "BASE")
            found.push(new URL(e.getAttribute(n), document.baseURI).href);
      document.body.innerHTML = "<pre id=out></pre>";
      document.getElementById("out").textContent = JSON.stringify(found);
    })</script>"""
    page = tmp_path / "page.html"
    page.write_text(f'<meta charset="utf-8">{probe}{TRICKY}', encoding="utf-8")
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--proxy-server=127.0.0.1:9",
        f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    out = re.search(r'<pre id="out">(.*?)</pre>', dom, re.DOTALL)
    assert out is not None
    seen = json.loads(unescape(out[1]))
    base = "http://package.localhost/sub/dir/"
    ours = [URL(each.url.strip(), base).href for each in read_html(TRICKY).references]
    assert sorted(ours) == sorted(seen)


def test_field_has_the_place_of_its_tag() -> None:
    html = "<p>\n<label>Сан <input></label> <INPUT name=a>\n<textarea\n rows=2></textarea>\n<select></select>"
    assert [(each.line, each.column) for each in read_html(html).fields] == [(2, 12), (2, 28), (3, 1), (5, 1)]
