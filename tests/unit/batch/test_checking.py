"""Our own verdict on a film, in words that a summary can carry."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.batch import checking
from pipeline.batch.checking import check_findings
from pipeline.batch.model import BatchOptions
from pipeline.reports.model import Finding, Report, SubjectReport
from pipeline.rulebook import load_check_profile


def found(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> list[bool]:
    """Let the judge find this; the answer says how often it was asked for a quick verdict."""
    asked: list[bool] = []

    def judge(_folder: Path, profile: object, *, quick: bool, scratch: object) -> Report:
        asked.append(quick)
        return Report(load_check_profile("platform"), (SubjectReport("algebra/algebra.mp4", "video", "", 1, findings),))

    monkeypatch.setattr(checking, "judge_own", judge)
    return asked


FAIL = Finding(rule="VID-002", outcome="fail", measured=612.4, expected=600)
NOT_RUN = Finding(rule="VID-002", outcome="not-run", measured=1, expected=1)
WARN = Finding(rule="VID-002", outcome="warn", measured=601, expected=600)
NOTE = Finding(rule="VID-002", outcome="pass", measured=1, expected=1)


def test_errors_and_what_could_not_be_judged_keep_a_film_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, FAIL, NOT_RUN, WARN, NOTE)
    errors, warnings = check_findings(tmp_path, BatchOptions("/out"))
    assert [each["severity"] for each in errors] == ["error", "error"]
    assert [each["severity"] for each in warnings] == ["warning"]


def test_a_finding_is_told_in_three_languages_with_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, FAIL)
    ((error,), _) = check_findings(tmp_path, BatchOptions("/out"))
    assert error["code"] == "VID-002"
    assert error["where"]["path"] == "algebra/algebra.mp4"
    assert len({error["message"][language] for language in ("kk", "ru", "en")}) == 3


@pytest.mark.parametrize(("check", "asked"), [("quick", [True]), ("full", [False]), ("off", [])])
def test_the_check_is_as_thorough_as_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check: str, asked: list[bool]
) -> None:
    seen = found(monkeypatch, FAIL)
    errors, _ = check_findings(tmp_path, BatchOptions("/out", check=check))  # type: ignore[arg-type]
    assert seen == asked
    assert bool(errors) == bool(asked)
