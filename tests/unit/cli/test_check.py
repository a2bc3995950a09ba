"""telesabaq check as a shell sees it: exit codes, forms, where the report goes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import junitparser
import pytest

from pipeline.checks.run import CheckOptions
from pipeline.cli import main
from pipeline.reports.forms import FORMS, rendered
from pipeline.reports.model import Report
from tests.unit.cli.test_commands import telesabaq
from tests.unit.reports.by_hand import CLEAN, CRASHED, LESSON, NAMED_TO_HARM, PHOTO, everything, report

WARNED = replace(PHOTO, findings=PHOTO.findings[:2])

Run = Callable[..., int]


@pytest.fixture
def asked() -> list[CheckOptions]:
    """The options that the library was called with."""
    return []


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, asked: list[CheckOptions]) -> Run:
    """Runs the command on a check that found what the test says; its exit code."""

    def run(found: Report, *words: str | Path) -> int:
        def check(_paths: Sequence[Path], options: CheckOptions, **_: object) -> Report:
            asked.append(options)
            return found

        monkeypatch.setattr("pipeline.checks.run.check_paths", check)
        monkeypatch.setattr(sys, "argv", ["telesabaq", "check", *map(str, words)])
        with pytest.raises(SystemExit) as leaving:
            main.main()
        assert isinstance(leaving.value.code, int)
        return leaving.value.code

    for name in ("TELESABAQ_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return run


@pytest.mark.parametrize(
    ("found", "words", "code"),
    [
        (report(CLEAN), [], 0),
        (report(NAMED_TO_HARM), ["--fail-on", "warning"], 0),
        (report(WARNED), [], 0),
        (report(WARNED), ["--fail-on", "warning"], 1),
        (report(LESSON), [], 1),
        (report(CRASHED), [], 4),
        (report(CRASHED, LESSON), ["--fail-on", "warning"], 4),
        (report(CRASHED, broken=True), [], 3),
    ],
    ids=["clean", "waived", "warned", "warned-strictly", "failed", "not-judged", "not-judged-and-failed", "broken"],
)
def test_the_exit_code_says_how_it_went(run: Run, found: Report, words: list[str], code: int) -> None:
    assert run(found, ".", *words) == code


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nowhere"],
        [""],
        [".", "--format", "pdf"],
        [".", "--profile", "cinema"],
        [".", "--select", "NIL-000"],
        [".", "--ignore", "nothing"],
        [".", "--fail-on", "note"],
        [".", "--jobs", "0"],
        [".", "--also", "sarif"],
        [".", "--also", "pdf=a.pdf"],
        [".", "--waivers", "nowhere.yaml"],
        [".", "--lang", "de"],
        [".", "-o", "file/report.txt", "--select", "RUN-001"],
        [".", "-o", "a.html", "--also", "html=./a.html"],
        ["file", "-o", "file"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_exit_code_2_without_a_traceback(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "file").touch()
    done = telesabaq("check", *words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


@pytest.mark.parametrize("form", list(FORMS))
def test_every_form_is_printed_and_written_alike(
    run: Run, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(everything(), ".", "--format", form)
    assert capsys.readouterr().out == rendered(everything(), form, "en")
    run(everything(), ".", "--format", form, "-o", tmp_path / "report")
    assert capsys.readouterr().out == ""
    assert (tmp_path / "report").read_text("utf-8") == rendered(everything(), form, "en")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_one_check_is_told_in_several_forms(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {form: tmp_path / form for form in ("json", "junit", "html")}
    words = [word for form, file in files.items() for word in ("--also", f"{form}={file}")]
    assert run(report(LESSON), ".", *words) == 1
    assert "There is no grade 12." in capsys.readouterr().out
    assert json.loads(files["json"].read_text("utf-8"))["summary"]["errors"] == 1
    assert junitparser.JUnitXml.fromfile(str(files["junit"])).failures == 1
    assert files["html"].read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(("words", "text"), [(["--lang", "kk"], "12-сынып жоқ."), (["--lang=ru"], "Класса 12 нет.")])
def test_the_report_is_in_the_language_asked_for(
    run: Run, words: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(report(LESSON), ".", *words)
    assert text in capsys.readouterr().out


def test_options_reach_the_library(run: Run, asked: list[CheckOptions], tmp_path: Path) -> None:
    run(report(), ".", "--select", "RUN-*", "--jobs", "3", "--quick", "--format", "html", "--accept-waivers")
    [options] = asked
    assert set(options.profile.rules) == {"RUN-001"}
    assert (options.jobs, options.quick, options.thumbnails, options.accept_waivers) == (3, True, True, True)
    run(report(), ".", "--also", f"html={tmp_path / 'a.html'}")
    run(report(), ".")
    assert [each.thumbnails for each in asked] == [True, True, False]
    assert asked[-1].jobs == len(os.sched_getaffinity(0))


def test_without_a_terminal_there_are_no_colours(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    done = telesabaq("check", "a.png", cwd=tmp_path)
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith("a.png  (picture)\n")
    assert done.returncode == 1


def test_a_file_that_cannot_be_judged_in_full_is_no_pass(tmp_path: Path) -> None:
    done = telesabaq("check", tmp_path, cwd=tmp_path, TELESABAQ_LANG="en")
    assert "No errors and no warnings." not in done.stdout


def test_an_interrupted_check_prints_no_traceback(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[3])
    # Decoding it whole takes far longer than anybody needs to press Ctrl-C.
    clip = Path(root) / "sample_lessons" / "kk-8-algebra-quadratic" / "media" / "teacher-1.mp4"
    shutil.copyfile(clip, tmp_path / "clip.mp4")
    command = [sys.executable, "-m", "pipeline.cli.main", "check", "."]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": root, "TMPDIR": str(tmp_path.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.parent.glob("telesabaq-check-*")) and time.monotonic() < deadline:
            os.sched_yield()
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err.decode()
    assert b"Traceback" not in err
    assert out == b""
    assert not list(tmp_path.parent.glob("telesabaq-*"))
