"""A submission with ten different faults gets ten findings that a teacher understands."""

from __future__ import annotations

import shutil

import pytest

from pipeline.checks.run import CheckOptions, check_paths
from pipeline.reports.model import Finding, Report
from pipeline.reports.wording import tell
from tests.unit.checks.corpus import CORPUS

FAULTS = {
    "SUB-001": "work/жоспар.txt",
    "SUB-002": "work/media/сурет.png",
    "SUB-003": "work/media/бос.mp3",
    "SUB-006": "work/media/қолданылмаған.png",
    "NAM-003": "work/media/жел: дыбыс.mp3",
    "SCN-008": "work/scenario.yaml",
    "SCN-009": "work/scenario.yaml",
    "DNG-001": "work/setup.exe",
    "PIC-002": "work/media/тау.png",
    "CAP-004": "work/media/жел.srt",
}
"""Rule -> where its fault is."""

KAZAKH = set("әғқңөұүһі")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("faults")
    shutil.copytree(CORPUS / "SCN-001" / "pass-complete", folder / "work")
    work, media = folder / "work", folder / "work" / "media"
    (work / "жоспар.txt").write_text("Сабақ жоспары\n", encoding="utf-8")
    (work / "setup.exe").write_text("бағдарлама\n", encoding="utf-8")
    (media / "сурет.png").symlink_to("/etc/hostname")
    (media / "бос.mp3").touch()
    shutil.copy(CORPUS / "SUB-001" / "pass-picture-and-captions" / "picture.png", media / "қолданылмаған.png")
    shutil.copy(CORPUS / "PIC-002" / "fail-jpeg-called-png.png", media / "тау.png")
    shutil.copy(CORPUS / "CAP-004" / "fail-two-at-once.srt", media / "жел.srt")
    (media / "wind.mp3").rename(media / "жел: дыбыс.mp3")
    scenario = (work / "scenario.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("audio: media/wind.mp3", 'audio: "media/жел: дыбыс.mp3"\n        file: media/жел.srt'),
        ("      - interactive:", "      - picture: media/тау.png\n      - interactive:"),
        ("text: 24", "text: 18"),
        ("    self_check: Барлық ту жасыл болды ма?\n", ""),
    ):
        assert old in scenario
        scenario = scenario.replace(old, new, 1)
    (work / "scenario.yaml").write_text(scenario, encoding="utf-8")
    return check_paths([work], CheckOptions(jobs=2))


def counted(report: Report) -> list[Finding]:
    return [each for _, each in report.findings() if each.outcome in {"fail", "warn", "not-run"}]


def test_ten_faults_are_ten_findings_each_in_its_place(report: Report) -> None:
    found = [(each.rule, each.place.file if each.place else "") for each in counted(report)]
    assert sorted(found) == sorted(FAULTS.items())
    assert report.exit_code() == 1


def test_every_finding_says_in_kazakh_what_is_wrong_and_what_to_do(report: Report) -> None:
    for each in counted(report):
        told = tell(each, report.profile.rules[each.rule], "kk")
        for text in (told.title, told.message, told.remedy):
            assert KAZAKH & set(text.lower()), (each.rule, text)
            assert "{" not in text, (each.rule, text)
