"""Manifests and other data."""

from __future__ import annotations

from time import process_time

import pytest

from pipeline.package.manifests import read_json, read_xml_data


def test_a_web_app_manifest_names_files() -> None:
    text = '{\n"start_url": "./index.html?x",\n"icons": [{"src": "i.png"}],\n"scope": "/"}'
    assert [(each.url, each.use, each.line) for each in read_json("manifest.json", text)] == [
        ("./index.html?x", "link", 2),
        ("i.png", "media", 3),
    ]


def test_a_manifest_of_a_bundler_is_no_web_app() -> None:
    assert read_json("manifest.json", '{"src/main.js": {"file": "assets/main.js", "src": "src/main.js"}}') == ()


def test_h5p_names_its_files() -> None:
    library = '{"preloadedJs": [{"path": "a.js"}], "preloadedCss": [{"path": "a.css"}]}'
    assert [(each.url, each.use) for each in read_json("H5P.Text-1.1/library.json", library)] == [
        ("a.js", "code"),
        ("a.css", "style"),
    ]
    content = '{"params": [{"file": {"path": "images/a.png#tmp", "mime": "image/png"}}, {"path": "x"}]}'
    assert [each.url for each in read_json("content/content.json", content)] == ["images/a.png"]


def test_other_data_only_mentions_addresses() -> None:
    found = read_json("data.json", '{"file": "a.png",\n"more": "https:\\/\\/a.kz\\/b"}')
    assert [(each.url, each.use, each.line) for each in found] == [("https://a.kz/b", "mention", 2)]


def test_scorm_lists_its_files() -> None:
    text = '<manifest xmlns="http://a.kz/x">\n<resource href="index.html?a=1&amp;b=2">\n<file href="a.js"/></resource>'
    found = read_xml_data("imsmanifest.xml", text)
    assert [(each.url, each.line) for each in found] == [("index.html?a=1&b=2", 2), ("a.js", 3)]


@pytest.mark.parametrize(
    "text", ["", "[", "null", "[1]", '{"start_url": 1, "icons": 5}', '{"icons": [1, {"src": null}]}', "[" * 100_000]
)
def test_broken_manifests_name_nothing(text: str) -> None:
    assert read_json("manifest.json", text) == ()


@pytest.mark.parametrize("evil", ["http:", "http://aaa", "http://aaa\\/", "<file ", '<file href="'])
def test_hostile_data_takes_time_in_proportion(evil: str) -> None:
    start = process_time()
    read_json("a.json", evil * 200_000)
    read_xml_data("imsmanifest.xml", evil * 200_000)
    assert process_time() - start < 10
