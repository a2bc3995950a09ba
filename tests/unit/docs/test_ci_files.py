"""The files that carry a check into CI: they hold together with the command, and with what the page about them says."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from ruamel.yaml import YAML

from pipeline.checks import read_waivers
from pipeline.checks.kinds import kind_of_bytes
from pipeline.checks.subject import Kind
from pipeline.cli.check import command
from pipeline.rulebook import profile_names
from tests.unit.docs.documents import ROOT, blocks, read

PAGE = ROOT / "docs" / "ci.md"
OPTIONS = {name for param in command.params for name in param.opts}


def loaded(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


ACTION = loaded(read(ROOT / "action.yml"))
[HOOK] = loaded(read(ROOT / ".pre-commit-hooks.yaml"))


def step(name: str) -> dict[str, Any]:
    return next(each for each in ACTION["runs"]["steps"] if each.get("name") == name)


def run_check(tmp_path: Path, code: int, **given: str) -> tuple[subprocess.CompletedProcess[str], list[str], str]:
    """The action's own script, with a command in the place of ours that writes down how it was called."""
    binary = tmp_path / "telesabaq" / "bin" / "telesabaq"
    binary.parent.mkdir(parents=True)
    binary.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/called"\nexit {code}\n')
    binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
    output = tmp_path / "output"
    inputs = {name: each.get("default", "submissions") for name, each in ACTION["inputs"].items()} | given
    asked = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
    variables = {name: asked.sub(lambda match: inputs[match[1]], value) for name, value in step("Check")["env"].items()}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step("Check")["run"]],
        env=os.environ | variables | {"RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(output)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done, (tmp_path / "called").read_text().splitlines(), output.read_text()


@pytest.mark.parametrize("code", [0, 1, 4])
def test_the_action_hands_the_exit_code_on(tmp_path: Path, code: int) -> None:
    done, _, output = run_check(tmp_path, code)
    assert done.returncode == code
    assert output == f"exit-code={code}\n"


def test_the_action_calls_the_command_as_it_is(tmp_path: Path) -> None:
    _, called, _ = run_check(tmp_path, 0, path="a b\n\n  \n$(touch hacked)\n", profile="tv-lesson")
    assert called[0] == "check"
    assert {word for word in called if word.startswith("--") and word != "--"} <= OPTIONS
    assert called[called.index("--") + 1 :] == ["a b", "$(touch hacked)"]
    assert called[called.index("--profile") + 1] == "tv-lesson"
    assert not (tmp_path / "hacked").exists()


def test_the_action_has_to_be_told_what_to_judge() -> None:
    """The root of a checkout holds `.git` and the like, so there is no default that could come out clean."""
    assert ACTION["inputs"]["path"]["required"] is True
    assert [name for name, each in ACTION["inputs"].items() if "default" not in each] == ["path"]


def test_no_script_of_the_action_is_put_together_from_inputs() -> None:
    assert not [each for each in ACTION["runs"]["steps"] if "${{" in each.get("run", "")]


def test_the_action_offers_what_there_is() -> None:
    told = ACTION["inputs"]["profile"]["description"]
    assert all(name in told for name in profile_names())
    assert ACTION["outputs"]["exit-code"]["value"] == "${{ steps.check.outputs.exit-code }}"
    assert step("Check")["id"] == "check"


def test_the_hook_calls_the_command_as_it_is() -> None:
    assert HOOK["entry"] == "telesabaq check"
    assert set(HOOK["args"]) <= OPTIONS


@pytest.mark.parametrize("name", ["a.JPG", "b/c.svg", "d.mp4", "lesson.yaml", "x/scenario.yaml", "app.zip", "s.vtt"])
def test_the_hook_takes_what_a_check_knows(name: str) -> None:
    assert re.search(HOOK["files"], name)
    assert kind_of_bytes(b"?", name) is not Kind.OTHER


@pytest.mark.parametrize("name", ["code.py", "my-lesson.yaml.txt", "notlesson.yaml", "readme.md"])
def test_the_hook_leaves_other_files_alone(name: str) -> None:
    assert not re.search(HOOK["files"], name)


def test_the_page_shows_files_that_can_be_read() -> None:
    shown = [loaded(block.text) for block in blocks(read(PAGE)) if block.language == "yaml"]
    workflow, gitlab, hooks, _ = shown
    used = workflow["jobs"]["check"]["steps"][1]
    assert set(used["with"]) <= set(ACTION["inputs"])
    assert "junit.xml" in gitlab["telesabaq"]["script"][0]
    assert gitlab["telesabaq"]["artifacts"]["reports"]["junit"] == "junit.xml"
    assert hooks["repos"][0]["hooks"][0]["id"] == HOOK["id"]
    options = {word for word in gitlab["telesabaq"]["script"][0].split() if word.startswith("--")}
    assert options <= OPTIONS


def test_the_waivers_shown_can_be_read(tmp_path: Path) -> None:
    *_, waivers = [block.text for block in blocks(read(PAGE)) if block.language == "yaml"]
    (tmp_path / "waivers.yaml").write_text(waivers, encoding="utf-8")
    [waiver] = read_waivers(tmp_path / "waivers.yaml")
    assert waiver.expires == date(2026, 12, 31)


def test_the_program_shown_runs(tmp_path: Path) -> None:
    [program] = [block.text for block in blocks(read(PAGE)) if block.language == "python"]
    with ZipFile(tmp_path / "work.zip", "w") as archive:
        archive.writestr("notes.txt", "no lesson")
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    assert "work.zip!notes.txt other SUB-001 fail" in done.stdout


def test_the_page_tells_every_exit_code_of_a_check() -> None:
    assert re.findall(r"^\| (\d) \|", read(PAGE), re.MULTILINE) == ["0", "1", "2", "3", "4"]
