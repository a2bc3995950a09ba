"""A whole package read: where its references lead, what its pages run."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pipeline.package.references import links, read_package
from pipeline.package.resolve import Resolver


class Files:
    """A package in memory."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {name: data.encode() if isinstance(data, str) else data for name, data in files.items()}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._files)

    def size(self, name: str) -> int:
        return len(self._files[name])

    def read(self, name: str, limit: int | None = None) -> bytes:
        return self._files[name][:limit]


def leads(files: Mapping[str, str | bytes]) -> list[tuple[str, str, str, str]]:
    """File, URL, kind and name of every link."""
    tree = Files(files)
    found = links(read_package(tree), Resolver(tree.names))
    return [(each.file, each.reference.url, each.target.kind, each.target.name) for each in found]


def test_a_style_sheet_counts_from_itself_and_a_page_from_its_base() -> None:
    assert leads(
        {
            "index.html": '<base href="b/"><img src="a.png">',
            "css/m.css": "x{y:url(a.png)}",
            "b/a.png": "",
            "css/a.png": "",
        }
    ) == [
        ("index.html", "a.png", "inside", "b/a.png"),
        ("css/m.css", "a.png", "inside", "css/a.png"),
    ]


def test_a_script_counts_from_the_page_and_its_imports_from_itself() -> None:
    found = leads(
        {
            "index.html": '<script type=module src="js/m.js"></script>',
            "js/m.js": 'import "./part.js"; fetch("data.json"); new Worker("js/w.js");',
            "js/part.js": "",
            "data.json": "{}",
            "js/w.js": 'importScripts("lib.js");',
            "js/lib.js": "",
        }
    )
    assert {(url, kind, name) for _, url, kind, name in found} == {
        ("js/m.js", "inside", "js/m.js"),
        ("./part.js", "inside", "js/part.js"),
        ("data.json", "inside", "data.json"),
        ("js/w.js", "inside", "js/w.js"),
        ("lib.js", "inside", "js/lib.js"),
    }


def test_a_script_shared_by_pages_is_at_home_on_any_of_them() -> None:
    shared = {
        "js/m.js": 'fetch("data.json");',
        "a/index.html": "<script src=../js/m.js></script>",
        "b/index.html": "<script src=../js/m.js></script>",
    }
    assert ("js/m.js", "data.json", "inside", "b/data.json") in leads({**shared, "b/data.json": "{}"})
    assert ("js/m.js", "data.json", "missing", "a/data.json") in leads(shared)


def test_files_loaded_as_code_are_read_whatever_they_are_called() -> None:
    facts = read_package(Files({"index.html": "<script src=app.bin></script>", "app.bin": 'fetch("https://a.kz/");'}))
    assert [(file, inline) for file, _, inline in facts.scripts] == [("app.bin", False)]
    assert [each.url for _, each in facts.script_references] == ["https://a.kz/"]


def test_programs_in_data_urls_are_read_like_others() -> None:
    page = "data:text/html,<script>fetch('https://a.kz/1')</script><img src=b.png><img src='https://a.kz/2'>"
    script = "data:text/javascript;base64,ZmV0Y2goImh0dHBzOi8vYS5rei8zIik="
    facts = read_package(Files({"index.html": f'<iframe src="{page}"></iframe><script src="{script}"></script>'}))
    assert sorted(each.url for _, each in facts.script_references) == ["https://a.kz/1", "https://a.kz/3"]
    assert [each.url for _, each in facts.references if each.use == "media"] == ["https://a.kz/2"]
    assert [each.mime for _, each in facts.payloads] == ["text/html", "text/javascript"]


def test_large_data_urls_are_not_kept() -> None:
    facts = read_package(Files({"a.css": f"x{{y:url(data:image/png;base64,{'A' * 1_000_000})}}"}))
    assert len(facts.references[0][1].url) < 200
    assert facts.payloads[0][1].size == pytest.approx(750_000, rel=0.01)


@pytest.mark.parametrize("name", ["__MACOSX/._a.html", "._a.html", "sub/._a.js"])
def test_litter_of_macs_is_not_read(name: str) -> None:
    facts = read_package(Files({name: "<img src=a.png>"}))
    assert facts.references == []
    assert facts.scripts == []


def test_windows_letters_are_read_as_the_page_declares() -> None:
    page = '<meta charset="windows-1251"><img src="сурет.png">'.encode("cp1251")
    assert leads({"index.html": page, "сурет.png": ""}) == [("index.html", "сурет.png", "inside", "сурет.png")]


def test_chains_of_nested_data_pages_end() -> None:
    from urllib.parse import quote

    page = "<img src=a.png>"
    for _ in range(5):
        page = f'<iframe src="data:text/html,{quote(page)}"></iframe>'
    assert read_package(Files({"index.html": page})).unread == ["index.html"]
