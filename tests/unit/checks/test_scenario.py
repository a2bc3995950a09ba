"""A scenario is read with places, and judged by what order-121 §42 asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.checks.scenario import ScenarioSubject
from pipeline.checks.subject import Kind, Submitted, Task
from pipeline.errors import Place
from pipeline.lesson.find import find_lessons
from pipeline.messages import remedy, what
from pipeline.reports.model import Finding
from pipeline.specs import LANGUAGES, load_json
from tests.unit.checks.corpus import CORPUS
from tests.unit.checks.judging import judged

ROOT = CORPUS.parents[1]
COMPLETE = (CORPUS / "SCN-001" / "pass-complete" / "scenario.yaml").read_text(encoding="utf-8")
SAMPLE = ROOT / "sample_lessons" / "kk-5-science-water-scenario"

Check = Callable[[str], list[Finding]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "wind.mp3").write_bytes(b"ID3")

    def findings(text: str) -> list[Finding]:
        (tmp_path / "scenario.yaml").write_text(text, encoding="utf-8")
        report = judged(tmp_path / "scenario.yaml", tmp_path, "SCN-*")
        return [each for _, each in report.findings() if each.outcome in {"fail", "warn"}]

    return findings


def subject(path: Path) -> ScenarioSubject:
    return ScenarioSubject(Task(Submitted(path, "scenario.yaml", "scenario.yaml", Kind.SCENARIO), path.parent))


def test_the_sample_scenario_has_what_the_order_asks_for() -> None:
    stages = subject(SAMPLE / "scenario.yaml").stages
    assert len(stages) >= 6
    assert sum(stage.minutes or 0 for stage in stages) >= 10
    assert len({stage.activity for stage in stages}) >= 5
    report = judged(SAMPLE, SAMPLE, "SCN-*", "SUB-*", profile="scenario")
    assert [each for _, each in report.findings() if each.outcome in {"fail", "warn", "not-run"}] == []


def test_the_build_does_not_take_a_scenario_for_a_lesson() -> None:
    assert SAMPLE not in {path.parent for path in find_lessons([ROOT / "sample_lessons"])}


def test_a_departure_from_the_form_is_told_with_line_and_column(check: Check) -> None:
    line = COMPLETE[: COMPLETE.index("    minutes: 2")].count("\n") + 1
    (finding,) = check(COMPLETE.replace("    minutes: 2", "    minutes: екі", 1))
    assert finding.place == Place("scenario.yaml", line, 14)
    assert finding.problem is not None
    assert finding.problem.fields == {"key": "minutes", "found": "екі"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("format: 1", "format: 2", "lesson.format"),
        ("grade: 6", "grade: 12", "authored.out-of-range"),
        ("grade: 6", "grade: алты", "authored.expected-number"),
        ("grade: 6", 'grade: "6"', "lesson.number-in-quotes"),
        ("language: kk", "language: en", "lesson.not-one-of"),
        ("title: Жел қайдан соғады\n", "", "lesson.missing-key"),
        ("title: Жел", "titel: Жел", "lesson.misspelt-key"),
        ("title: Жел", "title: Жел\nbudget: 5\n#", "lesson.unknown-key"),
        ("title: Жел қайдан соғады", "title:", "lesson.empty"),
        ('"#0B2A6B"', "navy", "authored.bad-value"),
        ("text: 24", "text: -1", "authored.out-of-range"),
        ("    minutes: 1\n", "    minutes: 0\n", "authored.out-of-range"),
        ("      - test: ", "      - source: ", "authored.no-kind"),
        ("    activity: тест\n", "    activity: [тест]\n", "lesson.expected-text"),
    ],
)
def test_each_departure_has_words_of_its_own_in_every_language(check: Check, old: str, new: str, code: str) -> None:
    problems = [each.problem for each in check(COMPLETE.replace(old, new, 1)) if each.rule == "SCN-001"]
    assert code in [each.code for each in problems if each]
    for each in problems:
        for language in LANGUAGES:
            assert each is not None
            assert "{" not in what(each, language) + remedy(each, language)


def test_what_is_missing_or_misspelt_is_told_once(check: Check) -> None:
    text = COMPLETE.replace("title: Жел", "titel: Жел", 1).replace("grade: 6\n", "").replace("format: 1\n", "")
    problems = [each.problem for each in check(text) if each.rule == "SCN-001"]
    told = sorted((each.code, str(each.fields["key"])) for each in problems if each)
    assert told == [
        ("lesson.missing-key", "format"),
        ("lesson.missing-key", "grade"),
        ("lesson.misspelt-key", "titel"),
    ]


def test_a_form_that_departs_is_judged_no_further(check: Check) -> None:
    assert {each.rule for each in check("format: 1\nstages: []\n")} == {"SCN-001"}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "- a\n- b\n", "a: &x [*x]\n", "stages: " + "[" * 300, "\0", "a: 1\n" * 100_000, "? {a: b}\n: c\n"],
)
def test_what_is_no_scenario_is_told_and_not_stumbled_over(check: Check, text: str) -> None:
    assert {each.rule for each in check(text)} == {"SCN-001"}


def test_text_stays_text_where_a_number_is_written(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(
        COMPLETE.replace("name: Ойын", "name: 4").replace("activity: ойын", "activity: 0.5"), encoding="utf-8"
    )
    stage = subject(path).stages[3]
    assert (stage.name, stage.activity) == ("4", "0.5")


def test_tenths_of_minutes_add_up_exactly(check: Check) -> None:
    # Ten times 0.1 is one: as binary fractions the sum would miss the limit.
    tenths = COMPLETE.replace("minutes: 1\n", "minutes: 9.4\n", 1).replace("minutes: 2\n", "minutes: 0.1\n")
    assert [each.rule for each in check(tenths)] == ["SCN-003"]
    assert check(tenths.replace("minutes: 9.4", "minutes: 9.5")) == []


def test_small_letters_are_told_with_the_model_of_the_screen(check: Check) -> None:
    (finding,) = check(COMPLETE.replace("text: 24", "text: 20"))
    assert (finding.measured, finding.expected) == (20, 22)
    assert (finding.fields["pixels"], finding.fields["expected_pixels"]) == (40, 44)


@pytest.mark.parametrize(
    ("text", "ground", "outcome", "measured"),
    [
        ("#00AFCA", "#FFFFFF", "fail", 2.62),
        ("#777777", "#FFFFFF", "fail", 4.47),
        ("#767676", "#FFFFFF", "warn", 4.54),
        ("#595959", "#FFFFFF", None, None),
        ("#FFFFFF", "#0B2A6B", None, None),
    ],
)
def test_contrast_fails_under_four_and_a_half_and_warns_under_seven(
    check: Check, text: str, ground: str, outcome: str | None, measured: float | None
) -> None:
    found = check(COMPLETE.replace("#0B2A6B", text).replace("#FFFFFF", ground, 2) if text != "#FFFFFF" else COMPLETE)
    assert [(each.outcome, each.measured) for each in found] == ([(outcome, measured)] if outcome else [])


def test_every_missing_material_is_told_by_itself(check: Check) -> None:
    bare = COMPLETE
    for kind in ("interactive", "assessment", "test"):
        bare = bare.replace(f"- {kind}:", "- text:")
    assert sorted(each.variant for each in check(bare)) == ["assessment", "interactive", "test"]


def test_a_stage_without_content_needs_no_self_check(check: Check) -> None:
    assert check(COMPLETE + "  - name: Үзіліс\n    minutes: 1\n    activity: сергіту\n") == []


def test_a_link_out_of_the_folder_is_told_without_where_it_leads(tmp_path: Path, check: Check) -> None:
    check(COMPLETE)
    (tmp_path / "media" / "wind.mp3").unlink()
    (tmp_path / "media" / "wind.mp3").symlink_to("/etc/hostname")
    (finding,) = check(COMPLETE)
    assert finding.rule == "SCN-011"
    assert finding.problem is not None
    assert "/etc" not in what(finding.problem, "en")


def test_every_key_of_the_form_has_a_title_in_three_languages() -> None:
    def titled(schema: object) -> list[str]:
        found = []
        if isinstance(schema, dict):
            for key, each in schema.get("properties", {}).items():
                if key not in {"text", "background"} and each.get("title", "").count(" · ") != 2:
                    found.append(key)
            for each in schema.values():
                found += titled(each)
        return found

    assert titled(load_json("scenario.schema.json")) == []
