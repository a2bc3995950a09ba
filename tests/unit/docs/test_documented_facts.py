"""Documents keep step with the files they speak of, and say nothing of the machines they were written on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pipeline.lesson.vocabulary import SCHEMA
from pipeline.specs import load_json, load_structure, load_yaml, specs_folder
from tests.unit.docs.documents import DOCUMENTS, README, ROOT, read

_ELSEWHERE = re.compile(
    r"""(?<![\w.-])/(?:home|root|work|Users)/      # somebody's own folder
      | \b(?:pypi|pythonhosted|npmjs|debian|crates)\.(?:org|com|io)\b
      | \.\./shared\b
      | \b(?:TODO|FIXME|TBD)\b""",
    re.VERBOSE,
)


@pytest.mark.parametrize(
    "path", [*DOCUMENTS, ROOT / "Dockerfile", ROOT / ".pre-commit-config.yaml"], ids=lambda path: path.name
)
def test_nothing_leads_back_to_a_workplace(path: Path) -> None:
    assert [match[0] for match in _ELSEWHERE.finditer(read(path))] == []


@pytest.mark.parametrize("text", ["see /home/anna/x", "from files.pythonhosted.org", "TODO: write"])
def test_a_workplace_would_be_noticed(text: str) -> None:
    assert _ELSEWHERE.search(text)


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))
    extras = [each for group in project["project"]["optional-dependencies"].values() for each in group]
    asked = [*project["project"]["dependencies"], *extras, *project["dependency-groups"]["dev"]]
    names = {re.split(r"[<>=;\[ ]", each)[0] for each in asked}
    text = read(ROOT / "docs" / "decisions" / "dependencies.md")
    assert {name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)} == set()


def test_readme_names_every_key_of_the_script() -> None:
    keys = set(load_json(SCHEMA)["properties"])
    assert {key for key in keys if f"{key}:" not in read(README) and f"`{key}`" not in read(README)} == set()


def test_architecture_tells_the_layers_of_the_contract() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    told = " > ".join(layer.replace("pipeline.", "") for layer in layers)
    assert f"`{told}`" in read(ROOT / "ARCHITECTURE.md")


def test_every_clause_a_spec_cites_is_in_the_sources() -> None:
    text = read(ROOT / "docs" / "sources.md")
    cited = set()
    for path in (ROOT / "specs").rglob("*.yaml"):
        cited |= set(re.findall(r"\b(?:concept|clause:? |clause concept) ?([A-H]\d+)", read(path)))
    assert cited
    assert {clause for clause in cited if f"| {clause} |" not in text} == set()


def test_figures_of_the_closing_message_are_those_of_the_specs() -> None:
    texts = load_yaml(specs_folder() / "texts.yaml")
    characters, speed = len(texts["closing"]["kk"]["text"]), texts["reading_speed"]
    ends = load_structure().parts[-1].ends_with
    assert ends is not None
    seconds = ends.frames / load_structure().fps
    told = f"needs {characters / speed:.1f} s at {speed} characters a second ({characters} characters), so {seconds}"
    assert told in read(ROOT / "docs" / "decisions" / "ten-minutes.md")


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = {path.name for path in folder.glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"({page})" not in read(folder / "README.md")} == set()
