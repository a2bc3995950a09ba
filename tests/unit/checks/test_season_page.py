"""The output folder of a batch: its films are judged one by one, and nobody else's page passes for its gallery."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.batch.summary import write_summary
from pipeline.checks.discover import discover
from pipeline.checks.subject import Kind
from pipeline.render.cache import Cache
from pipeline.reports.season_page import is_gallery, openings
from tests.unit.batch.season import Folder, season

SEASON_FILES = {"index.html": Kind.RECORD, "batch.json": Kind.RECORD}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    results, _ = season(3, drawn=False)
    folder = Folder()
    pages = {}
    for language in ("kk", "ru", "en"):
        write_summary(folder, results, {"run": 1, "outcome": "complete"}, Cache(tmp_path_factory.mktemp("c")), language)
        pages[language] = folder.files["index.html"].decode()
    return pages


def lay(folder: Path, page: str) -> Path:
    (folder / "kk-8-algebra").mkdir(parents=True)
    (folder / "kk-8-algebra" / "kk-8-algebra.mp4").write_bytes(b"\0\0\0\x18ftypisom")
    (folder / "kk-8-algebra" / "manifest.json").write_text("{}")
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "batch.json").write_text('{"format": 1}')
    own = folder / ".telesabaq" / "journal"
    own.mkdir(parents=True)
    (own / "000001-0a1b.jsonl").write_text('{"n":1}\n')
    (own.parent / "lease.json").touch()
    return folder


def kinds(folder: Path) -> dict[str, Kind]:
    return {file.name: file.kind for unit in discover([folder]) for file in unit.files}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_films_of_a_batch_are_judged_one_by_one(tmp_path: Path, pages: dict[str, str], language: str) -> None:
    found = kinds(lay(tmp_path / "out", pages[language]))
    assert found == SEASON_FILES | {
        ".telesabaq/journal/000001-0a1b.jsonl": Kind.RECORD,
        ".telesabaq/lease.json": Kind.RECORD,
        "kk-8-algebra/kk-8-algebra.mp4": Kind.VIDEO,
        "kk-8-algebra/manifest.json": Kind.RECORD,
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("script-src 'sha256-", "script-src 'unsafe-inline' 'sha256-"),
        ("default-src 'none'", "default-src *"),
        ("</title>", '</title><meta HTTP-EQUIV="refresh" content="0;url=https://example.org">'),
        ("<!doctype html>", "<!doctype html><script>alert(1)</script>"),
    ],
)
def test_a_page_that_could_do_more_is_an_application(tmp_path: Path, pages: dict[str, str], old: str, new: str) -> None:
    assert old in pages["en"]
    folder = lay(tmp_path / "out", pages["en"].replace(old, new))
    assert not is_gallery(folder / "index.html")
    assert kinds(folder) == {"out": Kind.PACKAGE}


def test_a_gallery_without_its_summary_is_an_application(tmp_path: Path, pages: dict[str, str]) -> None:
    folder = lay(tmp_path / "out", pages["en"])
    (folder / "batch.json").unlink()
    assert kinds(folder) == {"out": Kind.PACKAGE}


def test_the_opening_is_whole_in_every_language(pages: dict[str, str]) -> None:
    assert len(set(openings())) == 3
    for opening in openings():
        assert b"{{" not in opening
        assert opening.rstrip().endswith(b'">')
        assert any(page.encode().startswith(opening) for page in pages.values())


def test_a_program_in_the_place_of_a_journal_is_no_record(tmp_path: Path, pages: dict[str, str]) -> None:
    folder = lay(tmp_path / "out", pages["en"])
    journal = folder / ".telesabaq" / "journal" / "000001-0a1b.jsonl"
    journal.write_bytes(b"\x7fELF" + bytes(100))
    assert kinds(folder)[".telesabaq/journal/000001-0a1b.jsonl"] is Kind.OTHER
