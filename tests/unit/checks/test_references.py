"""How serious a reference is: what a page needs, what a library mentions, what nobody uses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.reports.model import Finding
from tests.unit.checks.exports import HEAD, laid
from tests.unit.checks.judging import judged


def found(tmp_path: Path, files: Mapping[str, str | bytes], *rules: str) -> list[Finding]:
    return [each for _, each in judged(laid(tmp_path, files), tmp_path, *rules).findings()]


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("<script src=no.js></script>", "fail"),
        ("<link rel=stylesheet href=no.css>", "fail"),
        ("<iframe src=no.html></iframe>", "fail"),
        ("<script type=module>import './no.js'</script>", "fail"),
        ("<img src=no.png>", "warn"),
        ("<a href=no.html>x</a>", "warn"),
        ("<script>new Worker('no.js')</script>", "warn"),
        ("<script>fetch('no.json')</script>", "warn"),
        ("<script>new Image().src = 'no.png'</script>", "warn"),
        ("<script>location.href = 'no.html'</script>", "pass"),
        ("<script>x.innerHTML = '<img src=no.png>'</script>", "pass"),
        ("<img data-src=no.png>", "pass"),
    ],
)
def test_what_is_missing_is_as_serious_as_its_use(body: str, outcome: str, tmp_path: Path) -> None:
    each, *rest = found(tmp_path, {"index.html": HEAD + body}, "REF-001")
    assert (each.outcome, rest) == (outcome, [])


@pytest.mark.parametrize(
    "body",
    [
        "<script>var a = 'img/no.png'</script>",
        "<link rel=canonical href=/no>",
        "<script type=module>import 'vue'</script>",
    ],
)
def test_what_is_only_mentioned_is_not_missed(body: str, tmp_path: Path) -> None:
    assert found(tmp_path, {"index.html": HEAD + body}, "REF-001") == []


def test_a_page_nobody_opens_is_judged_mildly_and_an_unused_file_only_noted(tmp_path: Path) -> None:
    files = {
        "index.html": HEAD + "<p>x",
        "demo.html": HEAD + "<script src=no.js></script>",
        "lib/t.css": "a{b:url(no.png)}",
    }
    outcomes = {
        each.place.file.rpartition("!")[2]: each.outcome for each in found(tmp_path, files, "REF-001") if each.place
    }
    assert outcomes == {"demo.html": "warn", "lib/t.css": "pass"}


def test_a_missing_file_is_told_once_with_the_worst_place(tmp_path: Path) -> None:
    files = {"index.html": HEAD + "<a href=no.js>1</a><script src=no.js></script><a href=no.js>2</a>"}
    (each,) = found(tmp_path, files, "REF-001")
    assert (each.outcome, each.fields["count"], each.fields["how"]) == ("fail", 3, "<script src>")


@pytest.mark.parametrize(
    "body",
    [
        "<a href=a.exe>x</a>",
        "<a href='a.pdf.EXE '>x</a>",
        "<a href='a%2Eexe'>x</a>",
        "<a href='https://a.kz/b.msi?x=1#y'>x</a>",
        "<a href='file:///C:/a.bat'>x</a>",
        "<a href='a.e\u0445e'>x</a>",
        "<object data=a.hta></object>",
        "<form action=a.scr>x</form>",
        "<iframe src='//a.kz/b.cmd'></iframe>",
        "<img src='a.lnk'>",
        "<script>location.href = 'get/' + 'a.exe';</script>",
        "<script>run('tools/a.exe')</script>",
        "<script>run('a.msi')</script>",
        "<p style='background:url(a.scr)'>x</p>",
    ],
)
def test_references_to_dangerous_files_are_found(body: str, tmp_path: Path) -> None:
    each, *rest = found(tmp_path, {"index.html": HEAD + body}, "REF-003")
    assert (each.outcome, rest) == ("fail", [])


@pytest.mark.parametrize(
    "body",
    [
        "<p>a.exe</p>",
        "<!-- <a href=a.exe> -->",
        "<a href=https://example.com>x</a>",
        "<a href=www.example.com>x</a>",
        "<a href='https://a.kz/?file=a.exe'>x</a>",
        "<script>var a = ['.exe', 'exe', '*.exe', 'Do not open a.exe']</script>",
        "<script>var a = ['example.com', 'a.b.com', 'window.scr.y']</script>",
        "<script>// tools/a.exe\nvar a = /tools\\/a.exe/</script>",
        "<script src=a.js></script>",
    ],
)
def test_words_that_only_look_dangerous_are_let_be(body: str, tmp_path: Path) -> None:
    assert found(tmp_path, {"index.html": HEAD + body, "a.js": ""}, "REF-003") == []


@pytest.mark.parametrize(
    ("url", "variant", "outcome"),
    [
        ("data:application/octet-stream;base64,f0VMRgIBAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "", "fail"),
        ("data:application/x-msdownload,x", "", "fail"),
        ("data:application/zip;base64,UEsDBA==", "archive", "warn"),
        ("data:text/html,x", "page", "warn"),
    ],
)
def test_data_urls_with_programs_are_found(url: str, variant: str, outcome: str, tmp_path: Path) -> None:
    (each,) = found(tmp_path, {"index.html": f"{HEAD}<a href='{url}'>x</a>"}, "REF-006")
    assert (each.variant, each.outcome) == (variant, outcome)


def test_a_program_in_a_string_of_a_script_is_found_too(tmp_path: Path) -> None:
    script = 'var a = "data:application/octet-stream;base64,f0VMRgIBAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";'
    (each,) = found(tmp_path, {"index.html": f"{HEAD}<script>{script}</script>"}, "REF-006")
    assert each.outcome == "fail"


def test_paths_from_the_servers_root_are_noted_once(tmp_path: Path) -> None:
    files = {"index.html": HEAD + "<img src=/a.png><img src=/b.png>", "a.png": "", "b.png": ""}
    (each,) = found(tmp_path, files, "REF-008")
    assert (each.variant, each.outcome, each.fields["count"]) == ("rooted", "pass", 2)
