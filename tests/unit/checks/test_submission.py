"""A submission holds what it must, and its script, media and film belong together."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from pipeline.checks.run import CheckOptions, check_paths
from pipeline.checks.submission import key_of, read_manifest
from pipeline.reports.model import Finding, Report
from pipeline.rulebook import load_check_profile
from tests.unit.checks.corpus import CORPUS
from tests.unit.checks.judging import judged
from tests.unit.checks.lesson_with_film import NAME, lesson_with_film

SCENARIO = CORPUS / "SCN-001" / "pass-complete"
PICTURE = CORPUS / "SUB-001" / "pass-picture-and-captions" / "picture.png"
RULES = ["SUB-*", "SCR-001", "SCR-004", "SCN-001", "SCN-011"]


def checked(path: Path, profile: str = "platform", select: list[str] | None = None) -> Report:
    return judged(path, path.parent, *(select or RULES), profile=profile)


def checked_with_archives(path: Path, profile: str) -> Report:
    return check_paths([path], CheckOptions(load_check_profile(profile, select=RULES)))


def found(report: Report) -> list[tuple[str, str]]:
    return sorted((finding.rule, finding.variant) for _, finding in report.findings() if finding.outcome != "pass")


def only(report: Report, rule: str) -> Finding:
    (finding,) = [finding for _, finding in report.findings() if finding.rule == rule]
    return finding


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCENARIO, tmp_path / "work"))


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        (".DS_Store", "leftover"),
        ("._photo.psd", "leftover"),
        ("~$план.docx", "leftover"),
        ("Thumbs.db", "leftover"),
        ("lesson.yaml~", "leftover"),
        (".gitignore", "version-control"),
        ("План.docx", "document"),
        ("жоспар.pdf", "document"),
        ("page.html", "web-page"),
        ("project.prproj", ""),
        ("noname", ""),
    ],
)
def test_a_file_of_no_known_kind_is_told_with_what_it_most_likely_is(tmp_path: Path, name: str, variant: str) -> None:
    (tmp_path / name).write_bytes(b"\0some bytes")
    finding = only(checked(tmp_path / name), "SUB-001")
    assert (finding.variant, finding.fields["file"]) == (variant, name)


@pytest.mark.parametrize(
    ("name", "content"), [("setup.exe", b"text"), ("photo.png", b"\x7fELF\x02\x01\x01" + bytes(64))]
)
def test_a_dangerous_file_is_left_to_the_rules_on_danger(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert found(checked(tmp_path / name)) == []


def test_links_pipes_and_closed_files_are_told_apart(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "a.png").symlink_to("/etc/hostname")
    os.mkfifo(work / "b.png")
    assert found(checked(work)) == [("SUB-002", ""), ("SUB-002", "special")]


@pytest.mark.parametrize(
    ("profile", "kind"), [("tv-lesson", "script"), ("scenario", "scenario"), ("application", "package")]
)
def test_a_profile_asks_for_the_files_its_works_are_made_of(tmp_path: Path, profile: str, kind: str) -> None:
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(PICTURE, work)
    assert found(checked(work, profile)) == [("SUB-005", kind)]
    assert found(checked(work)) == []


def test_what_a_profile_asks_for_may_be_there(scenario: Path) -> None:
    report = checked(scenario, "scenario")
    assert found(report) == []
    assert "SUB-005" in next(each for each in report.subjects if each.kind == "submission").passed


def test_an_empty_submission_is_told_as_empty_alone(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    assert found(checked(tmp_path / "work", "tv-lesson")) == [("SUB-004", "")]


def test_nothing_is_asked_of_what_lies_loose_beside_lessons(tmp_path: Path) -> None:
    shutil.copytree(SCENARIO, tmp_path / "season" / "work")
    shutil.copy(PICTURE, tmp_path / "season")
    assert found(checked(tmp_path / "season", "scenario")) == []


@pytest.mark.parametrize(("inside", "expected"), [("scenario", []), ("picture", [("SUB-005", "scenario")])])
def test_a_work_handed_in_as_a_zip_is_asked_the_same(
    tmp_path: Path, inside: str, expected: list[tuple[str, str]]
) -> None:
    work = tmp_path / "packed"
    if inside == "scenario":
        shutil.copytree(SCENARIO, work)
    else:
        work.mkdir()
        shutil.copy(PICTURE, work)
    shutil.make_archive(str(tmp_path / "work"), "zip", work)
    assert found(checked_with_archives(tmp_path / "work.zip", "scenario")) == expected


def test_a_zip_beside_a_script_is_not_asked_for_another(scenario: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    shutil.copy(PICTURE, more)
    shutil.make_archive(str(scenario / "more"), "zip", more)
    assert found(checked_with_archives(scenario, "scenario")) == []


def test_media_that_no_script_names_are_told_one_by_one(scenario: Path) -> None:
    shutil.copy(PICTURE, scenario / "media" / "one.png")
    shutil.copy(PICTURE, scenario / "two.png")
    report = checked(scenario)
    assert found(report) == [("SUB-006", ""), ("SUB-006", "")]
    assert {finding.place.file for _, finding in report.findings() if finding.rule == "SUB-006" and finding.place} == {
        "work/media/one.png",
        "work/two.png",
    }


def test_a_file_that_is_missing_is_told_by_its_script_and_makes_no_other_unused(scenario: Path) -> None:
    (scenario / "media" / "wind.mp3").rename(scenario / "media" / "wnid.mp3")
    report = checked(scenario)
    assert found(report) == [("SCN-011", "")]
    assert next(each for each in report.subjects if each.kind == "submission").blocked["SUB-006"] == "SCN-011"


def test_the_same_holds_for_a_lesson(tmp_path: Path) -> None:
    lesson = lesson_with_film(tmp_path)
    script = lesson / "lesson.yaml"
    script.write_text(
        script.read_text(encoding="utf-8").replace(
            "    formula: Q = lambda m\n", "    formula: Q = lambda m\n    picture: media/gone.png\n"
        ),
        encoding="utf-8",
    )
    (lesson / "media").mkdir()
    shutil.copy(PICTURE, lesson / "media" / "gnoe.png")
    report = checked(lesson, select=["SUB-006", "SCR-004"])
    assert [rule for rule, _ in found(report)] == ["SCR-004"]


def test_a_script_that_cannot_be_read_leaves_the_rest_unjudged(scenario: Path) -> None:
    (scenario / "scenario.yaml").write_bytes(b"\xff\xfe\0\0")
    assert [rule for rule, _ in found(checked(scenario))] == ["SCN-001"]


def test_captions_beside_a_named_file_are_used(scenario: Path) -> None:
    (scenario / "media" / "wind.vtt").write_text("WEBVTT\n", encoding="utf-8")
    assert found(checked(scenario)) == []


@pytest.mark.parametrize("name", ["work.mp4", "my film.mp4"])
def test_a_film_beside_its_script_is_used(scenario: Path, name: str) -> None:
    (scenario / name).write_bytes(b"\0\0\0\x18ftypisom")
    assert found(checked(scenario)) == []


def test_a_second_film_beside_a_script_is_one_too_many(scenario: Path) -> None:
    for name in ("work.mp4", "old take.mp4"):
        (scenario / name).write_bytes(b"\0\0\0\x18ftypisom")
    assert "old take.mp4" in str(only(checked(scenario), "SUB-006").fields["file"])


def test_what_the_build_wrote_belongs_to_the_lesson(tmp_path: Path) -> None:
    assert found(checked(lesson_with_film(tmp_path, film=b"\0\0\0\x18ftypisom"))) == []


def test_a_film_of_other_bytes_is_named(tmp_path: Path) -> None:
    lesson = lesson_with_film(tmp_path, film=b"\0\0\0\x18ftypisom")
    (lesson / "out" / NAME / f"{NAME}.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    assert only(checked(lesson), "SUB-008").fields["files"] == f"{NAME}.mp4"


def test_sidecars_may_be_left_out_but_not_the_film(tmp_path: Path) -> None:
    lesson = lesson_with_film(tmp_path, film=b"\0\0\0\x18ftypisom")
    (lesson / "out" / NAME / "poster.jpg").unlink()
    assert found(checked(lesson)) == []
    (lesson / "out" / NAME / f"{NAME}.mp4").unlink()
    assert found(checked(lesson)) == [("SUB-008", "missing")]


def test_a_script_corrected_after_the_build_is_named(tmp_path: Path) -> None:
    lesson = lesson_with_film(tmp_path)
    script = lesson / "lesson.yaml"
    script.write_text(script.read_text(encoding="utf-8").replace("2 кг", "4 кг"), encoding="utf-8")
    finding = only(checked(lesson), "SUB-009")
    assert (finding.variant, finding.fields["files"]) == ("", "lesson.yaml")


def test_a_film_handed_in_without_its_script_is_no_fault(tmp_path: Path) -> None:
    lesson = lesson_with_film(tmp_path)
    (lesson / "lesson.yaml").unlink()
    report = checked(lesson)
    assert found(report) == []
    assert "SUB-009" in next(each for each in report.subjects if each.kind == "submission").not_applicable


def test_a_manifest_cannot_name_files_outside_the_submission(tmp_path: Path) -> None:
    lesson = lesson_with_film(tmp_path)
    manifest = lesson / "out" / NAME / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"path": "lesson.yaml"', '"path": "../../../etc/passwd"'), encoding="utf-8")
    assert found(checked(lesson)) == []


@pytest.mark.parametrize(
    "written", [b"", b"{", b"[]", b'{"format": 2}', b"\xff\xfe{", b'{"a":' + b"[" * 200_000, b"{" + b" " * 5_000_001]
)
def test_a_manifest_that_is_none_is_told_and_not_stumbled_over(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(written)
    assert read_manifest(path)[1]


def test_paths_that_an_author_means_as_one_have_one_key() -> None:
    assert key_of("Media/./Й.PNG") == key_of("media/и\u0306.png")
    assert key_of("../a") != key_of("a")


def test_a_script_of_another_name_is_told_what_to_call_it(scenario: Path) -> None:
    (scenario / "scenario.yaml").rename(scenario / "Scenario.yml")
    finding = only(checked(scenario), "SUB-010")
    assert (finding.measured, finding.expected) == ("Scenario.yml", "scenario.yaml")


def test_a_look_alike_name_is_left_to_the_rule_on_alphabets(scenario: Path) -> None:
    (scenario / "scenario.yaml").rename(scenario / "sc\u0435nario.yaml")
    assert found(checked(scenario, select=["SUB-010", "NAM-007"])) == [("NAM-007", "")]


@pytest.mark.parametrize(("name", "rule"), [("", "ARC-003"), ("../speech.srt", "ARC-006")])
def test_an_archive_out_of_which_nothing_came_is_told_once(tmp_path: Path, name: str, rule: str) -> None:
    with zipfile.ZipFile(tmp_path / "work.zip", "w") as archive:
        if name:
            archive.writestr(name, "1\n00:00:01,000 --> 00:00:02,000\nСәлем\n")
    report = check_paths([tmp_path / "work.zip"], CheckOptions(load_check_profile(select=["SUB-*", "ARC-*"])))
    assert [each for each, _ in found(report)] == [rule]
