"""telesabaq rules: the catalogue, one rule, in three languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.reports.catalogue import page
from pipeline.reports.rule_text import rule_text
from pipeline.rulebook import load_check_profile, rulebook
from tests.unit.cli.test_commands import telesabaq
from tests.unit.reports.by_hand import AGE, PLACE, SIZE


def test_the_list_names_every_rule_of_the_profile(tmp_path: Path) -> None:
    done = telesabaq("rules", "--lang", "ru", cwd=tmp_path)
    assert done.returncode == 0
    listed = {line.split()[0] for line in done.stdout.splitlines() if line[:1].strip()}
    assert set(load_check_profile().rules) <= listed
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("language", "words"),
    [("kk", "Не үшін"), ("ru", "Проверено всё"), ("en", "Everything that had to be judged")],
)
def test_one_rule_is_told_in_three_languages(tmp_path: Path, language: str, words: str) -> None:
    done = telesabaq("rules", "RUN-001", "--lang", language, cwd=tmp_path)
    assert done.returncode == 0
    assert words in done.stdout


def test_a_rule_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    done = telesabaq("rules", "NIL-000", cwd=tmp_path)
    assert done.returncode == 2
    assert "NIL-000" in done.stderr
    assert done.stdout == ""


def test_the_catalogue_is_written_as_a_document(tmp_path: Path) -> None:
    done = telesabaq("--lang", "en", "rules", "--format", "markdown", "-o", "rules.md", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = Path(__file__).parents[3] / "docs" / "rules.md"
    assert (tmp_path / "rules.md").read_text("utf-8") == page.read_text("utf-8")


def test_a_rule_is_told_with_everything_about_it() -> None:
    told = rule_text(SIZE, "kk", width=80)
    for words in (
        "PIC-903 · PIC-903 талабы",
        "Құжат талабы: № 121 бұйрық §45 1), C1",
        "Себебі.",
        "megabytes: 100",
        "Сурет … МБ орын алады, ал 100 МБ-тан аспауы керек.",
        "→ Түзетіңіз.",
    ):
        assert words in told


def test_a_question_is_told_as_one() -> None:
    told = rule_text(AGE, "en")
    assert "for a person" in told
    assert "Does it fit the age?" in told
    assert "What it says" not in told


def test_a_severity_that_the_profile_changed_is_told_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.reports.catalogue.rulebook", lambda: {PLACE.id: replace(PLACE, severity="error")})
    assert page(PLACE, "en").changed == "In this profile “warning” instead of “error”: Privacy first."
    assert page(SIZE, "en").changed == ""


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_rule_can_be_told(language: str) -> None:
    for rule in rulebook().values():
        assert rule_text(rule, language).startswith(rule.id)
