"""The start page: its place, its form, its letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.checks.exports import HEAD, laid
from tests.unit.checks.judging import judged


@pytest.mark.parametrize(
    ("names", "variant"),
    [
        (["INDEX.HTML"], "case"),
        (["index.HTM"], "htm"),
        (["a/index.html", "a/b.css"], "wrapped"),
        (["a/index.html", "b.css"], "deeper"),
        (["a/b/index.html", "c/index.html"], "deeper"),
        (["start.html"], "other-name"),
    ],
)
def test_each_wrong_place_is_told_apart(names: list[str], variant: str, tmp_path: Path) -> None:
    path = laid(tmp_path, dict.fromkeys(names, HEAD + "<p>x"))
    ((_, each),) = judged(path, tmp_path, "PKG-*").findings()
    assert (each.rule, each.variant, each.outcome) == ("PKG-001", variant, "fail")


def test_rules_on_a_page_that_is_not_there_are_blocked(tmp_path: Path) -> None:
    (subject,) = judged(laid(tmp_path, {"start.html": HEAD}), tmp_path, "PKG-*").subjects
    assert set(subject.blocked) == {"PKG-002", "PKG-003", "PKG-004"}


@pytest.mark.parametrize(
    ("data", "rule", "variant"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "PKG-002", "binary"),
        (b'{"a": 1}', "PKG-002", "json"),
        ("Сәлем".encode(), "PKG-002", "no-tags"),
        (b"<p>x</p><scr", "PKG-002", "cut-off"),
        (b"", "PKG-004", "empty"),
        (b" \n ", "PKG-004", "empty"),
        (b"<!-- x -->", "PKG-002", "no-tags"),
        (b"<html><body></body></html>", "PKG-004", ""),
        ("<p>Сәлем".encode(), "PKG-003", ""),
        ('<meta charset="utf-8"><p>Урок'.encode("cp1251"), "PKG-003", "not-utf-8"),
        ('<meta charset="koi8-r"><p>Сәлем'.encode(), "PKG-003", "is-utf-8"),
        ('<meta charset="cp-utf"><p>Сәлем'.encode(), "PKG-003", "unknown"),
        (b"<!--" + b"x" * 1100 + b'--><meta charset="utf-8"><p>x', "PKG-003", "late"),
    ],
)
def test_one_fault_of_the_page_is_one_finding(data: bytes, rule: str, variant: str, tmp_path: Path) -> None:
    report = judged(laid(tmp_path, {"index.html": data}), tmp_path, "PKG-*")
    assert [(each.rule, each.variant) for _, each in report.findings() if each.outcome != "pass"] == [(rule, variant)]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe" + "<p>Сәлем".encode("utf-16-le"),
        b'<?xml version="1.0" encoding="utf-8"?><html><body>' + "Сәлем".encode(),
        b"<p>Hello",
        '<meta charset="windows-1251"><p>Урок'.encode("cp1251"),
        b"PKG? <p>x",
        b"<body>1 < 2",
    ],
)
def test_pages_that_are_odd_but_right_pass(data: bytes, tmp_path: Path) -> None:
    report = judged(laid(tmp_path, {"index.html": data}), tmp_path, "PKG-*")
    assert [each for _, each in report.findings() if each.outcome != "pass"] == []
