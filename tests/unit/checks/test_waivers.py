"""A waiver holds for one rule, one file, these bytes and this time; and never for what nobody can answer for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.checks.run import CheckOptions, check_paths
from pipeline.checks.waivers import apply_waivers, read_waivers, with_folder_sums
from pipeline.errors import Place, UsageError
from pipeline.reports.model import Finding, Report, SubjectReport, Waiver
from pipeline.reports.wording import tell
from pipeline.rulebook import load_check_profile, rulebook
from tests.unit.checks.waived_work import CAPTIONS, NOTES, waived_work, waiver

TODAY = date(2026, 4, 6)
SUM, OTHER = "a" * 64, "b" * 64
WAIVER = Waiver("PIC-006", "work/a.png", SUM, "old map", "B. Sarsenov", TODAY, Place("telesabaq-waivers.yaml", 3, 11))


def report(*findings: Finding, path: str = "work/a.png", select: tuple[str, ...] = ()) -> Report:
    subjects = (
        SubjectReport("work", "submission", "", 0),
        SubjectReport(path, "picture", SUM, 10, findings),
        SubjectReport("work/b.png", "picture", OTHER, 10),
    )
    return Report(load_check_profile(select=select), subjects)


def small(outcome: str = "warn", rule: str = "PIC-006", file: str = "work/a.png") -> Finding:
    return Finding(rule=rule, outcome=outcome, severity="warning", place=Place(file))  # type: ignore[arg-type]  # one of Outcome


def waived(checked: Report) -> list[str]:
    return [each.rule for _, each in checked.findings() if each.waived]


def told(checked: Report) -> list[tuple[str, str]]:
    return [(each.rule, each.outcome) for _, each in checked.findings() if each.rule.startswith("WVR")]


def test_a_waived_finding_stays_in_the_report_and_does_not_count() -> None:
    before = report(small("fail"))
    after = apply_waivers(before, [WAIVER], TODAY)
    assert (before.exit_code(), after.exit_code()) == (1, 0)
    assert waived(after) == ["PIC-006"]
    assert told(after) == []


def test_applying_changes_nothing_in_what_it_was_given() -> None:
    before = report(small())
    apply_waivers(before, [WAIVER], TODAY)
    assert before == report(small())


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("work/a.png", True),
        ("a.png", True),
        ("inbox/work/a.png", True),
        ("work/A.png", False),
        ("rk/a.png", False),
        ("other/a.png", False),
        ("work", False),
    ],
)
def test_a_file_is_named_as_seen_from_any_folder_above(path: str, holds: bool) -> None:
    assert bool(waived(apply_waivers(report(small()), [replace(WAIVER, path=path)], TODAY))) is holds


def test_a_waiver_holds_to_the_end_of_its_last_day() -> None:
    assert waived(apply_waivers(report(small()), [WAIVER], TODAY)) == ["PIC-006"]
    late = apply_waivers(report(small()), [WAIVER], TODAY + timedelta(days=1))
    assert waived(late) == []
    assert told(late) == [("WVR-003", "warn")]
    [expired] = [each for _, each in late.findings() if each.rule == "WVR-003"]
    assert "истекло 06.04.2026" in tell(expired, rulebook()["WVR-003"], "ru").message


def test_other_bytes_are_not_waived() -> None:
    changed = apply_waivers(report(small()), [replace(WAIVER, sha256=OTHER)], TODAY)
    assert waived(changed) == []
    assert told(changed) == [("WVR-005", "warn")]


def test_another_rule_is_not_waived() -> None:
    checked = apply_waivers(report(small(rule="PIC-008")), [WAIVER], TODAY)
    assert waived(checked) == []
    assert told(checked) == [("WVR-004", "warn")]


def test_a_waiver_for_a_file_outside_this_check_is_only_mentioned() -> None:
    checked = apply_waivers(report(small()), [replace(WAIVER, path="elsewhere/c.png")], TODAY)
    assert told(checked) == [("WVR-004", "pass")]


def test_a_waiver_of_a_rule_that_was_not_asked_for_is_not_called_unused() -> None:
    assert told(apply_waivers(report(select=("SND-*", "WVR-*")), [WAIVER], TODAY)) == []


@pytest.mark.parametrize("rule", ["RUN-001", "DNG-001", "DNG-003", "MAL-001"])
def test_some_rules_are_never_waived(rule: str) -> None:
    checked = apply_waivers(report(small("fail", rule)), [replace(WAIVER, rule=rule)], TODAY)
    assert waived(checked) == []
    assert told(checked) == [("WVR-006", "fail")]


@pytest.mark.parametrize("outcome", ["not-run", "needs-human", "pass"])
def test_only_warnings_and_failures_are_waived(outcome: str) -> None:
    assert waived(apply_waivers(report(small(outcome)), [WAIVER], TODAY)) == []


def test_a_finding_about_a_file_of_the_submission_is_bound_to_that_file() -> None:
    checked = report()
    folder = replace(checked.subjects[0], findings=(small(rule="SUB-006", file="work/b.png"),))
    checked = replace(checked, subjects=(folder, *checked.subjects[1:]))
    unused = replace(WAIVER, rule="SUB-006", path="work/b.png", sha256=OTHER)
    assert waived(apply_waivers(checked, [unused], TODAY)) == ["SUB-006"]
    assert waived(apply_waivers(checked, [replace(unused, sha256=SUM)], TODAY)) == []


def test_a_folder_has_the_sum_of_its_files() -> None:
    lines = f"{SUM}  a.png\n{OTHER}  b.png\n"
    assert with_folder_sums(report()).subjects[0].sha256 == sha256(lines.encode()).hexdigest()


def test_a_finding_about_a_whole_submission_is_bound_to_all_its_files() -> None:
    checked = report()
    folder = replace(checked.subjects[0], findings=(small("fail", "SUB-005", "work"),))
    checked = with_folder_sums(replace(checked, subjects=(folder, *checked.subjects[1:])))
    whole = replace(WAIVER, rule="SUB-005", path="work", sha256=checked.subjects[0].sha256)
    assert waived(apply_waivers(checked, [whole], TODAY)) == ["SUB-005"]


def test_findings_about_waivers_stand_at_the_lines_of_their_file() -> None:
    checked = apply_waivers(report(), [WAIVER], TODAY)
    subject = next(each for each in checked.subjects if each.kind == "waivers")
    assert subject.path == "telesabaq-waivers.yaml"
    assert [each.place for each in subject.findings] == [WAIVER.place]


def written(folder: Path, text: str) -> Path:
    path = folder / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_waivers_is_read_with_the_line_of_each(tmp_path: Path) -> None:
    path = written(tmp_path, "format: 1\nwaivers:\n" + waiver() + waiver(rule="PIC-006", expires="2027-01-31"))
    one, two = read_waivers(path)
    assert (one.rule, one.path, one.sha256) == ("SUB-001", "work/notes.txt", sha256(NOTES.encode()).hexdigest())
    assert (one.author, two.expires) == ("Сәрсенов Болат, тексеруші", date(2027, 1, 31))
    assert [each.place and each.place.line for each in (one, two)] == [3, 9]


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("    author: Сәрсенов Болат, тексеруші\n", "", "lesson.missing-key", 3),
        ("    reason: Мұрағатта қалуы керек", "    reason:", "lesson.empty", 6),
        ("rule: SUB-001", "rule: sub1", "authored.bad-value", 3),
        ("rule: SUB-001", "rule: SUB-999", "check.no-such-rule", 3),
        ("expires: 2099-12-31", "expires: 31.12.2099", "authored.bad-value", 8),
        ("expires: 2099-12-31", "expires: 2099-02-30", "authored.bad-value", 8),
        ("sha256: ", "sha256: x", "authored.bad-value", 5),
        ("format: 1", "format: 1\nall: true", "lesson.unknown-key", 2),
        ("waivers:", "waiver:", "lesson.misspelt-key", 2),
    ],
)
def test_a_file_of_waivers_that_is_wrong_is_wrong_use_with_its_line(
    tmp_path: Path, old: str, new: str, code: str, line: int
) -> None:
    text = ("format: 1\nwaivers:\n" + waiver()).replace(old, new, 1)
    with pytest.raises(UsageError) as caught:
        read_waivers(written(tmp_path, text))
    assert (code, line) in [(each.code, each.place and each.place.line) for each in caught.value.problems]


@pytest.mark.parametrize("text", ["", "[]", "\0", "waivers: " + "[" * 1_000])
def test_what_is_no_file_of_waivers_is_wrong_use(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError):
        read_waivers(written(tmp_path, text))


def test_a_file_of_waivers_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_waivers(tmp_path / "gone.yaml")


def checked(work: Path, *, accept: bool = False, given: tuple[Waiver, ...] = ()) -> Report:
    profile = load_check_profile(select=["SUB-001", "WVR-*"])
    return check_paths([work], CheckOptions(profile, waivers=given, accept_waivers=accept, today=TODAY))


def test_waivers_beside_a_submission_hold(tmp_path: Path) -> None:
    result = checked(waived_work(tmp_path, waiver()))
    assert (waived(result), told(result), result.exit_code("warning")) == (["SUB-001"], [], 0)


def test_a_submission_cannot_waive_rules_for_itself(tmp_path: Path) -> None:
    work = waived_work(tmp_path, waiver(path="notes.txt"), inside=True)
    result = checked(work)
    assert (waived(result), told(result), result.exit_code()) == ([], [("WVR-002", "warn")], 1)


def test_the_checking_side_may_accept_what_a_submission_brings(tmp_path: Path) -> None:
    work = waived_work(tmp_path, waiver(path="notes.txt"), inside=True)
    result = checked(work, accept=True)
    assert (waived(result), told(result), result.exit_code("warning")) == (["SUB-001"], [], 0)


def test_waivers_may_be_given_by_name(tmp_path: Path) -> None:
    work = waived_work(tmp_path)
    path = written(tmp_path, "format: 1\nwaivers:\n" + waiver(path="notes.txt"))
    assert waived(checked(work, given=read_waivers(path))) == ["SUB-001"]


def test_a_broken_file_of_waivers_beside_a_submission_waives_nothing(tmp_path: Path) -> None:
    work = waived_work(tmp_path, waiver(), waiver(path="work/speech.srt", content=CAPTIONS, expires="soon"))
    result = checked(work)
    assert (waived(result), told(result), result.exit_code()) == ([], [("WVR-001", "fail")], 1)
