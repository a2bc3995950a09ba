"""What the documents tell to type exists, and what exists is told."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from pipeline.cli.main import COMMANDS, telesabaq
from tests.unit.docs.documents import DOCUMENTS, GUIDES, README, ROOT, code, named, read

_CALL = re.compile(r"(?:^|[\s(])telesabaq((?: +--lang +\S+)?) +([a-z]+)\b(.*)")
_MAKE = re.compile(r"(?:^|\s)make((?: [a-z][a-z-]*)+)")
_OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]+)")
_VARIABLE = re.compile(r"\bTELESABAQ_[A-Z_]+\b")
_PATH = re.compile(r"(?:pipeline|specs|tests|docs|sample_lessons|studio|assets|benchmarks)/[\w./-]+")
_MODULE = re.compile(r"(?:audio|cards|cli|lesson|media|render|timeline)/\w+\.py")

MADE_ON_THE_WAY = {"benchmarks/results/"}
"""Folders that a command of the documents makes."""

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=named)


def options_of(command: click.Command) -> set[str]:
    return {name for param in command.params for name in param.opts if name.startswith("--")} | {"--help"}


def commands() -> dict[str, click.Command]:
    context = click.Context(telesabaq)
    found = {name: telesabaq.get_command(context, name) for name in COMMANDS}
    return {name: command for name, command in found.items() if command is not None}


@each_document
def test_commands_and_their_options_exist(document: Path) -> None:
    known = commands()
    for line in code(read(document)):
        call = _CALL.search(line)
        if call is None:
            continue
        assert call[2] in known, line
        asked = set(_OPTION.findall(call[3].partition("#")[0]))
        assert asked <= options_of(known[call[2]]), line


@each_document
def test_make_targets_exist(document: Path) -> None:
    makefile = read(ROOT / "Makefile")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    for line in code(read(document)):
        for call in _MAKE.findall(line.partition("#")[0]):
            assert set(call.split()) <= targets, line


@each_document
def test_files_that_are_named_exist(document: Path) -> None:
    for line in code(read(document)):
        if "<" in line or "…" in line:
            continue
        for path in _PATH.findall(line):
            assert path in MADE_ON_THE_WAY or (ROOT / path.rstrip(".")).exists(), path
        for path in _MODULE.findall(line):
            assert (ROOT / path).exists() or (ROOT / "pipeline" / path).exists(), path


def test_readme_names_every_command_and_every_option() -> None:
    text = read(README)
    for name, command in commands().items():
        assert f"telesabaq {name}" in text
        for option in options_of(command) - {"--help"}:
            assert option in text, f"{name} {option}"
    assert "--lang" in text


def test_guides_name_every_command() -> None:
    for guide in GUIDES:
        for name in COMMANDS:
            assert f"telesabaq {name}" in read(guide), guide.name


def test_readme_names_the_variables_that_the_code_reads() -> None:
    sources = "".join(read(path) for path in (ROOT / "pipeline").rglob("*.py"))
    told = set(_VARIABLE.findall(read(README)))
    assert told == set(_VARIABLE.findall(sources))


@pytest.mark.parametrize("kind", ["profiles", "structures"])
def test_readme_names_every_profile_and_structure(kind: str) -> None:
    names = {path.stem for path in (ROOT / "specs" / kind).glob("*.yaml")}
    assert names
    assert all(f"`{name}`" in read(README) for name in names)
