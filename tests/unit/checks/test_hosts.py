"""Outside hosts by use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.checks.exports import HEAD, laid
from tests.unit.checks.judging import judged


@pytest.mark.parametrize(
    ("body", "rule", "outcome"),
    [
        ("<script src=https://a.kz/b.js></script>", "HST-001", "fail"),
        ("<script src=//a.kz/b.js></script>", "HST-001", "fail"),
        ("<base href=https://a.kz/><script src=b.js></script>", "HST-001", "fail"),
        ("<script type=module>import 'https://a.kz/b.js'</script>", "HST-001", "fail"),
        ("<script>importScripts('https://a.kz/b.js')</script>", "HST-001", "fail"),
        ("<iframe srcdoc='<script src=https://a.kz/b.js></script>'></iframe>", "HST-001", "fail"),
        ("<svg><script href=https://a.kz/b.js></script></svg>", "HST-001", "fail"),
        ("<link rel=stylesheet href=https://a.kz/b.css>", "HST-002", "warn"),
        ("<style>@import 'https://a.kz/b.css'</style>", "HST-002", "warn"),
        ("<style>@font-face{src:url(https://a.kz/b.woff2)}</style>", "HST-003", "warn"),
        ("<img srcset='https://a.kz/b.png 2x'>", "HST-003", "warn"),
        ("<p style='background:u\\72l(https://a.kz/b.png)'>x", "HST-003", "warn"),
        ("<script>fetch('https://a.' + 'kz/b')</script>", "HST-004", "fail"),
        ("<script>new EventSource('https://a.kz/b')</script>", "HST-004", "fail"),
        ("<a ping=https://a.kz/b href=#>x</a>", "HST-004", "fail"),
        ("<form action=https://a.kz/b></form>", "HST-005", "fail"),
        ("<iframe src=https://a.kz/b></iframe>", "HST-006", "warn"),
        ("<meta http-equiv=refresh content='0;https://a.kz/b'>", "HST-006", "warn"),
        ("<img src=http://10.0.0.5/b.png>", "HST-007", "fail"),
        ("<a href=http://localhost/b>x</a>", "HST-007", "warn"),
    ],
)
def test_a_use_of_a_host_is_one_finding(body: str, rule: str, outcome: str, tmp_path: Path) -> None:
    report = judged(laid(tmp_path, {"index.html": HEAD + body}), tmp_path, "HST-*")
    assert [(each.rule, each.outcome) for _, each in report.findings()] == [(rule, outcome)]


@pytest.mark.parametrize(
    "body",
    [
        "<!-- https://a.kz/b.js --><p>https://a.kz</p>",
        "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'></svg>",
        "<script>/* https://a.kz */ var a = 'https://a.kz'; this.filter = a.js.b; // http://a.kz\n</script>",
        "<link rel=license href=https://a.kz><meta property=og:image content=https://a.kz/b.png>",
        "<style>/* https://a.kz */ @namespace url(http://www.w3.org/1999/xhtml);</style>",
        "<a href='mailto:a@a.kz'>x</a>",
        "<img src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"/>'>",
    ],
)
def test_what_nobody_fetches_is_no_host(body: str, tmp_path: Path) -> None:
    report = judged(laid(tmp_path, {"index.html": HEAD + body}), tmp_path, "HST-*")
    assert list(report.findings()) == []


def test_plain_links_are_information(tmp_path: Path) -> None:
    report = judged(laid(tmp_path, {"index.html": HEAD + "<a href=https://a.kz>x</a>"}), tmp_path, "HST-*")
    assert [(each.rule, each.variant, each.outcome) for _, each in report.findings()] == [("HST-006", "link", "pass")]


def test_code_of_a_file_that_no_page_loads_is_only_a_warning(tmp_path: Path) -> None:
    files = {"index.html": HEAD + "<p>x", "old.js": "importScripts('https://a.kz/b.js');"}
    report = judged(laid(tmp_path, files), tmp_path, "HST-*")
    assert [(each.rule, each.outcome) for _, each in report.findings()] == [("HST-001", "warn")]
