"""What there is to judge is found whole: nothing passed over, nothing followed, nothing opened that must not be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.checks import discover as discovery
from pipeline.checks.discover import DEEPEST, Unit, discover, shown_path, waivers_beside
from pipeline.checks.subject import Kind
from pipeline.errors import UsageError

PAGE = "<!doctype html><title>a</title>"


def lay(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")
    return folder


def listed(units: list[Unit]) -> list[tuple[str, list[str]]]:
    """Each unit: what its submission is called, and names of its files with their kinds."""
    return [
        (unit.submission.shown if unit.submission else "", [f"{file.name} {file.kind}" for file in unit.files])
        for unit in units
    ]


def test_a_folder_is_a_submission_with_all_its_files(tmp_path: Path) -> None:
    work = lay(tmp_path / "work", "lesson.yaml", "media/a.png", ".hidden", "media/.DS_Store")
    assert listed(discover([work])) == [
        ("work", [".hidden other", "lesson.yaml script", "media/.DS_Store other", "media/a.png picture"])
    ]


def test_a_season_holds_submissions_and_what_lies_loose(tmp_path: Path) -> None:
    season = lay(tmp_path / "season", "one/lesson.yaml", "deep/two/scenario.yaml", "loose.txt", "deep/other.png")
    units = discover([season])
    assert sorted(listed(units)) == [
        ("season", ["deep/other.png picture", "loose.txt other"]),
        ("season/deep/two", ["scenario.yaml scenario"]),
        ("season/one", ["lesson.yaml script"]),
    ]
    assert [unit.whole for unit in units if unit.submission and unit.submission.shown == "season"] == [False]


def test_a_season_without_loose_files_is_nothing_of_its_own(tmp_path: Path) -> None:
    assert [name for name, _ in listed(discover([lay(tmp_path / "s", "a/lesson.yaml", "b/lesson.yaml")]))] == [
        "s/a",
        "s/b",
    ]


def test_a_lesson_inside_a_lesson_is_a_submission_of_its_own(tmp_path: Path) -> None:
    units = discover([lay(tmp_path / "work", "lesson.yaml", "old/lesson.yaml")])
    assert [(unit.submission.shown, unit.whole) for unit in units if unit.submission] == [
        ("work/old", True),
        ("work", True),
    ]


def test_an_unpacked_application_is_one_thing(tmp_path: Path) -> None:
    work = lay(tmp_path / "work", "lesson.yaml", "app/index.html", "app/js/a.js")
    assert listed(discover([work])) == [("work", ["app package", "lesson.yaml script"])]
    assert listed(discover([work / "app"])) == [("", ["app package"])]


def test_a_script_makes_a_submission_of_a_folder_that_has_a_page_too(tmp_path: Path) -> None:
    work = lay(tmp_path / "work", "lesson.yaml", "index.html")
    assert listed(discover([work])) == [("work", ["index.html other", "lesson.yaml script"])]


def test_folders_that_a_program_left_behind_are_told_whole(tmp_path: Path) -> None:
    work = lay(tmp_path / "work", "a.png", ".git/config", ".git/objects/aa/bb", "__MACOSX/._a.png")
    assert listed(discover([work])) == [("work", [".git other", "__MACOSX other", "a.png picture"])]


def test_an_empty_folder_is_a_submission_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "work" / "media").mkdir(parents=True)
    assert listed(discover([tmp_path / "work"])) == [("work", [])]


def test_links_pipes_and_folder_links_are_told_and_not_followed(tmp_path: Path) -> None:
    work = lay(tmp_path / "work", "a.png")
    lay(tmp_path / "elsewhere", "secret.png")
    (work / "up").symlink_to("..", target_is_directory=True)
    (work / "elsewhere").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (work / "gone.png").symlink_to("nothing")
    os.mkfifo(work / "pipe.mp3")
    assert listed(discover([work])) == [
        ("work", ["a.png picture", "elsewhere link", "gone.png link", "pipe.mp3 link", "up link"])
    ]


def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = lay(tmp_path / "work", "a.png", "closed/b.png")
    real = os.scandir

    def refused(path: str | Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(discovery.os, "scandir", refused)
    assert listed(discover([work])) == [("work", ["a.png picture", "closed link"])]


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = lay(tmp_path / "work", "a.png")

    def refused(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pipeline.checks.kinds.os.open", refused)
    assert listed(discover([work])) == [("work", ["a.png link"])]


def test_folders_too_deep_are_told_and_not_followed(tmp_path: Path) -> None:
    deep = lay(tmp_path / "work", "a.png")
    for _ in range(DEEPEST + 20):
        deep = deep / "x"
    deep.mkdir(parents=True)
    (name, files) = listed(discover([tmp_path / "work"]))[0]
    assert name == "work"
    assert [file for file in files if file.endswith(" link")] == ["/".join(["x"] * (DEEPEST + 1)) + " link"]


def test_lessons_inside_lessons_do_not_lead_deeper_than_folders_may(tmp_path: Path) -> None:
    deep = tmp_path / "work"
    for _ in range(DEEPEST + 20):
        deep = deep / "x"
        deep.mkdir(parents=True)
        (deep / "lesson.yaml").write_text("x", encoding="utf-8")
    units = discover([tmp_path / "work"])
    assert sum(unit.submission is not None for unit in units) == DEEPEST
    assert [file.kind for unit in units for file in unit.files if file.kind is not Kind.SCRIPT] == [Kind.LINK]


def test_names_that_are_no_text_are_shown_with_their_bytes(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / os.fsdecode("сабақ.png".encode("kz1048"))).write_bytes(b"x")
    ((unit),) = discover([work])
    assert unit.files[0].shown.isascii()
    assert unit.files[0].shown.startswith("work/\\x")
    assert unit.files[0].shown.encode()


def test_a_name_that_would_command_a_terminal_is_shown_harmless(tmp_path: Path) -> None:
    work = lay(tmp_path / "work", "a\x1b[31m.png")
    assert discover([work])[0].files[0].shown == "work/a\\u{001B}[31m.png"


def test_paths_are_shown_as_seen_from_here_and_never_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = lay(tmp_path / "work", "a.png")
    assert shown_path(work) == "work"
    monkeypatch.chdir(tmp_path)
    assert shown_path(work / "a.png") == "work/a.png"
    monkeypatch.chdir(work)
    assert listed(discover([Path()])) == [(".", ["a.png picture"])]
    assert discover([Path()])[0].files[0].shown == "a.png"


def test_a_path_named_twice_is_judged_once(tmp_path: Path) -> None:
    work = lay(tmp_path / "work", "a.png")
    assert listed(discover([work / "a.png", work, work])) == [("work", ["a.png picture"])]
    assert listed(discover([work / "a.png", work / "a.png"])) == [("", ["a.png picture"])]


@pytest.mark.parametrize("name", ["gone", "x" * 5_000])
def test_a_path_that_is_not_there_is_wrong_use(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        discover([tmp_path / name])


def test_many_thousand_files_are_listed_quickly(tmp_path: Path) -> None:
    work = tmp_path / "work"
    for folder in range(20):
        (work / str(folder)).mkdir(parents=True)
        for number in range(100):
            (work / str(folder) / f"{number}.png").touch()
    assert len(discover([work])[0].files) == 2_000


@pytest.mark.parametrize(
    ("named", "waivers", "accepted"),
    [
        ("work", "telesabaq-waivers.yaml", True),
        ("work", "work/telesabaq-waivers.yaml", False),
        ("work/lesson.yaml", "work/telesabaq-waivers.yaml", False),
        ("work/media", "work/telesabaq-waivers.yaml", False),
        ("app/js", "app/telesabaq-waivers.yaml", False),
        ("loose/a.png", "loose/telesabaq-waivers.yaml", True),
        ("telesabaq-waivers.yaml", "telesabaq-waivers.yaml", True),
    ],
)
def test_waivers_beside_a_submission_are_the_checking_sides(
    tmp_path: Path, named: str, waivers: str, accepted: bool
) -> None:
    lay(tmp_path, "work/lesson.yaml", "work/media/a.png", "app/index.html", "app/js/a.js", "loose/a.png", waivers)
    assert [each.path for each in waivers_beside([tmp_path / named])] == ([tmp_path / waivers] if accepted else [])


def test_waivers_under_another_named_path_are_not_beside(tmp_path: Path) -> None:
    lay(tmp_path, "inbox/telesabaq-waivers.yaml", "inbox/work/lesson.yaml")
    assert waivers_beside([tmp_path / "inbox" / "work", tmp_path / "inbox"]) == []


def test_a_link_beside_a_submission_is_no_waivers(tmp_path: Path) -> None:
    lay(tmp_path, "work/lesson.yaml", "elsewhere/w.yaml")
    (tmp_path / "telesabaq-waivers.yaml").symlink_to("elsewhere/w.yaml")
    assert waivers_beside([tmp_path / "work"]) == []
