"""Packages as authoring tools export them come out clean; broken or hostile ones never break the checker."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.reports.model import Finding
from tests.unit.checks.exports import EXPORTS, HEAD, laid
from tests.unit.checks.judging import judged


def worse_than_notes(path: Path, scratch: Path, *rules: str) -> list[Finding]:
    report = judged(path, scratch, *rules)
    assert {each.kind for each in report.subjects} == {"package"}
    return [each for _, each in report.findings() if each.outcome not in {"pass", "needs-human"}]


@pytest.mark.parametrize("name", EXPORTS)
def test_what_authoring_tools_export_is_clean(name: str, tmp_path: Path) -> None:
    assert worse_than_notes(laid(tmp_path, EXPORTS[name]), tmp_path, "PKG-*", "REF-*", "HST-*") == []


def test_a_folder_and_its_zip_are_judged_alike(tmp_path: Path) -> None:
    files = {"index.html": f'{HEAD}<img src="no.png"><script src="https://a.kz/b.js"></script>'}
    folder = tmp_path / "work"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    rules = ("REF-*", "HST-*")
    zipped = worse_than_notes(laid(tmp_path, files), tmp_path, *rules)
    assert [each.rule for each in worse_than_notes(folder, tmp_path, *rules)] == [each.rule for each in zipped]
    assert sorted(each.rule for each in zipped) == ["HST-001", "REF-001"]


def test_one_host_is_told_once_for_each_use(tmp_path: Path) -> None:
    body = "".join(f'<img src="https://a.kz/{n}.png"><a href="https://a.kz/{n}">{n}</a>' for n in range(50))
    report = judged(laid(tmp_path, {"index.html": HEAD + body}), tmp_path, "HST-*")
    assert [(each.rule, each.fields["count"]) for _, each in report.findings()] == [("HST-003", 50), ("HST-006", 50)]


def test_trackers_are_left_to_the_rules_on_privacy(tmp_path: Path) -> None:
    page = f'{HEAD}<script src="https://www.google-analytics.com/analytics.js"></script><p>x'
    assert worse_than_notes(laid(tmp_path, {"index.html": page}), tmp_path, "HST-*") == []


def test_what_was_not_read_to_its_end_is_told(tmp_path: Path) -> None:
    page = HEAD + "<b>" * 3000
    found = worse_than_notes(laid(tmp_path, {"index.html": page}), tmp_path, "REF-*")
    assert [(each.rule, each.variant, each.fields["file"]) for each in found] == [
        ("RUN-001", "not-read-whole", "index.html")
    ]


HOSTILE = {
    "attributes": "<p " + " ".join(f"a{n}" for n in range(50_000)) + ">",
    "nested data": '<iframe src="data:text/html,' + "%3Ciframe src=data:text/html," * 2000 + '">',
    "srcset": '<img srcset="' + "a (" * 50_000 + '">',
    "long url": f'<a href="{"../" * 100_000}">',
    "many bases": "<base href=http://[>" * 1000 + "<img src=a>",
    "nul": "\0<img src=\0>" * 1000,
    "surrogate": '<img src="&#xD800;&#x110000;">',
    "bad percent": '<img src="%ff%fe%00%2f..%5c">',
    "import map": f'<script type=importmap>{{"imports": {"[" * 50_000}</script>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_never_break_the_checker(name: str, tmp_path: Path) -> None:
    path = laid(
        tmp_path,
        {
            "index.html": HEAD + HOSTILE[name],
            "a.css": HOSTILE[name],
            "a.svg": HOSTILE[name],
            "manifest.json": HOSTILE[name],
        },
    )
    report = judged(path, tmp_path, "PKG-*", "REF-*", "HST-*")
    assert not [each for _, each in report.findings() if each.variant == "broken"]


def test_a_breakdown_of_ours_is_told_once_with_the_script_at_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks_down(text: str, **_: object) -> None:
        raise IndexError(text)

    monkeypatch.setattr("pipeline.package.scripts.read_script", breaks_down)
    path = laid(tmp_path, {"index.html": f"{HEAD}<script src=js/a.js></script>", "js/a.js": "f()"})
    broken = [each for _, each in judged(path, tmp_path, "*").findings() if each.variant == "broken"]
    assert len(broken) == 1
    assert broken[0].place is not None
    assert broken[0].place.file.endswith("!js/a.js")
