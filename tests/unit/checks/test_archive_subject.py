"""ZIPs as subjects: what they are taken for, what comes out of them, and what is judged inside."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.checks.judge import Judged, judge
from pipeline.checks.subject import Kind, Submitted, Task
from pipeline.rulebook import load_check_profile
from tests.unit.checks.hostile_documents import windows_program
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes

PROFILE = load_check_profile(select=["ARC-*", "DNG-*", "MAL-*"])


def judged(folder: Path, *items: Item, depth: int = 0, settled: bool = False) -> Judged:
    path = write(folder, zip_bytes(items))
    scratch = folder / "scratch"
    scratch.mkdir()
    return judge(Task(Submitted(path, "work.zip", "work.zip", Kind.ARCHIVE, depth, settled), scratch), PROFILE)


def rules(result: Judged) -> list[str]:
    return [each.rule for each in result.report.findings]


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["index.html"], "package"),
        (["app/Start.XHTML", "app/a.js"], "package"),
        (["lesson.yaml", "app/index.html"], "archive"),
        (["work/scenario.yaml", "work/readme.html"], "archive"),
        (["a.png"], "archive"),
        (["a.png", "__MACOSX/._index.html"], "archive"),
    ],
)
def test_a_zip_is_taken_for_what_it_holds(names: list[str], kind: str, tmp_path: Path) -> None:
    assert judged(tmp_path, *(Item(name, b"a") for name in names)).report.kind == kind


def test_an_archive_out_of_another_stays_one(tmp_path: Path) -> None:
    assert judged(tmp_path, index(), depth=1, settled=True).report.kind == "archive"


def test_a_submission_is_unpacked_into_its_private_folder(tmp_path: Path) -> None:
    result = judged(tmp_path, Item("lesson.yaml", b"a: 1"), Item("media/ә.png", b"png"), Item(".hidden", b""))
    (folder,) = result.produced
    assert folder.kind is Kind.SUBMISSION
    assert sorted(path.relative_to(folder.path).as_posix() for path in folder.path.rglob("*") if path.is_file()) == [
        ".hidden",
        "lesson.yaml",
        "media/ә.png",
    ]
    assert folder.path.is_relative_to(tmp_path / "scratch")


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    result = judged(tmp_path, Item("a.png", b"a"), Item("../../b.png", b"b"), Item(f"{tmp_path}/c.png", b"c"))
    assert rules(result) == ["ARC-006", "ARC-006"]
    assert not (tmp_path / "b.png").exists()
    assert not (tmp_path.parent / "b.png").exists()
    assert not (tmp_path / "c.png").exists()


def test_a_link_is_never_made(tmp_path: Path) -> None:
    link = Item("a.png", b"/etc/passwd", central={"attributes": 0o120777 << 16})
    (folder,) = judged(tmp_path, link, Item("b.png", b"b")).produced
    assert [path.name for path in folder.path.iterdir()] == ["b.png"]


def test_what_contradicts_itself_is_not_unpacked(tmp_path: Path) -> None:
    result = judged(tmp_path, Item("a.png", b"a"), Item("a.png", b"b"))
    assert (rules(result), result.produced) == (["ARC-009"], ())


def test_files_of_a_submission_are_left_to_be_judged_one_by_one(tmp_path: Path) -> None:
    assert rules(judged(tmp_path, Item("lesson.yaml", b"a"), Item("setup.exe", windows_program()))) == []


def test_files_of_an_archive_in_a_package_are_judged_in_it(tmp_path: Path) -> None:
    program = Item("setup.exe", windows_program())
    assert rules(judged(tmp_path, program, depth=1, settled=True)) == ["DNG-001"]


def test_an_archive_in_a_submission_is_a_submission_too_but_not_one_deeper(tmp_path: Path) -> None:
    script = Item("lesson.yaml", b"a: 1")
    for depth, produced in ((1, 1), (2, 0)):
        (tmp_path / str(depth)).mkdir()
        result = judged(tmp_path / str(depth), script, depth=depth)
        assert (rules(result), len(result.produced)) == (["ARC-002"] if depth == 2 else [], produced)


def test_dangerous_names_in_an_encrypted_archive_are_told_too(tmp_path: Path) -> None:
    hidden = Item("setup.exe", b"x" * 40, local={"flags": 1}, central={"flags": 1})
    assert rules(judged(tmp_path, index(), hidden)) == ["ARC-008", "DNG-001"]


def test_archives_inside_a_package_come_out_to_be_judged(tmp_path: Path) -> None:
    inside = zip_bytes([Item("a.txt", b"a")])
    result = judged(tmp_path, index(), Item("img/more.zip", inside), Item("plan.docx", inside), Item("a.dat", inside))
    assert [(each.shown, each.kind, each.depth, each.settled) for each in result.produced] == [
        ("work.zip!img/more.zip", Kind.ARCHIVE, 1, True),
        ("work.zip!a.dat", Kind.ARCHIVE, 1, True),
    ]
    assert result.produced[0].path.read_bytes() == inside


@pytest.mark.parametrize("name", ["data/x.dat", "notes", "plan.docx"])
def test_an_archive_behind_noise_comes_out_whatever_it_is_called(name: str, tmp_path: Path) -> None:
    result = judged(tmp_path, index(), Item(name, zip_bytes([Item("a.exe")], prefix=b"noise " * 20)))
    assert [each.name for each in result.produced] == [name]


def test_no_archive_comes_out_deeper_than_the_limit(tmp_path: Path) -> None:
    result = judged(tmp_path, Item("more.zip", zip_bytes([Item("a.txt", b"a")])), depth=2, settled=True)
    assert (rules(result), result.produced) == (["ARC-002"], ())


def test_rules_after_an_unreadable_directory_are_blocked_by_its_rule(tmp_path: Path) -> None:
    path = write(tmp_path, zip_bytes([index()])[:-30])
    report = judge(Task(Submitted(path, "a.zip", "a.zip", Kind.ARCHIVE), tmp_path), PROFILE).report
    assert [each.rule for each in report.findings] == ["ARC-003"]
    assert set(report.blocked.values()) == {"ARC-003"}
    assert report.blocked["DNG-003"] == "ARC-003"
