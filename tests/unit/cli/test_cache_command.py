"""telesabaq cache, as a person and as a machine see it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len
from rich.console import Console

from pipeline.cli.cache import _Page, command
from pipeline.cli.speak import Speaker
from pipeline.errors import Place, Problem
from pipeline.render import repair
from pipeline.render.cache import Cache, Due, Origin
from pipeline.render.index import RunUses, Uses
from pipeline.render.objects import KINDS, Held
from pipeline.render.repair import Damage, Inspection, Repair
from pipeline.render.survey import Share, Survey

LONG_AGO = 1_000_000
LANGUAGES = ("kk", "ru", "en")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """A small cache of every kind of object, which the command finds."""
    monkeypatch.setattr(repair, "SETTLE_SECONDS", 0.0)
    monkeypatch.setenv("TELESABAQ_CACHE", str(tmp_path / "cache"))
    cache = Cache(run="before")
    for number, kind in enumerate(KINDS):
        for more in range(number + 1):
            path = put(cache, number * 10 + more, 1000 * (number + 1), kind=kind, seconds=60.0)
            os.utime(path, (LONG_AGO, LONG_AGO))
    (cache.folder / "inputs" / "0a").mkdir(parents=True)
    (cache.folder / "inputs" / "0a" / "clip.mp4").write_bytes(b"x" * 5000)
    cache.wanted([f"{number:064x}" for number in (0, 10, 11)])
    cache.trim()
    return cache


def put(cache: Cache, number: int, size: int, **more: Any) -> Path:
    made = cache.work / "made"
    made.write_bytes(bytes([number]) * size)
    return cache.add(f"{number:064x}", made, {"log": ""}, **more)


def run(*words: str, lang: str | None = "en") -> Result:
    return CliRunner().invoke(command, words, obj=lang)


def told(*words: str) -> dict[str, Any]:
    done = run("--json", *words)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_machines_are_told_everything(cache: Cache) -> None:
    document = told()
    assert document["folder"] == str(cache.folder)
    assert document["limit_bytes"] == 20_000_000_000
    assert document["kinds"] == {
        kind: {"count": number + 1, "bytes": 1000 * (number + 1) ** 2} for number, kind in enumerate(KINDS)
    }
    assert document["objects"] == {"count": 15, "bytes": 55_000}
    assert document["inputs"] == {"count": 1, "bytes": 5000}
    assert document["work"] == {"count": 0, "bytes": 0}
    assert document["rest"]["count"] >= 15
    assert document["free_bytes"] > 0
    assert document["uses"] == {"found": 3, "made": 15, "saved_seconds": 180.0, "spent_seconds": 900.0}
    assert [each["run"] for each in document["runs"]] == ["before"]
    assert document["due"]["count"] == 0
    assert "verified" not in document


def test_a_smaller_limit_tells_what_it_would_drop_and_drops_nothing(cache: Cache) -> None:
    document = told("--limit", "0.00004")
    # Three were asked for just now; the twelve others lie there since 1970, 15,000 bytes of them are too many.
    assert document["limit_bytes"] == 40_000
    assert 15_000 <= document["due"]["bytes"] <= 15_000 + 2000 + 5000
    assert document["due"]["longest_unused_seconds"] > 40 * 365 * 86400
    assert cache.usage().objects == 15
    assert told("--limit", "0")["due"]["in_use_over_limit_bytes"] == 5000


def test_trim_drops_what_was_told(cache: Cache) -> None:
    due = told("--limit", "0.00004")["due"]
    document = told("--limit", "0.00004", "--trim")
    assert document["trimmed_bytes"] == due["bytes"]
    assert document["due"]["count"] == 0
    assert cache.usage().objects == 15 - due["count"]


def test_a_whole_cache_verifies(cache: Cache) -> None:
    done = run("--verify")
    assert done.exit_code == 0
    assert "Looked at 15 pieces" in done.stdout
    assert told("--verify")["verified"]["damaged"] == []


def test_damage_that_cannot_be_made_again_is_dropped_told_and_exit_code_1(cache: Cache) -> None:
    path = put(cache, 99, 10, kind="sound", origin=Origin("/nowhere/lesson.yaml"))
    path.write_bytes(b"9876543210")
    done = run("--verify")
    assert done.exit_code == 1
    assert "sound of a film 000000000000…: its bytes have changed" in done.stdout
    assert "/nowhere/lesson.yaml" in done.stdout
    assert not path.exists()
    assert run("--verify").exit_code == 0


def test_machines_are_told_of_damage_too(cache: Cache) -> None:
    put(cache, 99, 10, kind="card", origin=Origin("/nowhere/lesson.yaml")).unlink()
    done = run("--verify", "--json")
    assert done.exit_code == 1
    (damaged,) = json.loads(done.stdout)["verified"]["damaged"]
    assert (damaged["key"], damaged["kind"], damaged["flaw"]) == (f"{99:064x}", "card", "gone")
    assert (damaged["lesson"], damaged["remade"]) == ("/nowhere/lesson.yaml", False)
    assert set(damaged["problems"][0]["message"]) == set(LANGUAGES)


def test_damage_that_was_made_again_is_told_and_exit_code_0(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(cache, 99, 10, kind="card")
    path.write_bytes(b"")

    def remade(_: Cache, damaged: tuple[Damage, ...], *_more: object, **_others: object) -> list[Repair]:
        return [Repair(each, remade=True) for each in damaged]

    monkeypatch.setattr(repair, "remake", remade)
    done = run("--verify")
    assert done.exit_code == 0
    assert "card 000000000000…: its size has changed. Made again." in done.stdout


@pytest.mark.parametrize(
    "words", [["--limit", "much"], ["--limit", "-1"], ["--limit", "nan"], ["--limit", "inf"], ["x"]]
)
def test_wrong_use_is_exit_code_2(cache: Cache, words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_strange_names_cannot_move_the_cursor(cache: Cache) -> None:
    (cache.objects.folder / "\x1b[2Jx").write_text("x")
    put(cache, 99, 10, origin=Origin("/nowhere/\x1b[2J.yaml")).write_bytes(b"")
    done = run("--verify")
    assert "\x1b" not in done.stdout
    assert "\\x1b[2Jx" in done.stdout
    assert "/nowhere/\\x1b[2J.yaml" in done.stdout


# In a terminal -----------------------------------------------------------------------------------

BIG = Survey(
    folder=Path("/home/somebody/.cache/telesabaq"),
    limit=200 * 10**9,
    kinds={kind: Share(70_000, 123_456_789_012) for kind in KINDS},
    inputs=Share(2042, 345_678_901_234),
    work=Share(16, 45_678_901_234),
    rest=Share(350_003, 1_234_567_890),
    free=1_234_567_890_123,
    uses=Uses(1_234_567, 76_543, 9e6, 1e6),
    runs=tuple(RunUses(str(each), "2026-02-03T04:05:06+00:00", Uses(12_345, 6789, 5e4, 1e4)) for each in range(9)),
    due=Due(tuple(Held(0.0, 10**6, f"{each:064x}") for each in range(12_345)), 3_210_000_000),
    unused=(9e6, 9000.0),
)
REPAIRS = [
    Repair(Damage(f"{number:064x}", flaw, None), remade, problems)
    for number in range(50)
    for flaw in ("bytes", "size", "gone", "record", "no-file")
    for remade, problems in ((True, ()), (False, (Problem("cache.origin-unknown", Place("/a/lesson.yaml", 1, 1)),)))
]


def page(language: str, columns: int = 80) -> tuple[_Page, Console]:
    speaker = Speaker(language, errors=False)
    speaker.console = Console(width=columns, force_terminal=True, color_system=None, highlight=False, record=True)
    return _Page(speaker), speaker.console


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_it_holds_fits_a_terminal_of_eighty_columns(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    paper, console = page(language)
    paper.survey(BIG, "TELESABAQ_CACHE_GB")
    lines = console.export_text().splitlines()
    assert all(cell_len(line) <= 80 for line in lines), lines
    assert not any("…" in line for line in lines)
    # Every row of the tables stands on one line of its own.
    assert len(lines) < 40
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_told_in_codes(language: str) -> None:
    paper, console = page(language)
    paper.survey(BIG, "--limit")
    inspection = Inspection(70_000, 10**12, tuple(each.damage for each in REPAIRS), 3, ("README",) * 9)
    paper.verified(inspection, REPAIRS, 7200.0)
    text = console.export_text()
    assert "cache." not in text.replace("telesabaq cache", "").replace(".cache", "")
    assert "{" not in text
    assert text.count("…: ") == 40


def test_numbers_are_written_as_the_language_does(cache: Cache) -> None:
    paper, _ = page("ru")
    assert paper.size(12_345_678_901) == "12,35\N{NO-BREAK SPACE}ГБ"
    assert paper.size(0) == "0\N{NO-BREAK SPACE}КБ"
    assert [paper.span(each) for each in (0, 119, 120, 7199, 7200, 172_799, 172_800)] == [
        f"{count}\N{NO-BREAK SPACE}{unit}"
        for count, unit in ((0, "с"), (119, "с"), (2, "мин"), (120, "мин"), (2, "ч"), (48, "ч"), (2, "сут"))
    ]
