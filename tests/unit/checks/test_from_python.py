"""The check as a Python program calls it: any kind of program, any kind of path, no surprises."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.checks import CheckOptions, Report, UsageError, check_paths, load_check_profile
from tests.unit.checks.pictures import sun

ROOT = Path(__file__).resolve().parents[3]
OPTIONS = CheckOptions(load_check_profile(select=["PIC-002"]))
UNGUARDED = """
from pipeline.checks import check_paths
print("begun")
for subject, finding in check_paths("wrong.png").findings():
    print(subject.path, finding.rule, finding.measured, finding.expected)
"""


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A JPEG that is called PNG."""
    path = tmp_path / "wrong.png"
    path.write_bytes(sun("JPEG"))
    return path


def rules(report: Report) -> list[str]:
    return [finding.rule for _, finding in report.findings()]


@pytest.mark.parametrize("given", [["script.py"], ["-"], ["-c", UNGUARDED]], ids=["file", "standard input", "option"])
def test_a_program_without_a_main_guard_runs_once_and_gets_its_report(wrong: Path, given: list[str]) -> None:
    (wrong.parent / "script.py").write_text(UNGUARDED)
    done = subprocess.run(
        [sys.executable, *given],
        input=UNGUARDED,
        cwd=wrong.parent,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == "begun"
    assert done.stdout.splitlines()[1:].count("begun") == 0
    assert "wrong.png PIC-002 .png .jpg" in done.stdout


def test_the_program_keeps_its_main_module(wrong: Path) -> None:
    before = sys.modules["__main__"]
    with ThreadPoolExecutor(3) as threads:
        reports = list(threads.map(lambda path: check_paths(path, OPTIONS), [wrong] * 3))
    assert [rules(each) for each in reports] == [["PIC-002"]] * 3
    assert sys.modules["__main__"] is before


def test_one_path_or_several_of_any_type(wrong: Path) -> None:
    for paths in (wrong, str(wrong), [wrong], (str(wrong),), wrong.parent.glob("*.png")):
        assert rules(check_paths(paths, OPTIONS)) == ["PIC-002"]


@pytest.mark.parametrize("paths", [[], "", [""], "nowhere", ["nowhere"]])
def test_nothing_to_judge_is_wrong_use_and_no_clean_report(
    paths: str | list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError):
        check_paths(paths)
